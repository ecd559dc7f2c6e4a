/** `tsx examples/workers/main.ts worker-1`: one worker. SIGTERM lets it leave without a loss. */
import { OrderWorker } from './order-worker.js';

const { MQTT_URL = 'mqtt://localhost', REDIS_URL = 'redis://localhost' } = process.env;
const [name = 'worker-1'] = process.argv.slice(2);

const worker = new OrderWorker(name, MQTT_URL, REDIS_URL);
// From the beginning: a worker may be told to leave before it is ready. A second SIGTERM ends it at once.
process.once('SIGTERM', () => void worker.leave().then(() => console.log(`${name} has left`)));
worker.over.catch((error: unknown) => {
  console.log(`${name} cannot go on: ${String(error)}`);
  process.exit(1);
});
if (await worker.ready()) console.log(`${name} is at work`);
