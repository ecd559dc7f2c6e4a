/** `npm run test:model -- --runs 100000`: the model ring for as long as you like; `--seed` and `--path` repeat a failure. */
import { parseArgs } from 'node:util';
import { ring } from './ring.js';

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' }, trace: { type: 'boolean' } },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();
const result = await ring({
  runs: Number(values.runs ?? 10_000),
  seed: values.seed === undefined ? undefined : Number(values.seed),
  path: values.path,
  ...(values.trace === true ? { trace: print } : {}),
});
const seconds = ((performance.now() - started) / 1000).toFixed(1);
print(
  `model: ${result.schedules} schedules, ${result.faults} faults, ${result.sent} messages sent, ` +
    `${result.delivered} deliveries in ${seconds} s: ${result.failure === undefined ? 'everything held' : 'FAILED'}`,
);
if (result.failure !== undefined) print(result.failure);
process.exitCode = result.failure === undefined ? 0 : 1;
