/** Does jobs that take until the parent says `done`: `worker-process.ts URL`. Tells which ones it begins, and its end. */
import { once } from 'node:events';
import { worker } from '../../../examples/recipes/sigterm.js';

const [url = ''] = process.argv.slice(2);
const work = async ({ topic }: { readonly topic: string }): Promise<void> => {
  process.stdout.write(`begins ${topic}\n`);
  await once(process, 'message');
};
const will = { topic: 'worker/status', payload: 'lost' };
process.once('SIGTERM', () => process.stdout.write('stops\n'));
void worker(url, work, { will }).then(() => {
  process.stdout.write('over\n');
  process.disconnect();
});
