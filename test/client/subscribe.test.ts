import { publish, shown } from '../../marble-tests/support.js';
import { connected } from './connected.js';

describe('subscribe()', () => {
  it('is cold: sends nothing before it is subscribed to', () => {
    connected((world) => {
      world.client.subscribe('a');
      world.by(100);
      expect(world.wire).toEqual([]);
    });
  });

  it('sends SUBSCRIBE with the first observer and UNSUBSCRIBE after the last', () => {
    connected((world) => {
      const one = world.watch(world.client.subscribe('a'));
      world.by(10);
      expect(world.take()).toEqual(['0 SUBSCRIBE #1 a:0 id=1']);
      const two = world.watch(world.client.subscribe('a'));
      world.by(10);
      world.take();
      one.subscription.unsubscribe();
      world.by(10);
      expect(world.take()).toEqual([]);
      two.subscription.unsubscribe();
      world.by(10);
      expect(world.take()).toEqual(['30 UNSUBSCRIBE #3 a']);
    });
  });

  it('requests all filters of a tick in one packet', () => {
    connected((world) => {
      world.fire(world.client.subscribe('a', { qos: 1 }));
      world.fire(world.client.subscribe(['b', 'c/+'], { qos: 2 }));
      const gone = world.watch(world.client.subscribe('d'));
      gone.subscription.unsubscribe();
      world.by(0);
      expect(world.take()).toEqual(['0 SUBSCRIBE #1 a:1 b:2 c/+:2 id=1']);
    });
  });

  it('is sent before a later publish, so that a client that subscribes first sees its own message', () => {
    connected((world) => {
      world.fire(world.client.subscribe('a'));
      world.fire(world.client.publish('a', 'x'));
      world.fire(world.client.subscribe('b'));
      world.fire(world.client.publish('b', 'y'));
      world.by(0);
      const order = world.take().map((line) => line.split(' ')[1]);
      expect(order).toEqual(['SUBSCRIBE', 'PUBLISH', 'SUBSCRIBE', 'PUBLISH']);
    });
  });

  it('sends nothing for an unsubscribe and a subscribe in one tick', () => {
    connected((world) => {
      const { subscription } = world.watch(world.client.subscribe('a'));
      world.by(10);
      world.take();
      subscription.unsubscribe();
      const { log } = world.watch(world.client.subscribe('a'), shown);
      world.by(10);
      expect(world.wire).toEqual([]);
      world.line.send(publish('a', 'x'));
      expect(log).toEqual(['20 a=x']);
    });
  });

  it('is sent again when the next observer of that tick has other options', () => {
    connected((world) => {
      const { subscription } = world.watch(world.client.subscribe('a'));
      world.by(10);
      world.take();
      subscription.unsubscribe();
      world.fire(world.client.subscribe('a', { noLocal: true }));
      world.by(10);
      expect(world.wire).toEqual(['10 SUBSCRIBE #2 a:0n id=2']);
    });
  });

  it('keeps the subscription at the broker for `linger` ms', () => {
    connected((world) => {
      const first = world.watch(world.client.subscribe('a', { linger: 100 }));
      world.by(10);
      first.subscription.unsubscribe();
      world.by(99);
      const second = world.watch(world.client.subscribe('a', { linger: 100 }));
      world.by(200);
      second.subscription.unsubscribe();
      world.take();
      world.by(200);
      expect(world.wire).toEqual(['409 UNSUBSCRIBE #3 a']);
    });
  });

  it('delivers messages that arrive before SUBACK', () => {
    connected((world) => {
      const { log } = world.watch(world.client.subscribe('a'), shown);
      world.by(0);
      world.line.send(publish('a', 'early'));
      expect(log).toEqual(['0 a=early']);
    }, {});
  });

  it('gives the messages of a filter to its observers only, in order', () => {
    connected((world) => {
      const a = world.watch(world.client.subscribe('a'), shown);
      const plus = world.watch(world.client.subscribe('+'), shown);
      const deep = world.watch(world.client.subscribe('x/#'), shown);
      world.by(0);
      world.line.send(publish('a', '1'), publish('b', '2'), publish('x/y', '3'), publish('a', '4'));
      expect(a.log).toEqual(['0 a=1', '0 a=4']);
      expect(plus.log).toEqual(['0 a=1', '0 b=2', '0 a=4']);
      expect(deep.log).toEqual(['0 x/y=3']);
    });
  });

  it('raises the QoS for a later observer, and keeps it when that one leaves', () => {
    connected((world) => {
      world.fire(world.client.subscribe('a', { qos: 0 }));
      world.by(1);
      world.take();
      const high = world.watch(world.client.subscribe('a', { qos: 2 }));
      world.by(1);
      expect(world.take()).toEqual(['1 SUBSCRIBE #2 a:2 id=2']);
      high.subscription.unsubscribe();
      world.by(1);
      expect(world.take()).toEqual([]);
    });
  });

  it('may be ended by its operators, like any Observable', () => {
    connected((world) => {
      const seen: string[] = [];
      const subscription = world.client.subscribe('a').subscribe((message) => {
        seen.push(message.text());
        subscription.unsubscribe();
      });
      world.by(0);
      world.take();
      world.line.send(publish('a', '1'), publish('a', '2'));
      world.by(0);
      expect(seen).toEqual(['1']);
      expect(world.wire).toEqual(['0 UNSUBSCRIBE #2 a']);
    });
  });

  it('completes on end()', () => {
    connected((world) => {
      const { log } = world.watch(world.client.subscribe(['a', 'b']));
      world.by(5);
      void world.client.end();
      world.by(1);
      expect(log).toEqual(['5 done']);
    });
  });
});
