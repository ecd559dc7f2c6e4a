/** `npm run test:attack [-- --long] [jest arguments]`: the ring of attacks, in its short form or in the long one. */
import { runJest } from './jest-ring.mjs';
import { endRing } from './rings.mjs';

const args = process.argv.slice(2);
if (args.includes('--long')) process.env.ATTACK = 'long';
const counts = await runJest('attack', [
  '--config',
  'jest.attack.config.cjs',
  ...args.filter((argument) => argument !== '--long'),
]);
await endRing('attack', counts);
