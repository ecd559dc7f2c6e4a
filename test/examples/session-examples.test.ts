import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { asyncIteration } from '../../examples/async-iteration.js';
import { offlineFirst } from '../../examples/offline-first.js';
import { worker } from '../../examples/worker.js';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { bundledProgram } from '../support/bundled-program.js';

let broker: Broker;
let url: string;

beforeEach(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  [url = ''] = await broker.listening;
});
afterEach(() => broker.close());

async function linesOf(example: (url: string, print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await example(url, (line) => lines.push(line));
  return lines;
}

it('offline-first.ts delivers what a process without a broker has left on disk', async () => {
  expect(await linesOf(offlineFirst)).toEqual([
    '3 readings wait',
    'the process ends: ClosedError',
    'meter/7: 20.5',
    'meter/7: 20.7',
    'meter/7: 20.6',
  ]);
});

it('worker.ts does two jobs at a time, and tries again the one that fails', async () => {
  const lines = await linesOf(worker);
  expect(lines.slice(0, -1).sort()).toEqual([
    'job 1 is done',
    'job 2 is done',
    'job 3 is done, after 3 attempts',
    'job 4 is done',
    'job 5 is done',
    'job 6 is done',
  ]);
  expect(lines.at(-1)).toBe('at most 2 at a time');
});

it('async-iteration.ts reads until it has seen enough', async () => {
  expect(await linesOf(asyncIteration)).toEqual([
    'the tank is 10 % full',
    'the tank is 20 % full',
    'the tank is 30 % full',
    'the tank is 40 % full',
    'the tank is 50 % full',
    'is the tank full? yes',
  ]);
});

it.each(['offline-first', 'worker', 'async-iteration'])(
  '%s.ts runs by itself with brokers of its own',
  async (name) => {
    const child = spawn(process.execPath, [bundledProgram(`examples/${name}.ts`)], {
      cwd: join(__dirname, '../..'),
    });
    let output = '';
    let complaints = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
    expect(output.split('\n').length).toBeGreaterThan(4);
  },
  20_000,
);
