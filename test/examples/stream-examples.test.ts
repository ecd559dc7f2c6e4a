import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { alarmPipeline } from '../../examples/alarm-pipeline.js';
import { drivingTrucks } from '../../examples/fleet-map.js';
import { keyedWorker } from '../../examples/keyed-worker.js';
import { createBroker } from '../../src/broker/index.js';
import { bundledProgram } from '../support/bundled-program.js';

/** The lines that an example prints, with a broker of its own. */
async function linesOf(example: (url: string, print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  try {
    const [url = ''] = await broker.listening;
    const lines: string[] = [];
    await example(url, (line) => lines.push(line));
    return lines;
  } finally {
    await broker.close();
  }
}

it('fleet-map.ts draws all trucks once they are known, and what changes', async () => {
  expect(await linesOf(drivingTrucks)).toEqual([
    'loading',
    '1 in Kiel, 2 in Bonn',
    '1 in Hamburg, 2 in Bonn',
    '1 in Hamburg',
  ]);
});

it('alarm-pipeline.ts tells of full tanks, and of readings that are none', async () => {
  expect(await linesOf(alarmPipeline)).toEqual([
    'bad reading on tanks/gateway-1/reading: level',
    'alarms/B: full',
    'bad reading on tanks/gateway-1/reading: no JSON',
    'alarms/A: full',
    'alarms/A: fine',
  ]);
});

it('keyed-worker.ts keeps the order within an account, and works on accounts side by side', async () => {
  const lines = await linesOf(keyedWorker);
  expect(lines.filter((line) => line.startsWith('ann'))).toEqual(['ann: opened', 'ann: paid in', 'ann: paid out']);
  expect(lines.filter((line) => line.startsWith('bob'))).toEqual(['bob: opened', 'bob: closed']);
  expect(lines.indexOf('bob: opened')).toBeLessThan(lines.indexOf('ann: opened'));
});

it.each(['fleet-map', 'alarm-pipeline', 'keyed-worker'])(
  '%s.ts runs by itself with a broker of its own',
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
    expect(output.split('\n').length).toBeGreaterThan(2);
  },
  20_000,
);
