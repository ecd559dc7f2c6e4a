import { sameWords } from './describe-packet.js';
import type { Expectations } from './expectations.js';
import { row, rows, type WireEvent } from './wire-log.js';

/** The transcript of a client's wire, with lines like `9000 > PINGREQ`: ms, direction and packet. */
export interface WireExpectation {
  /** Expects exactly these lines until now, or until the last line of the transcript if that is later. */
  toBe(transcript: string): void;
  /** Expects these lines among others, in this order. */
  toContain(transcript: string): void;
}

/** Expects a transcript of both directions. */
export function expectWire(
  what: string,
  expectations: Expectations,
  now: () => number,
  events: () => readonly WireEvent[],
  extend: (frame: number) => void,
): WireExpectation {
  const claim = (
    transcript: string,
    by: (transcript: string) => void,
    compare: (expected: readonly string[], got: readonly string[]) => string | undefined,
  ): void => {
    const expected = rows(transcript);
    const last = Math.max(0, ...expected.map((line) => Number.parseInt(line, 10)));
    const until = Math.max(now(), last);
    extend(last);
    const check = (): string | undefined => {
      const got = events().filter(({ at }) => at <= until);
      const problem = compare(expected, got.map(row));
      return problem === undefined ? undefined : [`${what} ${problem}`, ...aligned(expected, got.map(row))].join('\n');
    };
    // The last moment is included; at the beginning of a test, nothing has happened yet.
    expectations.add(last < now() || (now() > 0 && last === now()) ? now() : last + 1, check, by);
  };
  return {
    toBe: function toBe(transcript) {
      claim(transcript, toBe, (expected, got) => {
        const at = expected.findIndex((line, index) => !sameWords(line, got[index] ?? ''));
        if (at < 0 && expected.length === got.length) return undefined;
        const index = at < 0 ? expected.length : at;
        return `is not as written: line ${index + 1} is ${got[index] ?? 'missing'} instead of ${expected[index] ?? 'the end'}`;
      });
    },
    toContain: function toContain(transcript) {
      claim(transcript, toContain, (expected, got) => {
        let from = 0;
        for (const line of expected) {
          const at = got.findIndex((one, index) => index >= from && sameWords(line, one));
          if (at < 0) return `does not contain "${line}"${from === 0 ? '' : ' behind the lines before it'}`;
          from = at + 1;
        }
        return undefined;
      });
    },
  };
}

function aligned(expected: readonly string[], got: readonly string[]): string[] {
  const show = (title: string, lines: readonly string[]): string[] => [
    `  ${title}`,
    ...(lines.length === 0 ? ['    (nothing)'] : lines.map((line) => `    ${line}`)),
  ];
  return [...show('expected', expected), ...show('got', got)];
}
