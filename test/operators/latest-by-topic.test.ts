import { mergeMap, of, take, timer } from 'rxjs';
import { ErrorCode } from '../../src/errors.js';
import { latestByTopic, type TopicMessage } from '../../src/operators/latest-by-topic.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { message } from './messages.js';
import { marbles } from './run-marbles.js';

/** Two topics with two values each, and what clears them. */
const messages = {
  a: message('a', '1'),
  b: message('a', '2'),
  A: message('a', ''),
  x: message('x', '1'),
  y: message('x', '2'),
  X: message('x', ''),
  z: message('z', '1'),
};

const text = (one: PublishPacket): string => one.text();

/** What is expected: `{ a: '1' }` for the Map of it. */
function maps(pictures: Record<string, Record<string, unknown>>): Record<string, ReadonlyMap<string, unknown>> {
  return Object.fromEntries(
    Object.entries(pictures).map(([name, picture]) => [name, new Map(Object.entries(picture))]),
  );
}

describe('latestByTopic', () => {
  interface Case {
    readonly says: string;
    readonly source: string;
    readonly expected: string;
    readonly pictures: Record<string, Record<string, string>>;
    readonly subscription: string;
    readonly options?: { readonly every?: number; readonly expire?: number; readonly max?: number };
    readonly unsubscribe?: string;
  }
  it.each<Case>([
    {
      says: 'emits the newest value of every topic when one has changed, a tick later',
      source: '   a-x-b-|',
      expected: ' 1-2-3-|',
      pictures: { 1: { a: '1' }, 2: { a: '1', x: '1' }, 3: { a: '2', x: '1' } },
      subscription: '^-----!',
    },
    {
      says: 'emits one map for what comes in a tick',
      source: '   (abx)-|',
      expected: ' 1-----|',
      pictures: { 1: { a: '2', x: '1' } },
      subscription: '^-----!',
    },
    {
      says: 'emits one map in `every` ms at most, from the first change on',
      source: '   --axb-----y----|',
      expected: ' -----1-------2-|',
      pictures: { 1: { a: '2', x: '1' }, 2: { a: '2', x: '2' } },
      subscription: '^--------------!',
      options: { every: 3 },
    },
    {
      says: 'emits the last map before it completes',
      source: '   a----(xb|)',
      expected: ' ---1-(2|)',
      pictures: { 1: { a: '1' }, 2: { a: '2', x: '1' } },
      subscription: '^----!',
      options: { every: 3 },
    },
    {
      says: 'errors with the source at once',
      source: '   a----x#',
      expected: ' ---1--#',
      pictures: { 1: { a: '1' } },
      subscription: '^-----!',
      options: { every: 3 },
    },
    {
      says: 'drops a map that is due on unsubscribe',
      source: '   a----x---',
      expected: ' ---1---',
      pictures: { 1: { a: '1' } },
      subscription: '^-----!',
      unsubscribe: ' ^-----!',
      options: { every: 3 },
    },
    {
      says: 'removes a topic with an empty payload, and emits nothing for one that is not there',
      source: '   a-x-A-A-X-|',
      expected: ' 1-2-3---4-|',
      pictures: { 1: { a: '1' }, 2: { a: '1', x: '1' }, 3: { x: '1' }, 4: {} },
      subscription: '^---------!',
    },
    {
      says: 'emits nothing for a message that does not change the value',
      source: '   a-a-x-a-|',
      expected: ' 1---2---|',
      pictures: { 1: { a: '1' }, 2: { a: '1', x: '1' } },
      subscription: '^-------!',
    },
    {
      says: 'removes what was not updated for as long as `expire` says',
      source: '   a-x-------b-------|',
      expected: ' 1-2---3-4-5-----6-|',
      pictures: { 1: { a: '1' }, 2: { a: '1', x: '1' }, 3: { x: '1' }, 4: {}, 5: { a: '2' }, 6: {} },
      subscription: '^-----------------!',
      options: { expire: 6 },
    },
    {
      says: 'counts from the last message, also where it changes nothing',
      source: '   a--a--a-----------|',
      expected: ' 1-----------2-----|',
      pictures: { 1: { a: '1' }, 2: {} },
      subscription: '^-----------------!',
      options: { expire: 6 },
    },
    {
      says: 'emits what has expired at the end of a period',
      source: '   a-----------|',
      expected: ' ---1----2---|',
      pictures: { 1: { a: '1' }, 2: {} },
      subscription: '^-----------!',
      options: { expire: 5, every: 3 },
    },
    {
      says: 'removes the topic that was updated longest ago when there are more than `max`',
      source: '   a-x-b-z-|',
      expected: ' 1-2-3-4-|',
      pictures: { 1: { a: '1' }, 2: { a: '1', x: '1' }, 3: { a: '2', x: '1' }, 4: { a: '2', z: '1' } },
      subscription: '^-------!',
      options: { max: 2 },
    },
  ])('$says', ({ source, expected, pictures, subscription, options, unsubscribe }) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, messages);
      const latest$ = source$.pipe(latestByTopic({ map: (one) => one.text(), ...options }));
      expectObservable(latest$, unsubscribe).toBe(expected, maps(pictures));
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });

  it('hands the last value to `map`, and emits nothing when it gives that back', () => {
    marbles(({ cold, expectObservable }) => {
      const source$ = cold('a-b-X-y-x-|', messages);
      /** Grows only. */
      const longest = (one: TopicMessage & { text(): string }, previous: number | undefined): number =>
        Math.max(Number(one.text()), previous ?? 0);
      const pictures = maps({ 1: { a: 1 }, 2: { a: 2 }, 3: { a: 2, x: 2 } });
      expectObservable(source$.pipe(latestByTopic({ map: longest }))).toBe('1-2---3---|', pictures);
    })();
  });

  it('keeps unchanged values identical, and the keys in the order of their first arrival', () => {
    const seen: ReadonlyMap<string, { text: string }>[] = [];
    marbles(({ cold }) => {
      cold('(ax)-b-|', messages)
        .pipe(latestByTopic({ map: (one) => ({ text: one.text() }) }))
        .subscribe((picture) => seen.push(picture));
    })();
    expect(seen.map((picture) => [...picture.keys()])).toEqual([
      ['a', 'x'],
      ['a', 'x'],
    ]);
    expect(seen[1]?.get('x')).toBe(seen[0]?.get('x'));
    expect(seen[1]?.get('a')).not.toBe(seen[0]?.get('a'));
    expect(seen[0]?.get('a')).toEqual({ text: '1' });
  });

  it('keeps values under another key', () => {
    marbles(({ cold, expectObservable }) => {
      const latest$ = cold('(axb)-|', messages).pipe(latestByTopic({ key: text, map: ({ topic }) => topic }));
      expectObservable(latest$).toBe('1-----|', maps({ 1: { 1: 'x', 2: 'a' } }));
    })();
  });

  it('keeps messages without `map`, with payloads of their own', () => {
    const chunk = new Uint8Array(65_536).fill(0x37);
    const packet = new PublishPacket('a', chunk.subarray(10, 12), 1, true, false, 7, { contentType: 'text/plain' });
    const seen: ReadonlyMap<string, PublishPacket>[] = [];
    of(packet)
      .pipe(latestByTopic())
      .subscribe((picture) => seen.push(picture));
    const kept = seen[0]?.get('a');
    expect(kept?.text()).toBe('77');
    expect(kept?.payload.buffer.byteLength).toBe(2);
    expect([kept?.topic, kept?.qos, kept?.retain, kept?.properties]).toEqual(['a', 1, true, packet.properties]);
  });

  it('acknowledges every message', () => {
    const acks: string[] = [];
    const acked = (topic: string, payload: string) => ({
      ...message(topic, payload),
      ack: () => void acks.push(topic),
    });
    of(acked('a', '1'), acked('b', '2'), acked('a', '1'), acked('c', ''))
      .pipe(latestByTopic({ map: () => 0 }))
      .subscribe();
    expect(acks).toEqual(['a', 'b', 'a', 'c']);
  });

  it.each(['key', 'map'] as const)('errors when %s throws, and unsubscribes from the source', (name) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const error = new Error(name);
      const throwing = (): never => {
        throw error;
      };
      const source$ = cold('-a-', messages);
      expectObservable(source$.pipe(latestByTopic({ map: text, [name]: throwing }))).toBe('-#', {}, error);
      expectSubscriptions(source$.subscriptions).toBe('^!');
    })();
  });

  it.each([
    { every: -1 },
    { every: NaN },
    { every: Infinity },
    { expire: -1 },
    { expire: NaN },
    { max: 0 },
    { max: 1.5 },
  ])('refuses %j', (options) => {
    expect(() => latestByTopic(options)).toThrow(expect.objectContaining({ code: ErrorCode.INVALID_OPTION }) as Error);
  });

  it('takes 60 000 messages on 10 000 topics, with ten maps, in less than half a second of a core', () => {
    const topics = Array.from({ length: 10_000 }, (_, index) => `plant/${index}/temperature`);
    const all = Array.from({ length: 6 }, (_, round) => topics.map((topic) => message(topic, `${round}`))).flat();
    const seen: ReadonlyMap<string, number>[] = [];
    const before = process.cpuUsage();
    marbles(() => {
      timer(0, 101)
        .pipe(
          take(10),
          mergeMap((turn) => all.slice(turn * 6000, (turn + 1) * 6000)),
          latestByTopic({ map: (one) => Number(one.text()), every: 100 }),
        )
        .subscribe((picture) => seen.push(picture));
    })();
    const { user, system } = process.cpuUsage(before);
    expect(seen.map(({ size }) => size)).toEqual([6000, ...Array.from({ length: 9 }, () => 10_000)]);
    expect(new Set(seen[9]?.values())).toEqual(new Set([5]));
    expect(user + system).toBeLessThan(500_000);
  });
});
