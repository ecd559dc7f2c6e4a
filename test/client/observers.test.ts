import { publish, shown, table } from '../../marble-tests/support.js';
import { connected } from './connected.js';

describe('observers do not affect each other', () => {
  it('one that throws harms no other: the message is delivered and acknowledged', () => {
    connected((world) => {
      world.client.subscribe('a', { qos: 1 }).subscribe(() => {
        throw new RangeError('thrown by an observer');
      });
      const { log } = world.watch(world.client.subscribe('a', { qos: 1 }), shown);
      world.by(0);
      world.take();
      world.line.send(publish('a', '1', { id: 1 }));
      // RxJS reports it as unhandled, on a timer of its own.
      expect(() => world.by(1)).toThrow('thrown by an observer');
      expect(log).toEqual(['0 a=1']);
      expect(world.wire).toEqual(['0 PUBACK #1']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('handlers may publish, subscribe, unsubscribe and end; the order of messages holds', () => {
    connected((world) => {
      const { client } = world;
      const later: string[][] = [];
      const first = client.subscribe('a').subscribe(({ topic }) => {
        world.fire(client.publish('echo', topic));
        later.push(world.watch(client.subscribe('b'), shown).log);
        first.unsubscribe();
        void client.end();
      });
      const { log } = world.watch(client.subscribe('#'), shown);
      world.by(0);
      world.take();
      world.line.send(publish('a', '1'), publish('c', '2'));
      world.by(10);
      expect(log).toEqual(['0 a=1', '0 c=2', '0 done']);
      expect(later).toEqual([['0 done']]);
      expect(world.wire).toEqual(
        table(`
        0 PUBLISH echo "a" q0
        0 UNSUBSCRIBE #3 a
        0 SUBSCRIBE #4 b:0 id=3
        0 DISCONNECT
        0 closed
      `),
      );
    });
  });

  it('one that subscribes to the same filter from its handler does not get that message again', () => {
    connected((world) => {
      const inner: string[][] = [];
      world.client.subscribe('a').subscribe(() => {
        if (inner.length === 0) inner.push(world.watch(world.client.subscribe('a'), shown).log);
      });
      world.by(0);
      world.line.send(publish('a', '1'), publish('a', '2'));
      expect(inner).toEqual([['0 a=2']]);
    });
  });

  it('one that holds its messages back holds up neither the others nor a ping', () => {
    connected((world) => {
      world.client.subscribe('slow', { qos: 1, ack: 'manual' }).subscribe();
      const { log } = world.watch(world.client.subscribe('quick', { qos: 1 }), shown);
      world.by(0);
      world.line.send(publish('slow', '1', { id: 1 }), publish('quick', '2', { id: 2 }));
      const ping = world.watch(world.client.ping());
      expect(log).toEqual(['0 quick=2']);
      expect(ping.log).toEqual(['0 0', '0 done']);
    });
  });
});
