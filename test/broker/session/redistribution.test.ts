import { asyncScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Dispatcher } from '../../../src/broker/routing/dispatcher.js';
import { Redistribution } from '../../../src/broker/session/redistribution.js';
import { Slices } from '../../../src/broker/session/slices.js';
import { OutgoingPublish } from '../../../src/session/outgoing-publish.js';

/** The topics that were given to other members, by the moment at which they were. */
function given(...sessions: readonly (readonly string[])[]): Map<number, string[]> {
  const moments = new Map<number, string[]>();
  const dispatcher = {
    redistribute({ topic }: { readonly topic: string }) {
      const now = asyncScheduler.now();
      moments.set(now, [...(moments.get(now) ?? []), topic]);
    },
  } as Partial<Dispatcher> as Dispatcher;
  new TestScheduler(() => undefined).run(() => {
    const slices = new Slices();
    for (const topics of sessions) {
      const orphans = topics.map((topic) => ({
        message: new OutgoingPublish(topic, new Uint8Array(0), 1, false, undefined, undefined),
        group: { name: 'g', filter: '#' },
      }));
      new Redistribution(orphans, dispatcher, slices).proceed();
    }
  });
  return moments;
}

const topics = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test('a few messages go to other members at once', () => {
  expect([...given(topics(32))]).toEqual([[0, topics(32)]]);
});

test('many go in order, some in each turn', () => {
  const moments = [...given(topics(10_000)).values()];
  expect(moments.flat()).toEqual(topics(10_000));
  expect(moments.length).toBeGreaterThan(5);
  expect(Math.max(...moments.map(({ length }) => length))).toBeLessThan(1100);
});

test('those of a small session do not wait for those of a large one', () => {
  const moments = [...given(topics(10_000, 'large '), topics(3, 'small ')).values()];
  expect(moments[0]?.slice(-3)).toEqual(topics(3, 'small '));
});
