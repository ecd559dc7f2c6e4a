import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { filter, firstValueFrom } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { bundledProgram } from '../support/bundled-program.js';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/operating.md'), 'utf8');
const program = /^```ts compile\n(.*?)^```$/ms.exec(page)?.[1] ?? '';

it('the worker of docs/operating.md finishes what is under way at SIGTERM, and takes no further order', async () => {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  const [url = ''] = await broker.listening;
  const folder = join(root, 'artifacts/operating');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'worker.ts'), program.replace('mqtt://localhost:1883', url));

  const subscribed = firstValueFrom(broker.subscribed$);
  const gone = firstValueFrom(broker.disconnected$);
  const worker = spawn(process.execPath, [bundledProgram(join(folder, 'worker.ts'))], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [ended, printed] = [once(worker, 'exit'), text(worker.stdout)];
  await subscribed;
  const emptied = firstValueFrom(
    broker.sessions$.pipe(filter((sessions) => sessions.get('worker-1')?.subscriptions.length === 0)),
  );
  for (const payload of ['1', '2']) broker.publish({ topic: 'orders/new', payload, qos: 1 });
  worker.kill('SIGTERM');
  await emptied;
  broker.publish({ topic: 'orders/new', payload: '3', qos: 1 });
  expect(await gone).toMatchObject({ how: 'disconnect', reasonCode: 0 });
  expect((await ended)[0]).toBe(0);
  expect(await printed).toBe('done 1\ndone 2\n');
  expect((await firstValueFrom(broker.sessions$)).get('worker-1')?.queuedMessages).toBe(0);
  await broker.close();
}, 60_000);
