import type { FieldDifference } from './deep-equal.js';
import { drawDiagram, type Mark, squeezed } from './diagram.js';
import { showDifference } from './show.js';

/** An event that a diagram claims. */
export interface Claim extends Mark {
  /** The claim in words. */
  readonly text: string;
  readonly matches: (event: Happened) => boolean;
  /** The first field that differs, for expectations about fields. */
  readonly differs?: (event: Happened) => FieldDifference | undefined;
}

/** An event that happened. */
export interface Happened {
  readonly frame: number;
  readonly text: string;
  readonly value: unknown;
  /** Its letter in every diagram: `|` for completion, `#` for an error. */
  readonly letter?: string;
}

/** Draws both as diagrams, one below the other, with a legend; undefined if they agree. */
export function difference(what: string, claims: readonly Claim[], happened: readonly Happened[]): string | undefined {
  const first = firstDifference(claims, happened);
  if (first === undefined) return undefined;
  const legend = new Map<string, string>();
  for (const { letter, text } of claims) legend.set(letter, text);
  const unexpected = new Set<string>();
  const marks = happened.map((event): Mark => {
    const known = letterOf(event, claims) ?? [...unexpected].find((letter) => legend.get(letter) === event.text);
    const letter = known ?? freeLetter(legend);
    if (known === undefined) unexpected.add(letter);
    if (!legend.has(letter)) legend.set(letter, event.text);
    return { frame: event.frame, letter };
  });
  return [
    `${what} is not as drawn: ${first}`,
    `  expected  ${drawDiagram(claims)}`,
    `  got       ${drawDiagram(marks)}`,
    ...squeezed(marks).map(
      ({ letter, frame }) => `  (${letter} is at ${frame} ms: no diagram can show it this close behind a group)`,
    ),
    ...[...legend].map(
      ([letter, text]) => `  ${letter} = ${text}${unexpected.has(letter) ? '   (not in the diagram)' : ''}`,
    ),
  ].join('\n');
}

function firstDifference(claims: readonly Claim[], happened: readonly Happened[]): string | undefined {
  for (let index = 0; index < Math.max(claims.length, happened.length); index++) {
    const claim = claims[index];
    const event = happened[index];
    if (claim === undefined) return event && `at ${event.frame} ms there is also ${event.text}`;
    if (event === undefined) return `${claim.text} is missing at ${claim.frame} ms`;
    if (!says(claim, event)) {
      const field = claim.differs?.(event);
      const why = field === undefined ? '' : `: ${showDifference(field)}`;
      return `${event.text} instead of ${claim.text}${at(claim, event)}${why}`;
    }
    if (claim.frame !== event.frame) return `${claim.text} comes at ${event.frame} ms, not at ${claim.frame} ms`;
  }
  return undefined;
}

const at = (claim: Claim, event: Happened): string =>
  claim.frame === event.frame ? ` at ${event.frame} ms` : ` (at ${event.frame} ms and at ${claim.frame} ms)`;

const says = (claim: Claim, event: Happened): boolean =>
  (event.letter === undefined || event.letter === claim.letter) && claim.matches(event);

/** The letter of a claim that the event matches, preferably of the same moment. */
function letterOf(event: Happened, claims: readonly Claim[]): string | undefined {
  if (event.letter !== undefined) return event.letter;
  const saying = claims.filter((claim) => says(claim, event));
  return (saying.find(({ frame }) => frame === event.frame) ?? saying[0])?.letter;
}

function freeLetter(taken: ReadonlyMap<string, string>): string {
  const letters = 'XYZWVUTSRQPONMLKJIHGFEDCBA0123456789';
  return [...letters].find((letter) => !taken.has(letter)) ?? '?';
}
