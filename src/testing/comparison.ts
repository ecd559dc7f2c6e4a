import type { FieldDifference } from './deep-equal.js';
import { drawDiagram, type Mark, overlapping } from './diagram.js';
import { showDifference } from './show.js';

/** An event that a diagram expects. */
export interface ExpectedEvent extends Mark {
  /** The event in words. */
  readonly text: string;
  readonly matches: (event: ActualEvent) => boolean;
  /** The first field that differs, for expectations about fields. */
  readonly differs?: (event: ActualEvent) => FieldDifference | undefined;
}

/** An event that happened. */
export interface ActualEvent {
  readonly frame: number;
  readonly text: string;
  readonly value: unknown;
  /** Its letter in every diagram: `|` for completion, `#` for an error. */
  readonly letter?: string;
}

/** Draws both as diagrams, one below the other, with a legend; undefined if they agree. */
export function difference(
  what: string,
  expected: readonly ExpectedEvent[],
  actual: readonly ActualEvent[],
): string | undefined {
  const first = firstDifference(expected, actual);
  if (first === undefined) return undefined;
  const legend = new Map<string, string>();
  for (const { letter, text } of expected) legend.set(letter, text);
  const unexpected = new Set<string>();
  const marks = actual.map((event): Mark => {
    const known = letterOf(event, expected) ?? [...unexpected].find((letter) => legend.get(letter) === event.text);
    const letter = known ?? freeLetter(legend);
    if (known === undefined) unexpected.add(letter);
    if (!legend.has(letter)) legend.set(letter, event.text);
    return { frame: event.frame, letter };
  });
  return [
    `${what} is not as drawn: ${first}`,
    `  expected  ${drawDiagram(expected)}`,
    `  got       ${drawDiagram(marks)}`,
    ...overlapping(marks).map(
      ({ letter, frame }) => `  (${letter} is at ${frame} ms: no diagram can show it this close behind a group)`,
    ),
    ...[...legend].map(
      ([letter, text]) => `  ${letter} = ${text}${unexpected.has(letter) ? '   (not in the diagram)' : ''}`,
    ),
  ].join('\n');
}

function firstDifference(expected: readonly ExpectedEvent[], actual: readonly ActualEvent[]): string | undefined {
  for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
    const expectedEvent = expected[index];
    const event = actual[index];
    if (expectedEvent === undefined) return event && `at ${event.frame} ms there is also ${event.text}`;
    if (event === undefined) return `${expectedEvent.text} is missing at ${expectedEvent.frame} ms`;
    if (!says(expectedEvent, event)) {
      const field = expectedEvent.differs?.(event);
      const why = field === undefined ? '' : `: ${showDifference(field)}`;
      return `${event.text} instead of ${expectedEvent.text}${at(expectedEvent, event)}${why}`;
    }
    if (expectedEvent.frame !== event.frame)
      return `${expectedEvent.text} comes at ${event.frame} ms, not at ${expectedEvent.frame} ms`;
  }
  return undefined;
}

const at = (expectedEvent: ExpectedEvent, event: ActualEvent): string =>
  expectedEvent.frame === event.frame
    ? ` at ${event.frame} ms`
    : ` (at ${event.frame} ms and at ${expectedEvent.frame} ms)`;

const says = (expectedEvent: ExpectedEvent, event: ActualEvent): boolean =>
  (event.letter === undefined || event.letter === expectedEvent.letter) && expectedEvent.matches(event);

/** The letter of an expected event that this event matches, preferably at the same moment. */
function letterOf(event: ActualEvent, expected: readonly ExpectedEvent[]): string | undefined {
  if (event.letter !== undefined) return event.letter;
  const saying = expected.filter((expectedEvent) => says(expectedEvent, event));
  return (saying.find(({ frame }) => frame === event.frame) ?? saying[0])?.letter;
}

function freeLetter(taken: ReadonlyMap<string, string>): string {
  const letters = 'XYZWVUTSRQPONMLKJIHGFEDCBA0123456789';
  return [...letters].find((letter) => !taken.has(letter)) ?? '?';
}
