import type { ClientOptions, PublishOptions } from '../src/index.js';
import { connack, inVirtualTime, puback, table, type Answers, type World } from './support.js';

const accept = (options: Parameters<typeof connack>[0] = {}): Answers => ({
  connect: () => connack(options),
  publish: ({ packetId }) => (packetId === 0 ? undefined : puback(packetId)),
});
const send = (world: World, topic: string, options: PublishOptions = { qos: 1 }, payload = 'x') =>
  world.watch(world.client.publish(topic, payload, options), ({ qos }) => `q${qos}`);
/** When PUBLISH packets left, in ms. */
const times = (world: World): number[] =>
  world.take().flatMap((line) => (/^\d+ PUBLISH/.test(line) ? [Number(line.split(' ')[0])] : []));
/** The most of them in any window of 1000 ms. */
const mostInASecond = (all: readonly number[]): number =>
  Math.max(...all.map((start) => all.filter((time) => time >= start && time < start + 1000).length));

describe('limits.publishRate', () => {
  it('holds for live publishes of any QoS, in every second', () => {
    inVirtualTime({ limits: { publishRate: 3 }, answers: accept() }, (world) => {
      world.to(0);
      for (const qos of [0, 1, 0, 1, 0, 1, 1] as const) send(world, `q${qos}`, { qos });
      world.to(400);
      send(world, 'later');
      world.to(5000);
      expect(times(world)).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000]);
    });
  });

  it('spreads with a source that is slower than the rate, and holds nothing back', () => {
    inVirtualTime({ limits: { publishRate: 2 }, answers: accept() }, (world) => {
      world.to(0);
      world.every(600, () => send(world, 'a'));
      world.to(6100);
      expect(times(world)).toEqual([600, 1200, 1800, 2400, 3000, 3600, 4200, 4800, 5400, 6000]);
    });
  });

  it('takes rates below one a second', () => {
    inVirtualTime({ limits: { publishRate: 0.5 }, answers: accept() }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b', 'c']) send(world, topic);
      world.to(10_000);
      expect(times(world)).toEqual([0, 2000, 4000]);
    });
  });

  it('counts repetitions, and goes on over connections', () => {
    const silent: Answers = { connect: () => connack({ sessionPresent: true }), publish: () => undefined };
    const options: ClientOptions = { clean: false, sessionExpiry: 60, reconnect: { minDelay: 100, jitter: 'none' } };
    inVirtualTime({ ...options, limits: { publishRate: 2 }, answers: silent }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b', 'c']) send(world, topic);
      world.to(500);
      world.line.peer.fail();
      world.to(3000);
      const all = world.take().filter((line) => line.includes('PUBLISH'));
      expect(all.map((line) => line.replace(/ "x".*?(dup)?$/, ' $1').trim())).toEqual([
        '0 PUBLISH #1 a',
        '0 PUBLISH #2 b',
        '1000 PUBLISH #1 a dup',
        '1000 PUBLISH #2 b dup',
        '2000 PUBLISH #3 c',
      ]);
    });
  });

  it('leaves no timer behind', () => {
    inVirtualTime({ limits: { publishRate: 1 }, answers: accept(), keepalive: 0 }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b', 'c']) send(world, topic);
      void world.client.end({ force: true });
      world.to(5000);
      expect(times(world)).toEqual([0]);
      expect(world.pending).toBe(0);
    });
  });

  it('never exceeds the rate, however the publishes come', () => {
    inVirtualTime({ limits: { publishRate: 7 }, answers: accept() }, (world) => {
      world.to(0);
      let seed = 1;
      for (let step = 0; step < 60; step++) {
        seed = (seed * 48271) % 2147483647;
        for (let n = 0; n < seed % 5; n++) send(world, 'a', { qos: (seed % 2) as 0 | 1 });
        world.by(seed % 400);
      }
      world.by(60_000);
      const all = times(world);
      expect(all.length).toBeGreaterThan(60);
      expect(mostInASecond(all)).toBe(7);
    });
  });
});

describe('limits.inFlight', () => {
  it.each([4, 5] as const)('is the window where the broker announces none (protocol version %d)', (protocolVersion) => {
    inVirtualTime({ protocolVersion, limits: { inFlight: 2 }, answers: { publish: () => undefined } }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b', 'c', 'd']) send(world, topic);
      expect(world.take().slice(1)).toEqual(['0 PUBLISH #1 a "x" q1', '0 PUBLISH #2 b "x" q1']);
      world.to(10);
      world.line.send(puback(1));
      expect(world.take()).toEqual(['10 PUBLISH #3 c "x" q1']);
    });
  });

  it('does not widen the window of the broker', () => {
    const answers: Answers = { connect: () => connack({ properties: { receiveMaximum: 1 } }) };
    inVirtualTime({ limits: { inFlight: 2 }, answers }, (world) => {
      world.to(0);
      for (const topic of ['a', 'b']) send(world, topic);
      expect(world.take().slice(1)).toEqual(['0 PUBLISH #1 a "x" q1']);
    });
  });
});

describe('what no broker of these limits takes', () => {
  it('errors at once, also without a connection', () => {
    inVirtualTime({ lazy: true, limits: { qos: 1, topicLevels: 3, packetSize: 50 } }, (world) => {
      const two = send(world, 'a', { qos: 2 });
      const deep = send(world, 'a/b/c/d');
      const large = send(world, 'a', { qos: 1 }, 'x'.repeat(60));
      expect([two.log, deep.log, large.log]).toEqual([
        ['0 ! PublishError NOT_SUPPORTED'],
        ['0 ! PublishError INVALID_TOPIC'],
        ['0 ! PublishError PACKET_TOO_LARGE'],
      ]);
    });
  });

  it('is sent at the highest QoS with downgradeQos', () => {
    inVirtualTime({ downgradeQos: true, limits: { qos: 1 }, protocolVersion: 4, answers: accept() }, (world) => {
      world.to(0);
      const { log } = send(world, 'a', { qos: 2 });
      world.to(10);
      expect(world.take().slice(1)).toEqual(['0 PUBLISH #1 a "x" q1']);
      expect(log).toEqual(['0 q1', '0 done']);
    });
  });

  it('measures the packet as it is sent, properties included', () => {
    inVirtualTime({ limits: { packetSize: 20 }, answers: accept() }, (world) => {
      world.to(0);
      const { log } = send(world, 'a', { qos: 1, properties: { contentType: 'text/plain' } });
      expect(log).toEqual(['0 ! PublishError PACKET_TOO_LARGE']);
      expect(times(world)).toEqual([]);
    });
  });

  it('is not asked for by subscriptions', () => {
    inVirtualTime({ limits: { qos: 1 } }, (world) => {
      world.to(0);
      world.fire(world.client.subscribe('a', { qos: 2 }));
      world.by(0);
      expect(world.take().slice(1)).toEqual(table('0 SUBSCRIBE #1 a:1 id=1'));
    });
  });
});
