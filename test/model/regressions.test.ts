import { run } from './run.js';
import type { Operation, Schedule } from './schedule.js';

const PLAIN: Schedule = {
  version: 5,
  clean: false,
  durable: false,
  storeLatency: 0,
  maxMessages: 10_000,
  maxBytes: 1e9,
  overflow: 'reject',
  onSessionLost: 'safe',
  rate: 0,
  receiveMaximum: 0,
  ownReceiveMaximum: 0,
  aliases: false,
  subscribed: [],
  operations: [],
  finale: 'calm',
};

const publish = (qos: 0 | 1 | 2, times = 1, size = 0, expiry = 0): Operation => ({
  type: 'publish',
  qos,
  topic: 0,
  size,
  expiry,
  times,
});
const inject = (qos: 0 | 1 | 2, times = 1, topic = 0): Operation => ({ type: 'inject', topic, qos, times });
const advance = (ms: number): Operation => ({ type: 'advance', ms });
const reset: Operation = { type: 'end of line', ending: 'reset' };
const loseSession: Operation = { type: 'lose session' };
const subscribe = (qos: 0 | 1 | 2, manual: number): Operation => ({
  type: 'subscribe',
  topic: 0,
  qos,
  manual,
  echo: -1,
});
const cut = (direction: 'up' | 'down', count: number, delay = 0, ending: 'reset' | 'silence' = 'reset'): Operation => ({
  type: 'cut',
  after: { direction, unit: 'packets', count },
  ending,
  delay,
});

/** Schedules that the model ring found, as small as it could make them. */
const FOUND: readonly [string, Partial<Schedule>][] = [
  [
    'an expired message that the store has not forgotten yet holds the next resend: a crash would bring it back behind it',
    {
      version: 4,
      durable: true,
      storeLatency: 20,
      subscribed: [{ qos: 1, manual: -1 }],
      operations: [
        { type: 'line', traits: { latency: 7, byByte: false } },
        reset,
        advance(20_000),
        publish(2, 2, 0, 1),
        { type: 'cutInHandler', ending: 'reset' },
        { type: 'refuse', attempts: 2, how: 'silence' },
        publish(1),
        inject(0),
        advance(3876),
        advance(2425),
        { type: 'restart', lastWrite: false, away: 0, early: 0 },
        reset,
      ],
    },
  ],
  [
    'a message larger than the bounds of the outbox waits for an empty queue, not for ever',
    { overflow: 'wait', maxBytes: 200, receiveMaximum: 1, operations: [publish(1, 2, 196)] },
  ],
  [
    'a message under suspicion is sent also when the session was lost',
    { operations: [publish(1, 2), reset, cut('up', 1, 50), advance(20), publish(0, 2, 100)] },
  ],
  [
    'what a store was told for a session that is lost does not let a message out of turn in the next',
    { durable: true, storeLatency: 20, receiveMaximum: 5, operations: [cut('down', 3), publish(1, 7), loseSession] },
  ],
  [
    'drop-oldest drops nothing for a message that would not fit into an empty outbox',
    {
      version: 4,
      overflow: 'drop-oldest',
      maxMessages: 0,
      rate: 100,
      operations: [cut('up', 0), publish(1, 2), advance(20), publish(0)],
    },
  ],
  [
    'end() is not kept waiting by a connection that is gone while reading is paused',
    {
      version: 4,
      ownReceiveMaximum: 1,
      operations: [subscribe(0, -1), advance(0), inject(0, 2), subscribe(2, 40), advance(0), inject(0, 2), reset],
      finale: 'force',
    },
  ],
  [
    'a QoS 2 message that one observer holds does not come twice to another when the connection is lost',
    {
      operations: [
        subscribe(2, 5),
        subscribe(0, -1),
        advance(0),
        inject(2, 2),
        { type: 'cut', after: { direction: 'up', unit: 'bytes', count: 0 }, ending: 'reset', delay: 0 },
        publish(0),
        advance(0),
      ],
    },
  ],
  [
    'a message whose identifier is open and whose answer waits counts once against Receive Maximum',
    {
      ownReceiveMaximum: 3,
      subscribed: [
        { qos: 1, manual: -1 },
        { qos: 2, manual: 5 },
      ],
      operations: [cut('down', 2, 0, 'silence'), inject(1, 1, 1), inject(2, 2, 1), publish(0, 2, 0, 1)],
    },
  ],
  [
    'what a process publishes before it has read its store takes the place of nothing that is in the store',
    {
      durable: true,
      operations: [
        reset,
        publish(1, 2),
        advance(0),
        { type: 'restart', lastWrite: true, away: 0, early: 3 },
        reset,
        { type: 'restart', lastWrite: true, away: 0, early: 3 },
      ],
    },
  ],
  [
    'a message that was stored and never sent may still expire',
    {
      durable: true,
      operations: [
        subscribe(0, -1),
        advance(0),
        publish(2, 1, 0, 1),
        reset,
        { type: 'refuse', attempts: 1, how: 'silence' },
        advance(20),
      ],
    },
  ],
  [
    'a message that waits once more in a new session does not expire before its time',
    {
      version: 4,
      clean: true,
      operations: [
        { type: 'refuse', attempts: 2, how: 'connack' },
        { type: 'refuse', attempts: 1, how: 'dial' },
        reset,
        { type: 'cutInHandler', ending: 'reset' },
        subscribe(0, -1),
        advance(300),
        inject(0, 2),
        advance(20000),
        publish(1, 2, 0, 3),
        reset,
        { type: 'cut', after: { direction: 'up', unit: 'bytes', count: 0 }, ending: 'reset', delay: 0 },
        { type: 'cut', after: { direction: 'up', unit: 'bytes', count: 19 }, ending: 'reset', delay: 50 },
        advance(1640),
      ],
    },
  ],
  [
    'who has seen a QoS 2 message does not see it again because another left without acknowledging it',
    {
      version: 4,
      clean: false,
      subscribed: [{ qos: 1, manual: -1 }],
      operations: [
        subscribe(2, 40),
        advance(0),
        { type: 'cutInHandler', ending: 'reset' },
        inject(2),
        advance(0),
        { type: 'unsubscribe', which: 1 },
      ],
    },
  ],
];

it.each(FOUND)('%s', async (_, schedule) => {
  await expect(run({ ...PLAIN, ...schedule })).resolves.toBeDefined();
});
