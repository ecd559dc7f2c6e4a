import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { connect, type MqttClient } from '../../src/index.js';
import { command, type Running, type Surroundings } from '../cli/support.js';
import { type Mosquitto, PASSWORD, startMosquitto, USERNAME } from './mosquitto.js';

let mosquitto: Mosquitto;
let client: MqttClient;
const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-cli-interop-'));
beforeAll(async () => {
  mosquitto = await startMosquitto();
  client = connect(mosquitto.url('tcp'));
  writeFileSync(join(folder, 'ca.pem'), mosquitto.certificates.ca.cert);
});
afterAll(async () => {
  await client.end();
  await mosquitto.stop();
  rmSync(folder, { recursive: true });
});

function run(args: readonly string[], { environment, ...given }: Surroundings = {}): Running {
  const all = { RXMQTT_URL: mosquitto.url('tcp'), ...environment };
  return command(args, '', { ...given, environment: all });
}

/** Publishes to a topic until a command that subscribes to it has ended: when it has subscribed, no one here knows. */
async function feed(running: Running, topic: string, payload: string): Promise<void> {
  let isOver = false;
  void running.code.then(() => (isOver = true));
  while (!isOver) await firstValueFrom(client.publish(topic, payload, { qos: 1 }));
}

describe.each(['5', '3.1.1'])('with MQTT %s', (version) => {
  const name = version === '5' ? 'mqttv5' : 'mqttv311';

  it('pub sends what mosquitto_sub prints', async () => {
    const topic = `cli/pub/${version}`;
    expect(await run(['pub', topic, 'zwanzig °C', '-q', '2', '-r', '-V', version]).code).toBe(0);
    expect(await mosquitto.sub('-V', name, '-C', '1', '-q', '2', '-t', topic, '-F', '%t %q %r %p')).toEqual([
      `${topic} 2 1 zwanzig °C`,
    ]);
  });

  it('sub prints what mosquitto_pub sends', async () => {
    const topic = `cli/sub/${version}`;
    mosquitto.pub('-V', name, '-r', '-q', '1', '-t', topic, '-m', 'from the other side');
    const running = run(['sub', `${topic}/#`, '-n', '1', '-q', '1', '-V', version]);
    expect(await running.code).toBe(0);
    expect(running.out).toEqual([`${topic} from the other side`]);
  });

  it('sub --retained only ends, and clean clears', async () => {
    for (const n of ['1', '2', '3']) mosquitto.pub('-r', '-t', `cli/clean/${version}/${n}`, '-m', n);
    const filter = `cli/clean/${version}/#`;
    const before = run(['sub', filter, '--retained', 'only', '-F', '%p', '-V', version]);
    expect(await before.code).toBe(0);
    expect([...before.out].sort()).toEqual(['1', '2', '3']);
    const cleaned = run(['clean', filter, '--retained', '--yes', '-V', version]);
    expect(await cleaned.code).toBe(0);
    expect(cleaned.err).toEqual(['3 cleared']);
    const after = run(['sub', filter, '--retained', 'only', '-V', version]);
    expect(await after.code).toBe(0);
    expect(after.out).toEqual([]);
  });

  it('wait ends when a message matches, and with 3 when none does', async () => {
    const topic = `cli/wait/${version}`;
    const running = run(['wait', topic, '--where', 'state=ready', '-W', '20', '-V', version]);
    await feed(running, topic, '{"state":"ready"}');
    expect(await running.code).toBe(0);
    expect(running.out).toEqual(['{"state":"ready"}']);
    expect(await run(['wait', `${topic}/never`, '-W', '100ms', '-V', version]).code).toBe(3);
  });

  it('record and replay keep the bytes', async () => {
    const topic = `cli/record/${version}`;
    const recording = run(['record', topic, '-n', '2', '-V', version]);
    await feed(recording, topic, 'a\u0000b');
    expect(await recording.code).toBe(0);
    expect(recording.out.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: 0, topic, payload: 'a\u0000b', qos: 1 },
      { time: expect.any(Number), topic, payload: 'a\u0000b', qos: 1 },
    ]);
    const retained = recording.out.map((line) => line.replace('}', ',"retain":true}')).join('\n');
    const replay = run(['replay', '-', '--map', 'cli/record/+=>cli/replay/+', '-V', version], { stdin: retained });
    expect(await replay.code).toBe(0);
    const got = run(['sub', `cli/replay/${version}`, '--raw', '-n', '1', '-V', version]);
    expect(await got.code).toBe(0);
    expect(Buffer.concat(got.bytes)).toEqual(Buffer.from('a\u0000b'));
  });

  it.each(['1', '2'])('bench e2e at QoS %s proves that nothing was lost, came twice or out of order', async (qos) => {
    const args = ['bench', 'e2e', '-c', '2', '--rate', '400', '-q', qos, '-d', '500ms', '--warmup', '100ms', '--json'];
    const { code, out } = run([...args, '-V', version]);
    expect(await code).toBe(0);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ lost: 0, duplicates: 0, disordered: 0 });
  });

  it('bench pub, sub and conn run', async () => {
    const times = ['-d', '200ms', '--warmup', '20ms', '--json', '-V', version];
    for (const mode of ['pub', 'sub', 'conn']) {
      const { code, out } = run(['bench', mode, '-c', '2', ...times]);
      expect(await code).toBe(0);
      expect(JSON.parse(out[0] ?? '')).toMatchObject({ mode, clients: 2 });
    }
  });

  it('check finds nothing broken', async () => {
    const { code, out } = run(['check', '-V', version]);
    expect(out.filter((line) => line.startsWith('fail'))).toEqual([]);
    expect(await code).toBe(0);
    expect(out.filter((line) => line.startsWith('fail'))).toEqual([]);
    expect(out.at(-1)).toMatch(/^ok {4}latency/);
  });
});

it('request is answered by respond, through a program', async () => {
  const responder = run(['respond', 'cli/upper', '--', 'tr', 'a-z', 'A-Z'], { environment: process.env });
  let answer: Running;
  do {
    answer = run(['request', 'cli/upper', 'hello', '-W', '2']);
  } while ((await answer.code) !== 0);
  expect(answer.out).toEqual(['HELLO']);
  responder.interrupt();
  expect(await responder.code).toBe(0);
});

it('a request without a subscriber ends with 4', async () => {
  expect(await run(['request', 'cli/nobody', 'x']).code).toBe(4);
});

it.each(['tls', 'wss'] as const)('over %s, with an authority', async (listener) => {
  const args = ['pub', 'cli/secure', 'x', '-q', '1', '--url', mosquitto.url(listener)];
  expect(await run([...args, '--ca', join(folder, 'ca.pem')]).code).toBe(0);
  expect(await run([...args, '--insecure']).code).toBe(0);
  const untrusted = run(args);
  expect(await untrusted.code).toBe(1);
  expect(untrusted.err).toEqual([expect.stringMatching(/certificate/)]);
});

it('with a certificate of its own', async () => {
  const { client: own } = mosquitto.certificates;
  const [cert, key] = [join(folder, 'client.crt'), join(folder, 'client.key')];
  writeFileSync(cert, own.cert);
  writeFileSync(key, own.key);
  const args = ['pub', 'cli/mutual', 'x', '-q', '1', '-L', mosquitto.url('mutualTls'), '--ca', join(folder, 'ca.pem')];
  expect(await run([...args, '--cert', cert, '--key', key]).code).toBe(0);
  expect(await run(args).code).toBe(1);
});

it('a wrong password ends with 4, the right one from a file, the environment or a question with 0', async () => {
  const args = ['pub', 'cli/user', 'x', '--url', mosquitto.url('password'), '-u', USERNAME];
  const file = join(folder, 'password');
  writeFileSync(file, `${PASSWORD}\n`);
  expect(await run(args, { environment: { RXMQTT_PASSWORD: 'wrong' } }).code).toBe(4);
  expect(await run([...args, '--password-file', file]).code).toBe(0);
  expect(await run(args, { environment: { RXMQTT_PASSWORD: PASSWORD } }).code).toBe(0);
  expect(await run(args, { askSecret: () => Promise.resolve([PASSWORD]) }).code).toBe(0);
});
