import { inVirtualTime } from './support.js';

describe('an UNSUBSCRIBE that is not answered', () => {
  it('is asked again on the next connection', () => {
    inVirtualTime({ reconnect: { minDelay: 100, factor: 1, jitter: 'none' } }, (world) => {
      world.to(0);
      world.watch(world.client.unsubscribe('a'));
      world.to(10);
      world.line.peer.fail();
      world.take();
      world.to(200);
      expect(world.take()).toEqual(['110 CONNECT v5 clean', '110 UNSUBSCRIBE #2 a']);
    });
  });

  it('is forgotten with the session once its caller gave it up, and so are all of them', () => {
    inVirtualTime({ reconnect: { minDelay: 100, factor: 1, jitter: 'none' } }, (world) => {
      world.to(0);
      for (let round = 0; round < 5; round++) {
        const { subscription } = world.watch(world.client.unsubscribe('a'));
        world.by(1);
        subscription.unsubscribe();
        world.line.peer.fail();
        world.take();
        world.by(150);
        expect(world.take().map((entry) => entry.replace(/^\d+ /, ''))).toEqual(['CONNECT v5 clean']);
      }
    });
  });
});
