import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { alertsOfBoilers } from '../../examples/alerts.js';
import { basic } from '../../examples/basic.js';
import { bridge } from '../../examples/bridge.js';
import { requestPerDevice } from '../../examples/request-per-device.js';
import { rollingAverages } from '../../examples/rolling-average.js';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { bundledProgram } from '../support/bundled-program.js';

let broker: Broker;
let other: Broker;
let url: string;
let otherUrl: string;

beforeEach(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  other = createBroker({ listeners: ['ws://127.0.0.1:0/mqtt'] });
  [url = ''] = await broker.listening;
  [otherUrl = ''] = await other.listening;
});
afterEach(async () => {
  await broker.close();
  await other.close();
});

/** The lines that an example prints. */
async function linesOf(example: (print: (line: string) => void) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await example((line) => lines.push(line));
  return lines;
}

it('basic.ts connects, receives what it publishes, and ends', async () => {
  expect(await linesOf((print) => basic(url, print))).toEqual([
    'state: idle',
    'state: connecting',
    'state: connected',
    'hall/1/temperature: 19.5 °C',
    'hall/2/temperature: 21.0 °C',
    'hall/3/temperature: 20.5 °C',
    'state: ended',
  ]);
});

it('rolling-average.ts averages the last three readings of each room', async () => {
  expect(await linesOf((print) => rollingAverages(url, print))).toEqual([
    'kitchen: 19.0 °C on average',
    'attic: 13.0 °C on average',
    'kitchen: 20.0 °C on average',
    'attic: 14.0 °C on average',
    'kitchen: 21.0 °C on average',
    'attic: 15.0 °C on average',
  ]);
});

it('alerts.ts tells of a pressure that stays high and of its return, not of each crossing', async () => {
  expect(await linesOf((print) => alertsOfBoilers(url, print))).toEqual([
    'alerts/boiler/7: pressure is high',
    'alerts/boiler/7: pressure is normal',
  ]);
});

it('request-per-device.ts answers the requests of each device in order', async () => {
  const lines = await linesOf((print) => requestPerDevice(url, print));
  for (const id of ['lamp', 'lock', 'fan']) {
    expect(lines.filter((line) => line.startsWith(`device/${id}/`))).toEqual(
      ['a', 'b', 'c'].map((question) => `device/${id}/response: ${id} asked ${question}`),
    );
  }
});

it('bridge.ts carries messages to a second broker', async () => {
  const lines = await linesOf((print) => bridge(url, otherUrl, print));
  expect(lines.sort()).toEqual(['north', 'south', 'west'].map((site) => `the second broker has ${site}: open`));
});

it.each(['basic', 'rolling-average', 'alerts', 'request-per-device', 'bridge'])(
  '%s.ts runs by itself with brokers of its own',
  async (name) => {
    const root = join(__dirname, '../..');
    const child = spawn(process.execPath, [bundledProgram(`examples/${name}.ts`)], { cwd: root });
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
