import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the ring has found, for the tables of `docs/scaling.md`. */
export const FINDINGS = 'artifacts/clusters/findings.json';

/** The form of two minutes, or the long one. */
export const isShort = process.env['CLUSTERS'] === 'short';

type Findings = Record<string, Record<string, string>>;

/** Notes what was found about a broker under a heading. */
export function note(heading: string, broker: string, text: string): void {
  const all = findings();
  (all[heading] ??= {})[broker] = text;
  mkdirSync(dirname(FINDINGS), { recursive: true });
  writeFileSync(FINDINGS, `${JSON.stringify(all, undefined, 2)}\n`);
}

export function findings(): Findings {
  try {
    return JSON.parse(readFileSync(FINDINGS, 'utf8')) as Findings;
  } catch {
    return {};
  }
}
