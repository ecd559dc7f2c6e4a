/** `npm run test:attack [-- --long] [jest arguments]`: the ring of attacks, in its short form or in the long one. */
import { runJest } from './jest-ring.mjs';
import { endRing, MINUTE } from './rings.mjs';

const args = process.argv.slice(2);
const isLong = args.includes('--long');
if (isLong) process.env.ATTACK = 'long';
const config = ['--config', 'jest.attack.config.cjs', ...args.filter((argument) => argument !== '--long')];
const counts = await runJest('attack', config, (isLong ? 90 : 12) * MINUTE);
await endRing('attack', counts);
