import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { connect, type ClientOptions, type MqttClient, type QoS } from '../../../src/index.js';
import { bundledProgram } from '../../support/bundled-program.js';
import { RawClient } from '../../support/raw-client.js';

const LIVES = 4;
/** Messages that a life of the broker acknowledges before it is killed in the middle of others. */
const ACKNOWLEDGED = 150;
const WINDOW = 40;
const LAST = 'last';

let folder: string;
let broker: ChildProcess | undefined;
const clients: MqttClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rxmqtt-broker-'));
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  if (broker !== undefined) await kill(broker);
  await rm(folder, { recursive: true });
});

const program = bundledProgram(join(__dirname, 'broker-process.ts'));

async function run(port = '0'): Promise<string> {
  const child = spawn(process.execPath, [program, folder, port], {
    cwd: join(__dirname, '../../..'),
  });
  broker = child;
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', () => reject(new Error(`the broker ended before it listened: ${complaints}`)));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function dial(url: string, clientId: string, options: Partial<ClientOptions> = {}): MqttClient {
  const client = connect(url, {
    clientId,
    clean: false,
    sessionExpiry: 3600,
    reconnect: { minDelay: 20, maxDelay: 100 },
    ...options,
  });
  clients.push(client);
  return client;
}

/** Publishes numbered messages, a window at a time, until told to stop; notes those whose acknowledgement it saw. */
class Publisher {
  readonly acknowledged: string[] = [];
  private number = 0;
  private stopped = false;
  private open = 0;
  private waiting: { readonly count: number; resolve(): void } | undefined;

  constructor(
    private readonly client: MqttClient,
    private readonly qos: QoS,
  ) {
    for (let slot = 0; slot < WINDOW; slot++) this.publishNext();
  }

  /** So many more were acknowledged. */
  progress(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = { count: this.acknowledged.length + count, resolve };
    });
  }

  /** No message is on its way any more. */
  stop(): Promise<void> {
    this.stopped = true;
    return new Promise((resolve) => {
      this.waiting = { count: this.acknowledged.length + this.open, resolve };
    });
  }

  private publishNext(): void {
    if (this.stopped) return;
    const text = `${this.qos}/${++this.number}`;
    this.open++;
    this.client.publish(`numbers/${this.qos}`, text, { qos: this.qos }).subscribe({
      complete: () => {
        this.open--;
        this.acknowledged.push(text);
        if (this.waiting !== undefined && this.acknowledged.length >= this.waiting.count) this.waiting.resolve();
        this.publishNext();
      },
    });
  }
}

/** Collects the messages of its session up to the last one. */
class Subscriber {
  private readonly texts: string[] = [];
  readonly all: Promise<readonly string[]>;

  constructor(client: MqttClient) {
    this.all = new Promise((resolve) => {
      client.messages$.subscribe((message) => {
        if (message.text() === LAST) resolve(this.texts);
        else this.texts.push(message.text());
      });
    });
  }
}

const repeated = (texts: readonly string[]): string[] => texts.filter((text, index) => texts.indexOf(text) !== index);

test('[v5 MQTT-4.4.0-1] kill -9 loses no acknowledged message, and duplicates none at QoS 2', async () => {
  const url = await run();
  const { port } = new URL(url);
  // One that is away for the whole time, and one that is there.
  const away = await RawClient.connect(url, {
    clientId: 'away',
    clean: false,
    properties: { sessionExpiryInterval: 3600 },
  });
  await away.subscribe('numbers/#', 2);
  await away.disconnect();
  const there = dial(url, 'there');
  const present = new Subscriber(there);
  there.subscribe('numbers/#', { qos: 2 }).subscribe();
  await firstValueFrom(there.subscriptions$.pipe(filter((all) => all.get('numbers/#')?.status === 'active')));

  const publishers = ([1, 2] as const).map((qos) => new Publisher(dial(url, `publisher-${qos}`), qos));
  for (let life = 1; life < LIVES; life++) {
    await Promise.all(publishers.map((publisher) => publisher.progress(ACKNOWLEDGED)));
    if (broker !== undefined) await kill(broker);
    await run(port);
  }
  await Promise.all(publishers.map((publisher) => publisher.stop()));
  await lastValueFrom(dial(url, 'last').publish('numbers/last', LAST, { qos: 2 }));

  const returned = new Subscriber(dial(url, 'away'));
  const acknowledged = publishers.flatMap((publisher) => publisher.acknowledged);
  expect(acknowledged.length).toBeGreaterThanOrEqual(2 * ACKNOWLEDGED * (LIVES - 1));
  for (const subscriber of [present, returned]) {
    const received = await subscriber.all;
    expect(acknowledged.filter((text) => !received.includes(text))).toEqual([]);
    expect(repeated(received.filter((text) => text.startsWith('2/')))).toEqual([]);
  }
}, 60_000);
