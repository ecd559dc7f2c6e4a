import { publish, shown, unsuback } from '../../marble-tests/support.js';
import { connected } from './connected.js';

describe('unsubscribe()', () => {
  it('emits the codes, even for a filter that this client never subscribed to', () => {
    connected((world) => {
      const { log } = world.watch(world.client.unsubscribe(['mine', 'foreign']));
      world.by(1);
      expect(world.wire).toEqual(['0 UNSUBSCRIBE #1 mine foreign']);
      world.line.send(unsuback(1, 0, 0x11));
      expect(log).toEqual(['1 0,17', '1 done']);
    }, {});
  });

  it('completes the observers of the filter, and no others', () => {
    connected((world) => {
      const a = world.watch(world.client.subscribe('a'));
      const b = world.watch(world.client.subscribe('b'), shown);
      world.by(1);
      world.take();
      world.fire(world.client.unsubscribe('a'));
      world.by(1);
      expect(a.log).toEqual(['1 done']);
      expect(world.wire).toEqual(['1 UNSUBSCRIBE #2 a']);
      world.line.send(publish('b', '1'));
      expect(b.log).toEqual(['2 b=1']);
    });
  });

  it('is cold, and an invalid filter errors alone', () => {
    connected((world) => {
      world.client.unsubscribe('a');
      expect(world.watch(world.client.unsubscribe('a/#/b')).log).toEqual(['0 ! SubscribeError INVALID_FILTER']);
      world.by(1);
      expect(world.wire).toEqual([]);
    });
  });

  it('before a subscribe of the same tick goes out first', () => {
    connected((world) => {
      world.fire(world.client.subscribe('a'));
      world.by(1);
      world.take();
      world.fire(world.client.unsubscribe('a'));
      const { log } = world.watch(world.client.subscribe('a'), shown);
      world.by(1);
      expect(world.wire).toEqual(['1 UNSUBSCRIBE #2 a', '1 SUBSCRIBE #3 a:0 id=2']);
      world.line.send(publish('a', '1'));
      expect(log).toEqual(['2 a=1']);
    });
  });

  it('that is canceled in the same tick still makes the broker forget unobserved filters', () => {
    connected((world) => {
      world.fire(world.client.subscribe('a'));
      world.by(1);
      world.take();
      world.watch(world.client.unsubscribe('a')).subscription.unsubscribe();
      world.by(1);
      expect(world.wire).toEqual(['1 UNSUBSCRIBE #2 a']);
    });
  });
});
