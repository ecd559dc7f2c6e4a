import fc from 'fast-check';

/** How the line between client and broker behaves. */
export interface LineTraits {
  /** ms that bytes travel, either way; -1: they arrive before the call that sent them returns. */
  readonly latency: number;
  /** Bytes go to the client one by one. */
  readonly byByte: boolean;
}

/** How the broker acknowledges from now on: ms until each next acknowledgement, in turn, and which are sent twice. */
export interface AckTraits {
  readonly delays: readonly number[];
  readonly twice: boolean;
}

/** How a connection ends: a reset, an orderly close, DISCONNECT from the broker, or silence. */
export type Ending = 'reset' | 'close' | 'disconnect' | 'silence';

export type Operation =
  | {
      readonly type: 'publish';
      readonly qos: 0 | 1 | 2;
      readonly topic: number;
      readonly size: number;
      /** s; 0: none. */
      readonly expiry: number;
      readonly times: number;
    }
  | { readonly type: 'cancel'; readonly which: number }
  | {
      readonly type: 'subscribe';
      readonly topic: number;
      readonly qos: 0 | 1 | 2;
      /** ms after which it acknowledges by hand; -1: it does not. */
      readonly manual: number;
      /** Publishes at this QoS for each message that it gets; -1: it does not. */
      readonly echo: number;
    }
  | { readonly type: 'unsubscribe'; readonly which: number }
  | { readonly type: 'inject'; readonly topic: number; readonly qos: 0 | 1 | 2; readonly times: number }
  | { readonly type: 'advance'; readonly ms: number }
  | {
      readonly type: 'cut';
      /** Counted on the connection that there is, or else on the next one. */
      readonly after: { readonly direction: 'up' | 'down'; readonly unit: 'bytes' | 'packets'; readonly count: number };
      readonly ending: Ending;
      /** ms from the last byte that came through to the ending. */
      readonly delay: number;
    }
  | { readonly type: 'cutInHandler'; readonly ending: 'reset' | 'close' }
  | { readonly type: 'end of line'; readonly ending: Ending }
  | { readonly type: 'line'; readonly traits: LineTraits }
  | { readonly type: 'acks'; readonly traits: AckTraits }
  | { readonly type: 'lose session' }
  | { readonly type: 'receive maximum'; readonly value: number }
  | { readonly type: 'refuse'; readonly attempts: number; readonly how: 'dial' | 'connack' | 'silence' }
  | { readonly type: 'congest'; readonly ms: number }
  | {
      readonly type: 'restart';
      /** Whether the write of the store that was under way when the process died has taken effect. */
      readonly lastWrite: boolean;
      /** ms for which there is no process. */
      readonly away: number;
      /** Messages that the next process publishes at once, before it can have read its store. */
      readonly early: number;
    };

export interface Schedule {
  readonly version: 4 | 5;
  readonly clean: boolean;
  readonly durable: boolean;
  /** ms that a write of the store takes. */
  readonly storeLatency: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly overflow: 'reject' | 'drop-oldest' | 'drop-newest' | 'wait';
  readonly onSessionLost: 'safe' | 'republish' | 'fail';
  /** Messages per second; 0: no limit. */
  readonly rate: number;
  /** What the broker announces at first; 0: nothing. */
  readonly receiveMaximum: number;
  /** What the client announces; 0: nothing. */
  readonly ownReceiveMaximum: number;
  readonly aliases: boolean;
  /** The topics that are subscribed to from the beginning, with QoS and `manual` as above. */
  readonly subscribed: readonly { readonly qos: 0 | 1 | 2; readonly manual: number }[];
  readonly operations: readonly Operation[];
  /** How it ends: after everything has calmed down, or in the middle of it all. */
  readonly finale: 'calm' | 'end' | 'force';
}

const qos = fc.constantFrom(0 as const, 1 as const, 1 as const, 2 as const, 2 as const);
const topic = fc.nat(1);
const manual = fc.constantFrom(-1, -1, -1, 0, 5, 40);
const ending = fc.constantFrom<Ending>('reset', 'reset', 'reset', 'close', 'disconnect', 'silence');
const short = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(30) });

const publish = fc.record({
  type: fc.constant('publish' as const),
  qos,
  topic,
  size: fc.oneof({ weight: 5, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.integer({ min: 100, max: 300 }) }),
  expiry: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, 600) }),
  times: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 8 }) }),
});

const cut = fc.record({
  type: fc.constant('cut' as const),
  after: fc.oneof(
    fc.record({
      direction: fc.constantFrom('up' as const, 'down' as const),
      unit: fc.constant('bytes' as const),
      count: fc.nat(120),
    }),
    fc.record({
      direction: fc.constantFrom('up' as const, 'down' as const),
      unit: fc.constant('packets' as const),
      count: fc.nat(8),
    }),
  ),
  ending,
  delay: fc.constantFrom(0, 0, 3, 50),
});

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 10, arbitrary: publish },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cancel' as const), which: fc.nat(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('subscribe' as const),
      topic,
      qos,
      manual,
      echo: fc.constantFrom(-1, -1, -1, -1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unsubscribe' as const), which: fc.nat(10) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('inject' as const),
      topic,
      qos,
      times: fc.oneof(
        { weight: 3, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 6 }) },
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat(3), fc.nat(30), fc.nat(400), fc.nat(4000), fc.constant(20_000)),
    }),
  },
  { weight: 6, arbitrary: cut },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('cutInHandler' as const),
      ending: fc.constantFrom('reset' as const, 'close' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('end of line' as const), ending }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('line' as const),
      traits: fc.record({ latency: fc.constantFrom(-1, 0, 1, 7), byByte: fc.boolean() }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('acks' as const),
      traits: fc.record({ delays: fc.array(short, { minLength: 1, maxLength: 4 }), twice: fc.boolean() }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lose session' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('receive maximum' as const), value: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('refuse' as const),
      attempts: fc.integer({ min: 1, max: 3 }),
      how: fc.constantFrom('dial' as const, 'connack' as const, 'silence' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('congest' as const), ms: fc.integer({ min: 1, max: 500 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('restart' as const),
      lastWrite: fc.boolean(),
      away: fc.constantFrom(0, 100),
      early: fc.constantFrom(0, 0, 1, 3),
    }),
  },
);

/** Any schedule. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  version: fc.constantFrom(4 as const, 5 as const, 5 as const),
  clean: fc.constantFrom(false, false, false, true),
  durable: fc.boolean(),
  storeLatency: fc.constantFrom(0, 0, 2, 20),
  maxMessages: fc.constantFrom(10_000, 10_000, 3, 1, 0),
  maxBytes: fc.constantFrom(1e9, 1e9, 1e9, 200),
  overflow: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-newest' as const, 'wait' as const),
  onSessionLost: fc.constantFrom('safe' as const, 'safe' as const, 'republish' as const, 'fail' as const),
  rate: fc.constantFrom(0, 0, 0, 100),
  receiveMaximum: fc.constantFrom(0, 0, 1, 2, 5),
  ownReceiveMaximum: fc.constantFrom(0, 0, 1, 3),
  aliases: fc.constantFrom(false, false, true),
  subscribed: fc.array(fc.record({ qos: fc.constantFrom(1 as const, 2 as const, 2 as const), manual }), {
    maxLength: 2,
  }),
  operations: fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' }),
  finale: fc.constantFrom('calm' as const, 'calm' as const, 'calm' as const, 'end' as const, 'force' as const),
});
