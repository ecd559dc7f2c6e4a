import { TestScheduler } from 'rxjs/testing';
import { closed, drawDiagram, lengthOfSubscription } from './diagram.js';
import type { AssertEqual } from './expect-observable.js';
import type { Expectations } from './expectations.js';

/** When a hot or cold Observable was subscribed to and unsubscribed from. */
export interface SubscriptionFrames {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/** Like RxJS's `expectSubscriptions`, but limited to the length of the diagrams, and with a readable failure. */
export function expectSubscriptions(
  logs: readonly SubscriptionFrames[],
  expectations: Expectations,
  assertEqual: AssertEqual | undefined,
  extend: (frame: number) => void,
): { toBe(marbles: string | string[]): void } {
  return {
    toBe: function toBe(marbles) {
      const diagrams = typeof marbles === 'string' ? [marbles] : marbles;
      const length = Math.max(0, ...diagrams.map((diagram) => lengthOfSubscription(diagram)));
      const expected = diagrams.map((diagram) => TestScheduler.parseMarblesAsSubscriptions(closed(diagram), true));
      extend(length);
      const check = (): string | undefined => {
        const actual = logs.filter(({ subscribedFrame }) => subscribedFrame < length);
        if (assertEqual !== undefined) {
          assertEqual(actual, expected);
          return undefined;
        }
        const within = actual.map(({ subscribedFrame, unsubscribedFrame }) => ({
          subscribedFrame,
          unsubscribedFrame: unsubscribedFrame < length ? unsubscribedFrame : Infinity,
        }));
        const differs =
          within.length !== expected.length ||
          within.some((one, index) => draw(one) !== draw(expected[index] as SubscriptionFrames));
        if (!differs) return undefined;
        return [
          'the subscriptions are not as drawn:',
          ...expected.map((one) => `  expected  ${draw(one)}`),
          ...within.map((one) => `  got       ${draw(one)}`),
          ...(within.length === 0 ? ['  got       (nothing)'] : []),
        ].join('\n');
      };
      expectations.add(length, check, toBe);
    },
  };
}

const draw = ({ subscribedFrame, unsubscribedFrame }: SubscriptionFrames): string =>
  drawDiagram([
    ...(subscribedFrame === Infinity ? [] : [{ frame: subscribedFrame, letter: '^' }]),
    ...(unsubscribedFrame === Infinity ? [] : [{ frame: unsubscribedFrame, letter: '!' }]),
  ]);
