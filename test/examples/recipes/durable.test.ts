import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';
import { firstValueFrom, from, lastValueFrom, map, range, take, toArray } from 'rxjs';
import { bookPayments, type Payment } from '../../../examples/recipes/exactly-once.js';
import { telemetry } from '../../../examples/recipes/offline-telemetry.js';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { connect, publishTo, type MqttClient } from '../../../src/index.js';
import { bundledProgram } from '../../support/bundled-program.js';
import { freePort } from '../../support/free-ports.js';
import { recordsIn } from './records-in.js';

const root = join(__dirname, '../../..');
const DAY = 86_400_000;
/** For a test that starts processes, on a busy machine. */
const PROCESSES = 60_000;

let folder: string;
let broker: Broker | undefined;
const clients: MqttClient[] = [];
const databases: ClassicLevel[] = [];

beforeEach(() => {
  // That there is no broker is what these tests are about.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  folder = mkdtempSync(join(tmpdir(), 'rxmqtt-recipes-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
  await Promise.all(databases.splice(0).map((database) => database.close()));
  await broker?.close();
  rmSync(folder, { recursive: true });
});

interface Program {
  readonly child: ChildProcess;
  /** The signal that ended it. */
  readonly ended: Promise<unknown>;
}
function run(name: string, ...args: string[]): Program {
  const child = spawn(process.execPath, [bundledProgram(join(__dirname, `${name}.ts`)), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { child, ended: new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal))) };
}
const says = ({ child }: Program, text: string): Promise<void> =>
  new Promise((resolve) => child.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes(text) && resolve()));

function open(): ClassicLevel {
  const database = new ClassicLevel(folder);
  databases.push(database);
  return database;
}
async function close(client: MqttClient, database: ClassicLevel): Promise<void> {
  await client.end();
  await database.close();
}

describe('offline-telemetry.ts', () => {
  const serve = async (port: number): Promise<string> => {
    broker = createBroker({ listeners: [`tcp://127.0.0.1:${port}`] });
    const [url = ''] = await broker.listening;
    return url;
  };
  const arrive = (count: number): Promise<{ readonly at: string; readonly value: number }[]> =>
    firstValueFrom(
      broker!.published$.pipe(
        map(({ message }) => message.json<{ at: string; value: number }>()),
        take(count),
        toArray(),
      ),
    );

  it(
    'delivers what a process that was killed had measured without a broker, in order, with its times',
    async () => {
      const port = await freePort();
      const started = Date.now();
      const killed = run('telemetry-process', `mqtt://127.0.0.1:${port}`, folder, '50');
      await says(killed, 'stored');
      killed.child.kill('SIGKILL');
      await killed.ended;
      const restarted = Date.now();
      const url = await serve(port);
      const arrived = arrive(60);
      clients.push(telemetry(url, 'meter-7', range(51, 10), open()));
      const readings = await arrived;
      expect(readings.map(({ value }) => value)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
      const times = readings.map(({ at }) => Date.parse(at));
      expect(times.slice(0, 50).every((at) => at >= started && at <= restarted)).toBe(true);
      expect(times.slice(50).every((at) => at >= restarted)).toBe(true);
    },
    PROCESSES,
  );

  it('drops what has waited longer than a week, also while the process was down', async () => {
    const port = await freePort();
    const now = Date.now();
    for (const [days, value] of [
      [8, 1],
      [6, 2],
    ] as const) {
      jest.spyOn(Date, 'now').mockReturnValue(now - days * DAY);
      const database = open();
      const client = telemetry(`mqtt://127.0.0.1:${port}`, 'meter-7', from([value]), database);
      await recordsIn(database, value);
      await close(client, database);
    }
    jest.restoreAllMocks();
    const url = await serve(port);
    const arrived = firstValueFrom(broker!.published$);
    const client = telemetry(url, 'meter-7', from([]), open());
    clients.push(client);
    const { message } = await arrived;
    expect(message.json()).toEqual({ at: new Date(now - 6 * DAY).toISOString(), value: 2 });
    const left = message.properties?.messageExpiryInterval ?? 0;
    expect(left).toBeGreaterThan(86_400 - 60);
    expect(left).toBeLessThanOrEqual(86_400);
    expect(client.stats().dropped.expired).toBe(1);
  });

  it('keeps to its bounds: the oldest readings make room', async () => {
    const port = await freePort();
    const database = open();
    const client = telemetry(`mqtt://127.0.0.1:${port}`, 'meter-7', range(1, 1000), database, {
      maxMessages: 100,
      overflow: 'drop-oldest',
    });
    expect(client.stats().outbox.messages).toBe(100);
    expect(client.stats().dropped.queueFull).toBe(900);
    await recordsIn(database, 100);
    await close(client, database);
    const url = await serve(port);
    const arrived = arrive(100);
    clients.push(telemetry(url, 'meter-7', from([]), open()));
    expect((await arrived).map(({ value }) => value)).toEqual(Array.from({ length: 100 }, (_, at) => at + 901));
  });
});

it(
  'exactly-once.ts books each payment once over two deaths, one before and one after a commit',
  async () => {
    broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
    const [url = ''] = await broker.listening;
    const subscribed = firstValueFrom(broker.subscribed$);
    const first = run('payments-process', url, folder, '5', 'after');
    await subscribed;
    const bank = connect(url);
    clients.push(bank);
    // Each third payment is sent twice, and one message is no payment.
    const payments = Array.from({ length: 60 }, (_, at): Payment => ({
      id: `p${at}`,
      account: `${at % 4}`,
      cents: at,
    }));
    const sent = payments.flatMap((payment, at) => (at % 3 === 0 ? [payment, payment] : [payment]));
    const toMessage = (payment: Payment) => ({
      topic: `payments/${payment.account}`,
      payload: JSON.stringify(payment),
      qos: 1 as const,
    });
    await lastValueFrom(from(sent).pipe(publishTo(bank, toMessage)));
    await lastValueFrom(bank.publish('payments/0', 'a cheque', { qos: 1 }));
    expect(await first.ended).toBe('SIGKILL');
    expect(await run('payments-process', url, folder, '5', 'before').ended).toBe('SIGKILL');

    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const ledger = open();
    const client = connect(url, { clientId: 'bookkeeper', clean: false, sessionExpiry: 3600 });
    clients.push(client);
    const before = (await ledger.keys({ gte: 'done/', lt: 'done0' }).all()).length;
    expect(before).toBeGreaterThanOrEqual(9);
    const outcomes: string[] = [];
    bookPayments(client, ledger).subscribe((outcome) => outcomes.push(outcome));
    // Sixty notes, four balances and the message put aside; then the last acknowledgements.
    await recordsIn(ledger, 65);
    while (client.stats().held > 0) await setImmediate();
    const balances = await ledger.iterator({ gte: 'balance/', lt: 'balance0' }).all();
    const expected = [0, 1, 2, 3].map((account) => [
      `balance/${account}`,
      String(
        payments.filter((payment) => payment.account === String(account)).reduce((sum, { cents }) => sum + cents, 0),
      ),
    ]);
    expect(balances).toEqual(expected);
    expect(outcomes.filter((outcome) => outcome === 'booked')).toHaveLength(60 - before);
    expect(outcomes).toContain('again');
    expect(await ledger.values({ gte: 'aside/', lt: 'aside0' }).all()).toEqual(['a cheque']);
    expect(told).toHaveBeenCalledTimes(1);
  },
  PROCESSES,
);
