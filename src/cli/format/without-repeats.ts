import { elapsed } from '../../rx/clock.js';

/** ms for which a line is not told again. */
const QUIET = 1000;

/** Tells a line once, when a thousand clients lose their broker and say the same. */
export function withoutRepeats(tell: (line: string) => void): (line: string) => void {
  const told = new Map<string, number>();
  return (line) => {
    const now = elapsed();
    if (now - (told.get(line) ?? -Infinity) < QUIET) return;
    // Most lines are told once, such as those that hold a client identifier.
    if (told.size > 1000) told.clear();
    told.set(line, now);
    tell(line);
  };
}
