import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, fromEvent, map, ReplaySubject } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { bundledProgram } from '../support/bundled-program.js';
import { freePort } from '../support/free-ports.js';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8');
const program = /^```ts compile\n(.*?)^```$/ms.exec(page)?.[1] ?? '';

it('watch.mjs goes on where it stopped when the broker is stopped and started, and ends at Ctrl-C', async () => {
  const port = await freePort();
  const listeners = [`tcp://127.0.0.1:${port}`];
  const folder = join(root, 'artifacts/getting-started');
  const file = join(folder, 'watch.ts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, program.replace('mqtt://localhost:1883', `mqtt://127.0.0.1:${port}`));

  const broker = createBroker({ listeners });
  await broker.listening;
  const watch = spawn(process.execPath, [bundledProgram(file)], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(watch, 'exit');
  const lines: string[] = [];
  const lines$ = new ReplaySubject<string>();
  fromEvent(createInterface(watch.stdout), 'line')
    .pipe(map(String))
    .subscribe((line) => {
      lines.push(line);
      lines$.next(line);
    });
  const printed = (start: string) => firstValueFrom(lines$.pipe(filter((line) => line.startsWith(start))));

  await printed('clock 1');
  await broker.close();
  await printed('reconnecting');
  const again = createBroker({ listeners });
  await again.listening;
  await printed('clock 4');
  watch.kill('SIGINT');
  expect((await ended)[0]).toBe(0);
  await again.close();

  const clock = lines.filter((line) => line.startsWith('clock'));
  expect(clock.slice(0, 5)).toEqual(['clock 0', 'clock 1', 'clock 2', 'clock 3', 'clock 4']);
  expect(lines.map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['reconnecting', 'connected', 'ended']),
  );
}, 60_000);
