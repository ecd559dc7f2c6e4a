/** The example beside Express, with a device and a browser. */
import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import { startServer } from './express-example/server.mjs';
import { ended, roundTrip } from './support.mjs';

const server = await startServer(0);
const page = `http://127.0.0.1:${server.port}`;
const device = await roundTrip(`ws://127.0.0.1:${server.port}/mqtt`);

await firstValueFrom(device.publish('hall/7/celsius', '21.5', { qos: 1 }));
let readings;
do readings = await (await fetch(`${page}/readings`)).json();
while (readings['hall/7/celsius'] === undefined);
assert.deepEqual(readings, { 'hall/7/celsius': 21.5 });

const order = firstValueFrom(device.subscribe('hall/7/set', { qos: 1 }));
await firstValueFrom(device.granted('hall/7/set'));
const { status } = await fetch(`${page}/hall/7/set`, { method: 'POST', body: '19' });
assert.equal(status, 204);
assert.equal((await order).text(), '19');
assert.equal((await fetch(`${page}/mqtt`)).status, 404);

await server.close();
await ended(device);
