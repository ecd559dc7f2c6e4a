import { describeMessage, describePacket, sameWords } from './describe-packet.js';
import { includes } from './deep-equal.js';
import { payloadMatches } from './payload-matches.js';
import { show } from './show.js';
import { WIRE } from './test-clients.js';
import type { WireLog } from './wire-log.js';

/** The result of a matcher, for Jest and Vitest. */
export interface MatcherResult {
  /** Whether the expectation is met. */
  readonly pass: boolean;
  /** The text of a failure, also with `.not`. */
  readonly message: () => string;
}

/** How often the message is expected. Default: at least once. */
export interface Times {
  /** Exactly this many times. */
  readonly times?: number;
}

/** The fields of a message that matchers compare. */
interface Seen {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** For `expect.extend`. */
export const matchers = {
  /** The messages published by a client of a test or a `fakeClient`, or accepted by a test broker. */
  toHavePublished: (subject: unknown, topic: string, payload?: unknown, options?: Times) =>
    messageResult('have published', publishedBy(subject), topic, payload, options),

  /** The messages received by a client of a test, or a list of messages. */
  toHaveReceived: (subject: unknown, topic: string, payload?: unknown, options?: Times) =>
    messageResult('have received', receivedBy(subject), topic, payload, options),

  /** A retained message of a test broker. */
  toHaveRetained: (subject: unknown, topic: string, payload?: unknown) => {
    const retained = field(subject, 'retained');
    if (!(retained instanceof Map)) throw new TypeError('toHaveRetained looks at t.broker or another test broker');
    return messageResult('have retained', [...(retained as Map<string, Seen>).values()], topic, payload);
  },

  /** Whether a client or a `fakeClient` observes a filter. */
  toBeSubscribedTo: (subject: unknown, filter: string): MatcherResult => {
    const filters = filtersOf(subject);
    return result(filters.includes(filter), `be subscribed to "${filter}"`, filters);
  },

  /** Whether a client is connected. */
  toBeConnected: (subject: unknown): MatcherResult => {
    const status = String(field(field(subject, 'state'), 'status'));
    return result(status === 'connected', 'be connected', [status]);
  },

  /** A packet that a client of a test sent, by its words or its fields. */
  toHaveSent: (subject: unknown, expected: string | RegExp | object): MatcherResult => {
    const sent = wireOf(subject, 'toHaveSent', []).sent;
    const found = sent.some(({ packet, text }) => {
      const words = packet === undefined ? text : describePacket(packet);
      if (typeof expected === 'string') return sameWords(words, expected);
      return expected instanceof RegExp ? expected.test(words) : includes(packet, expected);
    });
    const what = typeof expected === 'string' ? expected : show(expected);
    return result(
      found,
      `have sent ${what}`,
      sent.map(({ at, text }) => `${at} ${text}`),
    );
  },
};

function messageResult(
  what: string,
  messages: readonly Seen[],
  topic: string,
  payload?: unknown,
  { times }: Times = {},
): MatcherResult {
  const found = messages.filter((one) => one.topic === topic && payloadMatches(one, payload));
  const pass = times === undefined ? found.length > 0 : found.length === times;
  const shown = payload === undefined ? '' : ` ${show(payload)}`;
  const often = times === undefined ? '' : ` ${times} times (it was ${found.length})`;
  return result(pass, `${what} "${topic}"${shown}${often}`, messages.map(describeMessage));
}

const result = (pass: boolean, what: string, there: readonly string[]): MatcherResult => ({
  pass,
  message: () =>
    [`expected it ${pass ? 'not ' : ''}to ${what}; there is:`, ...(there.length === 0 ? ['(nothing)'] : there)].join(
      '\n  ',
    ),
});

function publishedBy(subject: unknown): readonly Seen[] {
  const published = field(subject, 'published');
  if (Array.isArray(published)) return published as readonly Seen[];
  return publishes(wireOf(subject, 'toHavePublished', ['a fakeClient()', BROKER]).sent);
}

function receivedBy(subject: unknown): readonly Seen[] {
  if (Array.isArray(subject)) return subject as readonly Seen[];
  return publishes(wireOf(subject, 'toHaveReceived', ['a list of messages']).received);
}

/** A resend is the same message. */
const publishes = (events: WireLog['events']): readonly Seen[] =>
  events.flatMap(({ packet }) => (packet?.cmd === 'publish' && !packet.dup ? [packet] : []));

function filtersOf(subject: unknown): readonly string[] {
  const subscribed = field(subject, 'subscribed');
  if (Array.isArray(subscribed)) return subscribed as readonly string[];
  const subscriptions$ = field(subject, 'subscriptions$');
  let filters: readonly string[] = [];
  if (!isSource(subscriptions$)) throw new TypeError('toBeSubscribedTo looks at a client');
  subscriptions$.subscribe((all) => (filters = [...all.keys()])).unsubscribe();
  return filters;
}

interface Source {
  subscribe(next: (filters: ReadonlyMap<string, unknown>) => void): { unsubscribe(): void };
}

const isSource = (what: unknown): what is Source => typeof field(what, 'subscribe') === 'function';

const BROKER = 'a test broker: expect(broker)';

/** @throws TypeError that names what the matcher can look at. */
function wireOf(subject: unknown, matcher: string, others: readonly string[]): WireLog {
  const log = field(subject, WIRE);
  if (log !== undefined) return log as WireLog;
  const own = isSource(field(subject, 'state$')) ? '; a client of connect() keeps no record of its wire' : '';
  throw new TypeError(`${matcher} looks at ${['a client of t.connect()', ...others].join(', or ')}${own}`);
}

const field = (of: unknown, key: PropertyKey): unknown =>
  typeof of === 'object' && of !== null ? Reflect.get(of, key) : undefined;
