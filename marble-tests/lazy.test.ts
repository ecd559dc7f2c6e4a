import { inVirtualTime, puback, suback, table, unsuback, type Answers } from './support.js';

const answers: Answers = {
  subscribe: ({ packetId }) => suback(packetId, 0),
  unsubscribe: ({ packetId }) => unsuback(packetId, 0),
};

describe('a lazy client', () => {
  it('opens nothing until it is needed', () => {
    inVirtualTime({ lazy: true }, (world) => {
      world.client.subscribe('a');
      world.client.publish('a', '');
      world.to(100_000);
      expect(world.lines).toHaveLength(0);
      expect(world.states).toEqual(['0 idle']);
    });
  });

  it('connects with the first subscription and rests `linger` ms after the last one left', () => {
    inVirtualTime({ lazy: true, linger: 500, answers }, (world) => {
      world.to(10);
      const one = world.watch(world.client.subscribe('a'));
      const two = world.watch(world.client.subscribe('b'));
      world.to(20);
      one.subscription.unsubscribe();
      world.to(1000);
      two.subscription.unsubscribe();
      world.to(5000);
      expect(world.states).toEqual(['0 idle', '10 connecting 1', '10 connected', '1500 idle']);
      expect(world.wire.slice(-3)).toEqual(['1000 UNSUBSCRIBE #4 b', '1500 DISCONNECT', '1500 closed']);
    });
  });

  it('connects for a publish, and stays until it is acknowledged', () => {
    inVirtualTime({ lazy: true, linger: 100 }, (world) => {
      world.to(10);
      world.fire(world.client.publish('a', '', { qos: 1 }));
      world.to(1000);
      world.line.send(puback(1));
      world.to(5000);
      expect(world.wire).toEqual(
        table(`
        10   CONNECT v5 clean
        10   PUBLISH #1 a "" q1
        1100 DISCONNECT
        1100 closed
      `),
      );
    });
  });

  it('stays when it is needed again within `linger`, and connects again after it', () => {
    inVirtualTime({ lazy: true, linger: 100 }, (world) => {
      world.fire(world.client.publish('a', ''));
      world.to(60);
      world.fire(world.client.publish('b', ''));
      world.to(159);
      expect(world.client.state.status).toBe('connected');
      world.to(160);
      expect(world.client.state.status).toBe('idle');
      world.to(500);
      world.fire(world.client.publish('c', ''));
      expect(world.lines).toHaveLength(2);
    });
  });

  it('may linger for ever', () => {
    inVirtualTime({ lazy: true, linger: Infinity, keepalive: 0 }, (world) => {
      world.fire(world.client.publish('a', ''));
      world.to(10_000_000);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('rests also when it cannot connect', () => {
    inVirtualTime({ lazy: true, linger: 100, dial: { refuse: true }, reconnect: { jitter: 'none' } }, (world) => {
      const { subscription } = world.watch(world.client.subscribe('a'));
      world.to(50);
      subscription.unsubscribe();
      world.to(10_000);
      expect(world.states).toEqual(['0 idle', '0 connecting 1', '0 reconnecting 2 in 1000', '150 idle']);
    });
  });
});
