import { type Asked, CAPABILITIES, type Capability } from './capabilities.js';
import { documented } from './documented.js';
import { note } from './findings.js';

/** Finds out what a broker can do, and compares it with the table in `docs/scaling.md`. */
export async function checkCapabilities(name: string, broker: Asked): Promise<void> {
  const found: Record<string, string> = {};
  const findOut = async ([heading, capability]: readonly [string, Capability], number: number): Promise<void> => {
    const topic = `capability/${number}/${process.pid}`;
    found[heading] = await capability(broker, topic).catch((error: unknown) => `fails: ${String(error)}`);
    note(heading, name, found[heading]);
  };
  const all = Object.entries(CAPABILITIES);
  await Promise.all(all.slice(0, -1).map(findOut));
  // This one kills a node.
  await Promise.all(all.slice(-1).map((last) => findOut(last, all.length)));
  expect(found).toEqual(documented(name, Object.keys(found)));
}
