import fc from 'fast-check';
import { Outbox, type Overflow } from '../../src/session/outbox.js';
import { OutgoingPublish } from '../../src/session/outgoing-publish.js';

interface Noted {
  readonly message: OutgoingPublish;
  readonly errors: unknown[];
}

function message(topic: string, bytes = 0): Noted {
  const errors: unknown[] = [];
  const settlement = {
    next: () => undefined,
    complete: () => undefined,
    error: (error: unknown) => errors.push(error),
  };
  return { message: new OutgoingPublish(topic, new Uint8Array(bytes), 1, false, undefined, settlement), errors };
}

const outbox = (overflow: Overflow, maxMessages = 3, maxBytes = 100): Outbox =>
  new Outbox({ maxMessages, maxBytes, overflow });

const topics = (box: Outbox): string[] => box.drain().map(({ topic }) => topic);

describe('Outbox', () => {
  it('counts messages and bytes, of topic and payload', () => {
    const box = outbox('reject');
    box.offer(message('ab', 10).message);
    box.offer(message('c', 5).message);
    expect([box.size, box.bytes]).toEqual([2, 18]);
    box.shift();
    expect([box.size, box.bytes]).toEqual([1, 6]);
  });

  it('removes a cancelled message from any position', () => {
    const box = outbox('reject');
    const all = ['a', 'b', 'c'].map((topic) => message(topic));
    for (const one of all) box.offer(one.message);
    box.cancel((all[1] as Noted).message);
    expect(box.size).toBe(2);
    box.cancel((all[0] as Noted).message);
    expect(box.peek()?.topic).toBe('c');
    expect(topics(box)).toEqual(['c']);
  });

  it('keeps its counts when many are cancelled', () => {
    const box = outbox('reject', Infinity, Infinity);
    const all = Array.from({ length: 500 }, (_, i) => message(String(i)));
    for (const one of all) box.offer(one.message);
    all.forEach((one, i) => i % 5 !== 0 && box.cancel(one.message));
    expect(box.size).toBe(100);
    expect(topics(box)).toEqual(Array.from({ length: 100 }, (_, i) => String(i * 5)));
    expect([box.size, box.bytes]).toEqual([0, 0]);
  });

  it('puts accepted messages back at the front, even beyond the bounds', () => {
    const box = outbox('reject', 1);
    box.offer(message('new').message);
    box.putBack([message('one').message, message('two').message]);
    expect(topics(box)).toEqual(['one', 'two', 'new']);
  });

  it("with 'wait' admits held messages in order as soon as there is room", () => {
    const box = outbox('wait', 2);
    const all = ['a', 'b', 'c', 'd'].map((topic) => message(topic));
    for (const one of all) box.offer(one.message);
    expect(box.size).toBe(4);
    expect(box.shift()?.topic).toBe('a');
    box.cancel((all[2] as Noted).message);
    expect([box.shift()?.topic, box.shift()?.topic, box.shift()]).toEqual(['b', 'd', undefined]);
  });

  it("with 'wait' admits a message above all bounds alone", () => {
    const box = outbox('wait', 10, 10);
    box.offer(message('a').message);
    box.offer(message('large', 50).message);
    box.offer(message('b').message);
    expect([box.shift()?.topic, box.shift()?.topic, box.shift()?.topic]).toEqual(['a', 'large', 'b']);
  });

  it('keeps its bounds and loses no message silently under any sequence of operations', () => {
    const step = fc.record({
      name: fc.constantFrom('offer', 'offer', 'offer', 'shift', 'cancel'),
      bytes: fc.integer({ min: 0, max: 60 }),
      at: fc.nat(30),
    });
    const policy = fc.constantFrom<Overflow>('reject', 'drop-oldest', 'drop-newest', 'wait');
    fc.assert(
      fc.property(policy, fc.array(step), (overflow, steps) => {
        const box = outbox(overflow);
        const offered: Noted[] = [];
        const out = new Set<OutgoingPublish>();
        for (const { name, bytes, at } of steps) {
          const one = offered[at];
          if (name === 'offer') {
            const noted = message('t', bytes);
            offered.push(noted);
            box.offer(noted.message);
          } else if (name === 'shift') {
            const head = box.shift();
            if (head !== undefined) out.add(head);
          } else if (one !== undefined && one.errors.length === 0 && !out.has(one.message)) {
            box.cancel(one.message);
            out.add(one.message);
          }
          const failed = offered.filter(({ errors }) => errors.length > 0);
          expect(box.size).toBe(offered.length - out.size - failed.length);
          expect(box.dropped).toBe(failed.length);
          if (overflow !== 'wait') {
            expect(box.size).toBeLessThanOrEqual(3);
            expect(box.bytes).toBeLessThanOrEqual(100);
          }
        }
        const left = offered.filter((noted) => noted.errors.length === 0 && !out.has(noted.message));
        expect(box.drain()).toEqual(left.map((noted) => noted.message));
      }),
    );
  });

  it.each([
    ['larger than the bound', 3, 100, 200, /it has 201 bytes, and offline.maxBytes lets 100 wait/],
    ['one too many', 0, 100, 1, /offline.maxMessages is 0/],
    ['one that finds it full', 1, 100, 1, /the outbox is full/],
  ] as const)('says what is wrong with a message that is %s', (_name, maxMessages, maxBytes, bytes, reason) => {
    for (const overflow of ['reject', 'drop-newest', 'drop-oldest'] as const) {
      const box = outbox(overflow, maxMessages, maxBytes);
      const first = message('a', 1);
      if (maxMessages === 1) box.offer(first.message);
      const second = message('b', bytes);
      box.offer(second.message);
      const [error] = [...first.errors, ...second.errors];
      expect(error).toMatchObject({ code: 'QUEUE_FULL', message: expect.stringMatching(reason) });
    }
  });
});
