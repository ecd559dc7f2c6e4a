import { isObservable, type Observable, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { PublishPacket } from '../packet/publish-packet.js';
import { type ExpectedEvent, difference, type ActualEvent } from './comparison.js';
import { deepEqual, differingField } from './deep-equal.js';
import { closed, lengthOf, parseLetters } from './diagram.js';
import { matchesMessage } from './expect-events.js';
import type { Expectations } from './expectations.js';
import { isTuple } from './message.js';
import { show } from './show.js';

/** Compares two recordings and throws if they differ; the argument of RxJS's `TestScheduler`. @inline */
export type AssertEqual = (actual: unknown, expected: unknown) => void;

type Frame = ReturnType<typeof TestScheduler.parseMarbles>[number];
type Notification = Frame['notification'];

/** The virtual time of a recording. */
export interface RecordingTime {
  readonly frame: number;
  schedule(work: () => void, delay: number): Subscription;
}

/** Records the notifications of an Observable. */
export class Recording {
  readonly frames: Frame[] = [];
  readonly subscription = new Subscription();

  constructor(source: Observable<unknown>, subscriptionMarbles: string | null, time: RecordingTime) {
    const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(
      subscriptionMarbles && closed(subscriptionMarbles),
      true,
    );
    const note = (notification: Notification): void => void this.frames.push({ frame: time.frame, notification });
    const begin = (): void => {
      this.subscription.add(
        source.subscribe({
          next: (value) => note({ kind: 'N', value: isObservable(value) ? inner(value, time) : value }),
          error: (error: unknown) => note({ kind: 'E', error }),
          complete: () => note({ kind: 'C' }),
        }),
      );
    };
    const from = subscribedFrame === Infinity ? time.frame : subscribedFrame;
    time.schedule(begin, Math.max(0, from - time.frame));
    if (unsubscribedFrame === Infinity) return;
    time.schedule(() => this.subscription.unsubscribe(), Math.max(0, unsubscribedFrame - time.frame));
  }
}

/** Records an inner Observable, because an Observable of Observables is compared by their notifications. */
function inner(source: Observable<unknown>, time: RecordingTime): Frame[] {
  const frames: Frame[] = [];
  const outer = time.frame;
  const note = (notification: Notification): void => void frames.push({ frame: time.frame - outer, notification });
  source.subscribe({
    next: (value) => note({ kind: 'N', value }),
    error: (error: unknown) => note({ kind: 'E', error }),
    complete: () => note({ kind: 'C' }),
  });
  return frames;
}

/** Like RxJS's `expectObservable`, but limited to the length of the diagram, and with a readable failure. */
export interface ObservableExpectation<T> {
  /** Expects the notifications of a diagram. */
  toBe(marbles: string, values?: Readonly<Record<string, unknown>> | readonly unknown[], errorValue?: unknown): void;
  /** Expects the same notifications as of another Observable. */
  toEqual(other: Observable<T>): void;
}

export function expectRecording<T>(
  recording: Recording,
  recordOther: (other: Observable<unknown>) => Recording,
  expectations: Expectations,
  assertEqual: AssertEqual | undefined,
  extend: (frame: number) => void,
): ObservableExpectation<T> {
  return {
    toBe: function toBe(marbles, values, errorValue) {
      const length = lengthOf(marbles);
      extend(length);
      const expected = TestScheduler.parseMarbles(closed(marbles), values, errorValue, true, true);
      const letters = parseLetters(marbles).map(letterOf);
      const check = (): string | undefined => {
        const actual = recording.frames.filter(({ frame }) => frame < length);
        if (assertEqual !== undefined) {
          assertEqual(actual, expected);
          return undefined;
        }
        const claims = expected.map((frame, index) => toExpectedEvent(frame, letters[index] ?? '?'));
        return difference('the Observable', claims, actual.map(toActualEvent));
      };
      expectations.add(length, check, toBe);
    },
    toEqual: function toEqual(other) {
      const second = recordOther(other);
      const check = (): string | undefined => {
        if (assertEqual !== undefined) {
          assertEqual(recording.frames, second.frames);
          return undefined;
        }
        const letters = 'abcdefghijklmnopqrstuvwxyz';
        const claims = second.frames.map((frame, index) =>
          toExpectedEvent(frame, frame.notification.kind === 'N' ? (letters[index % 26] ?? 'a') : letterOf(frame)),
        );
        return difference('the Observable', claims, recording.frames.map(toActualEvent));
      };
      // Compare when the test ends.
      expectations.add(Infinity, check, toEqual);
    },
  };
}

function letterOf({ notification }: Frame): string {
  if (notification.kind === 'N') return String(notification.value);
  return notification.kind === 'C' ? '|' : '#';
}

function toExpectedEvent({ frame, notification }: Frame, letter: string): ExpectedEvent {
  return {
    frame,
    letter,
    text: describe(notification),
    matches: (event) => matchesNotification(event, notification),
    differs: ({ value }) => differingField(valueOf(value as Notification), valueOf(notification), false),
  };
}

const valueOf = (notification: Notification): unknown =>
  notification.kind === 'N' ? notification.value : notification.kind === 'E' ? notification.error : undefined;

/** An expected message may be a tuple: `[topic, payload, options]`. */
function matchesNotification(event: ActualEvent, expected: Notification): boolean {
  const actual = event.value as Notification;
  if (
    actual.kind === 'N' &&
    actual.value instanceof PublishPacket &&
    expected.kind === 'N' &&
    isTuple(expected.value)
  ) {
    return matchesMessage(expected.value, { ...event, value: actual.value });
  }
  return deepEqual(actual, expected);
}

function toActualEvent({ frame, notification }: Frame): ActualEvent {
  const event = { frame, text: describe(notification), value: notification };
  return notification.kind === 'N' ? event : { ...event, letter: notification.kind === 'C' ? '|' : '#' };
}

function describe(notification: Notification): string {
  switch (notification.kind) {
    case 'C':
      return 'completes';
    case 'E':
      return `errors with ${show(notification.error)}`;
    default:
      return show(notification.value);
  }
}
