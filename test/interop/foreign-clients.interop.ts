import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { makeCertificates } from '../support/certificates.js';

const run = promisify(execFile);

/** Runs one of the command-line clients of Mosquitto to its end, and gives the lines that it printed. */
async function client(name: 'mosquitto_pub' | 'mosquitto_sub', ...args: string[]): Promise<string[]> {
  const { stdout } = await run(name, args, { timeout: 20_000 });
  return stdout.split('\n').slice(0, -1);
}

describe.each(['tcp', 'mqtts'])('mosquitto_pub and mosquitto_sub at the embedded broker over %s', (scheme) => {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-foreign-'));
  let broker: Broker;
  let at: string[];

  beforeAll(async () => {
    const { ca, server } = makeCertificates();
    writeFileSync(join(folder, 'ca.crt'), ca.cert);
    broker = createBroker({
      listeners: [`${scheme}://127.0.0.1:0`],
      tls: { cert: server.cert, key: server.key },
      authenticate: ({ username, password }) =>
        username === 'hall' && Buffer.from(password ?? []).toString() === 'correct horse',
    });
    const [url = ''] = await broker.listening;
    const tls = scheme === 'mqtts' ? ['--cafile', join(folder, 'ca.crt')] : [];
    at = ['-h', '127.0.0.1', '-p', new URL(url).port, '-u', 'hall', '-P', 'correct horse', ...tls];
  });
  afterAll(async () => {
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['mqttv31', 0],
    ['mqttv31', 2],
    ['mqttv311', 1],
    ['mqttv311', 2],
    ['mqttv5', 0],
    ['mqttv5', 1],
    ['mqttv5', 2],
  ])('%s, QoS %i: three messages arrive in order', async (version, qos) => {
    const topic = `foreign/${version}/${qos}`;
    const all = [...at, '-V', version, '-q', String(qos), '-t', topic];
    const subscribed = firstValueFrom(broker.subscribed$.pipe(filter((one) => one.filter === topic)));
    const received = client('mosquitto_sub', ...all, '-C', '3', '-F', '%t %q %p');
    await subscribed;
    const publisher = spawn('mosquitto_pub', [...all, '-l'], { stdio: ['pipe', 'inherit', 'inherit'] });
    publisher.stdin.end('one\ntwo\nthree\n');
    expect(await received).toEqual(['one', 'two', 'three'].map((text) => `${topic} ${qos} ${text}`));
  });

  it('a retained message waits for later subscribers, and a will is published for a client that breaks off', async () => {
    await client('mosquitto_pub', ...at, '-V', 'mqttv5', '-q', '1', '-r', '-t', 'kept', '-m', 'still here');
    expect(await client('mosquitto_sub', ...at, '-t', 'kept', '-C', '1', '-F', '%r %p')).toEqual(['1 still here']);

    const wills = firstValueFrom(
      broker.published$.pipe(
        filter(({ message }) => message.topic === 'will'),
        take(1),
        toArray(),
      ),
    );
    const connected = firstValueFrom(broker.connected$);
    const will = ['--will-topic', 'will', '--will-payload', 'gone'];
    const dying = spawn('mosquitto_sub', [...at, ...will, '-t', 'any'], { stdio: 'ignore' });
    await connected;
    dying.kill('SIGKILL');
    expect((await wills).map(({ message }) => Buffer.from(message.payload).toString())).toEqual(['gone']);
  });

  it('what was sent to a kept session is there when its client returns', async () => {
    const kept = [...at, '-V', 'mqttv311', '-i', `kept-${scheme}`, '-c', '-q', '1', '-t', 'later'];
    await client('mosquitto_sub', ...kept, '-E');
    await client('mosquitto_pub', ...at, '-q', '1', '-t', 'later', '-m', 'waited');
    expect(await client('mosquitto_sub', ...kept, '-C', '1')).toEqual(['waited']);
  });

  it('keeps out a wrong password', async () => {
    const wrong = at.map((part) => (part === 'correct horse' ? 'wrong' : part));
    await expect(client('mosquitto_pub', ...wrong, '-t', 'a', '-m', 'b')).rejects.toThrow(/not authori[sz]ed|refused/i);
  });
});
