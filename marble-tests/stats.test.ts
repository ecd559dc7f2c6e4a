import { inVirtualTime, puback } from './support.js';

const reconnect = { minDelay: 10, jitter: 'none' } as const;

describe('stats$', () => {
  it('shows a picture at once and then each second, and completes with the client', () => {
    inVirtualTime({ reconnect }, (world) => {
      const { log } = world.watch(world.client.stats$, ({ reconnects }) => `${reconnects} reconnects`);
      world.to(500);
      world.line.peer.fail();
      world.to(2500);
      void world.client.end();
      world.to(3500);
      expect(log).toEqual(['0 0 reconnects', '1000 1 reconnects', '2000 1 reconnects', '2500 done']);
    });
  });

  it('measures how long acknowledgements take, while it is observed', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      world.by(30);
      world.line.send(puback(1));
      expect(world.client.stats().ackLatency).toBeUndefined();
      const { subscription } = world.watch(world.client.stats$);
      for (const ms of [20, 40]) {
        world.fire(world.client.publish('a', '', { qos: 1 }));
        world.by(ms);
        world.line.send(puback(ms === 20 ? 2 : 3));
      }
      expect(world.client.stats().ackLatency).toEqual({ last: 40, min: 20, mean: 30, max: 40, count: 2 });
      subscription.unsubscribe();
    });
  });

  it('counts packets and bytes both ways, and messages in flight', () => {
    inVirtualTime({ protocolVersion: 4, clientId: 'c' }, (world) => {
      world.to(0);
      const before = world.client.stats();
      world.fire(world.client.publish('a', 'xyz', { qos: 1 }));
      const { inFlight, window, bytes, packets } = world.client.stats();
      expect({ inFlight, used: window?.used }).toEqual({ inFlight: { messages: 1, bytes: 4 }, used: 1 });
      // Fixed header 2, topic 3, identifier 2, payload 3.
      expect([bytes.out - before.bytes.out, packets.out - before.packets.out]).toEqual([10, 1]);
      world.line.send(puback(1));
      const after = world.client.stats();
      expect([after.bytes.in - before.bytes.in, after.packets.in - before.packets.in]).toEqual([4, 1]);
      expect(after.inFlight).toEqual({ messages: 0, bytes: 0 });
    });
  });
});
