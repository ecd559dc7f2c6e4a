import { type Asked, CAPABILITIES } from './capabilities.js';
import { documented } from './documented.js';
import { note } from './findings.js';

/** Finds out what a broker can do, and compares it with the table in `docs/scaling.md`. */
export async function checkCapabilities(name: string, broker: Asked): Promise<void> {
  const found: Record<string, string> = {};
  for (const [heading, capability] of Object.entries(CAPABILITIES)) {
    const topic = `capability/${Object.keys(found).length}/${process.pid}`;
    found[heading] = await capability(broker, topic).catch((error: unknown) => `fails: ${String(error)}`);
    note(heading, name, found[heading]);
  }
  expect(found).toEqual(documented(name, Object.keys(found)));
}
