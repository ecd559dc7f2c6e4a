/** `npm run test:soak [-- --clients 200 --seconds 60 --seed 1]`: prints what happened, and fails when it should not have. */
import { parseArgs } from 'node:util';
import { soak } from './soak.js';
import { verdict } from './verdict.js';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
if (global.gc === undefined) throw new Error('the soak compares memory: run it with node --expose-gc');

void soak({
  clients: Number(values.clients),
  round: Number(values.seconds) * 500,
  seed: Number(values.seed),
}).then((report) => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
  for (const problem of verdict(report)) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
});
