import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { Thermostat } from '../../../examples/recipes/thermostat.js';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { fakeClient, mqttTest } from '../../../src/testing/index.js';

let broker: Broker;
let url: string;

beforeEach(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  [url = ''] = await broker.listening;
});
afterEach(() => broker.close());

it('one-client.ts opens nothing when it is imported, and one connection for all that import it', async () => {
  process.env['MQTT_URL'] = url;
  const [one, other] = await Promise.all(
    [1, 2].map(async () => (await import('../../../examples/recipes/one-client.js')).mqtt),
  );
  expect(one!.state).toEqual({ status: 'idle' });
  const connected: string[] = [];
  broker.connected$.subscribe(({ clientId }) => connected.push(clientId));
  await Promise.all([one!, other!].map((client) => lastValueFrom(client.publish('a', 'b', { qos: 1 }))));
  expect(connected).toHaveLength(1);
  await one!.end();
});

describe('thermostat.ts', () => {
  it('works with the fake client of a test', () => {
    const client = fakeClient();
    new Thermostat(client).keep(7, 20).subscribe();
    client.emit('hall/7/celsius', 19.5);
    client.emit('hall/7/celsius', 20.5);
    expect(client.published.map((message) => `${message.topic} ${message.text()}`)).toEqual([
      'hall/7/heating on',
      'hall/7/heating off',
    ]);
  });

  it('is unsubscribed from without a trace', () => {
    mqttTest((t) => {
      new Thermostat(t.connect()).keep(7, 20).subscribe().unsubscribe();
    });
  });
});

it('hot-reload.ts ends the client of the module that Vite replaces', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-hot-reload-'));
  copyFileSync(join(__dirname, '../../../examples/recipes/hot-reload.ts'), join(folder, 'hot-reload.ts'));
  const events: string[] = [];
  broker.connected$.subscribe(() => events.push('connected'));
  broker.disconnected$.subscribe(({ how }) => events.push(how));
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'hot-reload.mjs'), folder], {
    env: { ...process.env, VITE_MQTT_URL: url },
  });
  expect(stdout).toBe('ended connected\n');
  expect((await firstValueFrom(broker.clients$)).size).toBe(0);
  expect(events.sort()).toEqual(['connected', 'connected', 'disconnect', 'disconnect']);
  rmSync(folder, { recursive: true });
}, 60_000);
