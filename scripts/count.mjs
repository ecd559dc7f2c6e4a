/** `node scripts/count.mjs <failures>`: prints the counts of every ring, and their sum with the failures on top. */
import { readRings } from './rings.mjs';

const rings = await readRings();
let passed = 0;
let failed = Number(process.argv[2] ?? 0);
for (const ring of rings) {
  console.log(`${ring.ring}: ${ring.passed} passed, ${ring.failed} failed`);
  passed += ring.passed;
  failed += ring.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
