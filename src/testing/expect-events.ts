import type { ConnectionState } from '../connection/state.js';
import { type Claim, difference, type Happened } from './comparison.js';
import { differingField, includes, isAsymmetric } from './deep-equal.js';
import { describeMessage, describePacket, sameWords } from './describe-packet.js';
import { lengthOf, parseDiagram } from './diagram.js';
import type { Accepted } from './embedded-broker.js';
import type { Expectations } from './expectations.js';
import { isTuple, type MessageInit } from './message.js';
import { payloadMatches } from './payload-matches.js';
import { show } from './show.js';
import type { WireEvent } from './wire-log.js';

/** What a letter stands for: a packet in words, a pattern for these words, or some of its fields. */
export type ExpectedPacket = string | RegExp | Readonly<Record<string, unknown>>;
/** What a letter stands for: a state in words, a pattern for these words, or some of its fields. */
export type ExpectedState = string | RegExp | Readonly<Record<string, unknown>>;
/** What a letter stands for: a message in words, a pattern for these words, or the message itself. */
export type ExpectedMessage = string | RegExp | MessageInit;

/** Compares a diagram with the events from the start of the test to the end of the diagram. */
export interface EventExpectation<V> {
  /** `values` has a value for each letter; docs/testing.md lists the words. */
  toBe(marbles: string, values?: Readonly<Record<string, V>>): void;
}

/** Expects events to be as a diagram claims, within its own length. */
export function expectEvents<V>(
  what: string,
  expectations: Expectations,
  happened: () => readonly Happened[],
  matches: (expected: V, event: Happened) => boolean,
  extend: (frame: number) => void,
): EventExpectation<V> {
  return {
    toBe: function toBe(marbles, values) {
      const length = lengthOf(marbles);
      const claims = parseDiagram(marbles, values).map(({ frame, letter }): Claim => {
        // `parseDiagram` has checked that each letter has a value.
        const expected = (values as Record<string, V>)[letter] as V;
        return {
          frame,
          letter,
          text: typeof expected === 'string' ? expected : show(expected),
          matches: (event) => matches(expected, event),
          differs: ({ value }) => differingField(value, fieldsOf(expected), true),
        };
      });
      extend(length);
      expectations.add(
        length,
        () =>
          difference(
            what,
            claims,
            happened().filter(({ frame }) => frame < length),
          ),
        toBe,
      );
    },
  };
}

/** The expected fields; a message may be a tuple. */
const fieldsOf = (expected: unknown): unknown => (isTuple(expected) ? messageFields(expected) : expected);

export function matchesWords(expected: unknown, { text, value }: Happened): boolean {
  if (typeof expected === 'string') return sameWords(text, expected);
  return expected instanceof RegExp ? expected.test(text) : includes(value, expected);
}

/** A packet; its text says what the line did to it. */
export const packetEvent = ({ at, packet, text, way }: WireEvent): Happened => ({
  frame: at,
  text: way === '>' && packet !== undefined ? describePacket(packet) : text,
  value: packet,
});

export const stateEvent = ({ at, state }: { at: number; state: ConnectionState }): Happened => ({
  frame: at,
  text: describeState(state),
  value: state,
});

export const messageEvent = ({ at, message }: Accepted): Happened => ({
  frame: at,
  text: describeMessage(message),
  value: message,
});

/** Compares only the fields of a message that the test names. */
export function matchesMessage(expected: ExpectedMessage, event: Happened): boolean {
  if (typeof expected === 'string' || expected instanceof RegExp || isAsymmetric(expected)) {
    return matchesWords(expected, event);
  }
  const { payload, ...fields } = messageFields(expected);
  return includes(event.value, fields) && payloadMatches(event.value, payload);
}

function messageFields(init: MessageInit): Readonly<Record<string, unknown>> {
  if (!isTuple(init)) return { ...init };
  const [topic, payload, options] = init;
  return { ...options, topic, payload };
}

/** A state in words: `connecting 1`, `reconnecting 2 in 1000`, `ended ConnectError CONNECTION_LOST`. */
function describeState(state: ConnectionState): string {
  switch (state.status) {
    case 'reconnecting':
      return `reconnecting ${state.attempt}${state.delay === undefined ? '' : ` in ${state.delay}`}`;
    case 'connecting':
      return `connecting ${state.attempt}`;
    case 'ended':
      return state.reason === undefined ? 'ended' : `ended ${state.reason.name} ${state.reason.code}`;
    default:
      return state.status;
  }
}
