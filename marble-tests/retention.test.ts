import type { Retention } from '../src/index.js';
import { inVirtualTime } from './support.js';

const refusing = { dial: { refuse: true } } as const;
const FAILS = /! (ConnectError|SubscribeError) CONNECTION_LOST$/;
const table: readonly [Retention, { q0: boolean; q1: boolean; subscribe: boolean }][] = [
  ['all', { q0: true, q1: true, subscribe: true }],
  ['acknowledged', { q0: false, q1: true, subscribe: true }],
  ['qos1', { q0: false, q1: true, subscribe: false }],
  ['nothing', { q0: false, q1: false, subscribe: false }],
];

describe.each(table)('retention %s', (retention, waits) => {
  it('says what may be asked for without a connection', () => {
    inVirtualTime({ ...refusing, retention }, (world) => {
      world.to(100);
      const { client } = world;
      const q0 = world.watch(client.publish('a', ''));
      const q1 = world.watch(client.publish('a', '', { qos: 1 }));
      const subscribe = world.watch(client.subscribe('a'));
      for (const [one, may] of [
        [q0, waits.q0],
        [q1, waits.q1],
        [subscribe, waits.subscribe],
      ] as const) {
        expect(one.log).toEqual(may ? [] : [expect.stringMatching(FAILS)]);
      }
    });
  });

  it('says what outlives the loss of the connection', () => {
    inVirtualTime({ retention, dial: { refuse: (attempt) => attempt > 1 } }, (world) => {
      world.to(10);
      world.line.peer.setCongested(true);
      const { client } = world;
      const waiting = world.watch(client.publish('a', ''));
      const waiting1 = world.watch(client.publish('a', '', { qos: 1 }));
      world.line.peer.setCongested(false);
      world.line.peer.setCongested(true);
      const asked = world.watch(client.subscribe('a'));
      const open = world.watch(client.publish('b', '', { qos: 2 }));
      world.by(1);
      world.line.peer.fail();
      world.by(1);
      expect(waiting.log).toEqual(['10 [object Object]', '10 done']);
      expect(waiting1.log).toEqual(waits.q1 ? [] : [expect.stringMatching(FAILS)]);
      expect(open.log).toEqual(waits.q1 ? [] : [expect.stringMatching(FAILS)]);
      expect(asked.log).toEqual(waits.subscribe ? [] : [expect.stringMatching(FAILS)]);
    });
  });
});

it('offline.qos0: false lets only QoS 1 and 2 wait', () => {
  inVirtualTime({ ...refusing, offline: { qos0: false } }, (world) => {
    world.to(100);
    expect(world.watch(world.client.publish('a', '')).log).toEqual(['100 ! ConnectError CONNECTION_LOST']);
    expect(world.watch(world.client.publish('a', '', { qos: 1 })).log).toEqual([]);
  });
});
