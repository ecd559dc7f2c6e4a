import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as dial, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { connect } from '../../src/index.js';
import { certificateRows } from '../../src/cli/check/certificates.js';
import { createDecoder, encode } from '../../src/packet/index.js';
import type { ConnackProperties } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';
import { embedded, type Embedded } from './embedded.js';

const { ca, server } = makeCertificates();
const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-check-'));
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, ca.cert);
let at: Embedded;
let secure: Embedded;
beforeAll(async () => {
  at = await embedded();
  secure = await embedded({
    listeners: ['mqtts://127.0.0.1:0'],
    tls: { cert: server.cert, key: server.key },
    authenticate: ({ username }) => username === 'hall',
  });
});
afterAll(async () => {
  await Promise.all([at.close(), secure.close()]);
  rmSync(folder, { recursive: true });
});

/** A way to a broker on which CONNACK says something else. */
async function announcing(url: string, properties: ConnackProperties) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const { hostname, port } = new URL(url);
    const upstream = dial(Number(port), hostname);
    sockets.push(socket, upstream);
    socket.pipe(upstream);
    const decoder = createDecoder();
    upstream.on('data', (chunk: Buffer) => {
      // A CONNACK of two bytes has no properties: it is one of MQTT 3.
      if (chunk[0] !== 0x20 || chunk[1] === 2) return void socket.write(chunk);
      decoder.decode(chunk, (packet) => {
        const changed = packet.cmd === 'connack' ? { ...packet, properties } : packet;
        socket.write(encode(changed));
      });
    });
    for (const one of [socket, upstream]) one.on('error', () => undefined);
    upstream.on('close', () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  };
}

const states = (out: readonly string[]): Record<string, string> =>
  Object.fromEntries(out.map((line) => [line.slice(6, 28).trim(), line.slice(0, 5).trim()]));

describe('rxmqtt check', () => {
  it('tells versions, limits, features and latency, and ends with 0', async () => {
    const { code, out, err } = at.run(['check', at.url]);
    expect(await code).toBe(0);
    expect(err).toEqual([]);
    const names = [
      ...['connection', 'MQTT 5', 'MQTT 3.1.1', 'MQTT 3.1', 'receive maximum', 'packet size', 'topic aliases'],
      ...['keep-alive', 'subscription ids', 'QoS 0', 'QoS 1', 'QoS 2', 'retained messages'],
      ...['wildcards', 'shared subscriptions', 'session', 'latency'],
    ];
    expect(states(out)).toEqual(Object.fromEntries(names.map((name) => [name, 'ok'])));
  });

  it('leaves nothing behind', async () => {
    const { code } = at.run(['check', '--topic', 'left/behind']);
    expect(await code).toBe(0);
    const left = at.run(['sub', '#', '--retained', 'only']);
    expect(await left.code).toBe(0);
    expect(left.out).toEqual([]);
  });

  it('reports features that the broker lacks, without a failure', async () => {
    const properties = { maximumQoS: 1, retainAvailable: false, sharedSubscriptionAvailable: false } as const;
    const relay = await announcing(at.url, properties);
    const { code, out } = at.run(['check', relay.url]);
    expect(await code).toBe(0);
    const { 'QoS 1': qos1, 'QoS 2': qos2, 'retained messages': retained, ...others } = states(out);
    expect([qos1, qos2, retained, others['shared subscriptions']]).toEqual(['ok', 'no', 'no', 'no']);
    await relay.close();
  });

  it('a feature that is announced and does not work is a failure', async () => {
    const lying = await embedded({ authorizePublish: ({ topic }) => !topic.endsWith('/retained') });
    try {
      const { code, out } = lying.run(['check', '--json']);
      expect(await code).toBe(1);
      const { ok, checks } = JSON.parse(out[0] ?? '') as { ok: boolean; checks: { name: string; state: string }[] };
      expect(ok).toBe(false);
      expect(checks.filter(({ state }) => state === 'fail').map(({ name }) => name)).toEqual(['retained messages']);
    } finally {
      await lying.close();
    }
  }, 20_000);

  it('shows the chain of the certificate and its end', async () => {
    const { code, out } = secure.run(['check', secure.url, '--ca', caFile, '-u', 'hall']);
    expect(await code).toBe(0);
    const rows = out.filter((line) => line.includes('TLS'));
    expect(rows).toEqual([
      expect.stringMatching(/^ok {4}TLS certificate {7}.+ < .+$/),
      expect.stringMatching(/^(ok|warn) +TLS expiry {12}\d{4}-\d\d-\d\d, in \d+ days \(.+\)$/),
    ]);
  });

  it('a certificate that is not trusted is shown and fails', async () => {
    const { code, out, err } = secure.run(['check', secure.url, '-u', 'hall']);
    expect(await code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^rxmqtt check: connecting to .*certificate as --ca$/)]);
    expect(out[0]).toMatch(/^fail {2}connection/);
    expect(out[1]).toMatch(/^fail {2}TLS certificate {7}.*: it is not trusted$/);
    expect(out[2]).toMatch(/ TLS expiry /);
  });

  it.each([
    ['mqtt://u:sec@ret@localhost:1', 'mqtt://localhost:1'],
    ['ws://u:secret@localhost:1/mqtt?token=secret', 'ws://localhost:1/mqtt'],
    ['mqtt://u:sec/ret@localhost:1', 'mqtt://localhost:1'],
  ])('--json shows neither user, password nor query of %s', async (url, shown) => {
    const { code, out, err } = at.run(['check', url, '--json']);
    expect(await code).not.toBe(0);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ url: shown, ok: false });
    expect([...out, ...err].join()).not.toMatch(/sec|ret@|token/);
  });

  it('ends with 4 when the broker refuses the connection, and with 3 when there is no answer', async () => {
    const refused = secure.run(['check', secure.url, '--ca', caFile]);
    expect(await refused.code).toBe(4);
    expect(refused.out).toEqual([expect.stringMatching(/^fail {2}connection/)]);
    const sockets: Socket[] = [];
    const deaf = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const { port } = deaf.address() as AddressInfo;
    const late = at.run(['check', `localhost:${port}`, '--connect-timeout', '100ms', '--json']);
    expect(await late.code).toBe(3);
    expect(JSON.parse(late.out[0] ?? '')).toMatchObject({ url: `mqtt://localhost:${port}`, ok: false });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));
  });

  it('warns of a certificate that ends soon, and fails for one that has ended', () => {
    const name = { CN: 'broker' } as never;
    const certificate = {
      subject: name,
      issuer: name,
      valid_to: 'Jan 31 00:00:00 2030 GMT',
      fingerprint256: 'a',
    } as never;
    const expiry = (now: string) => certificateRows(certificate, undefined, Date.parse(now))[1];
    expect(expiry('2030-01-01')).toMatchObject({ state: 'ok', text: '2030-01-31, in 30 days (broker)' });
    expect(expiry('2030-01-20')).toMatchObject({ state: 'warn' });
    expect(expiry('2030-02-01')).toMatchObject({ state: 'fail', text: 'broker has expired on 2030-01-31' });
  });
});

describe('rxmqtt clean', () => {
  const publishRetained = async (...topics: string[]): Promise<void> => {
    const client = connect(at.url);
    for (const topic of topics) await firstValueFrom(client.publish(topic, 'kept', { qos: 1, retain: true }));
    await client.end();
  };
  const left = async (): Promise<string[]> => {
    const running = at.run(['sub', '#', '--retained', 'only', '-F', '%t']);
    await running.code;
    return [...running.out].sort();
  };

  it('shows the topics it found, asks, and clears only after a yes', async () => {
    await publishRetained('clean/a', 'clean/b', 'other');
    const questions: string[] = [];
    const answering = (answer: string) => ({
      ask: (question: string) => {
        questions.push(question);
        return Promise.resolve(answer);
      },
    });
    const no = at.run(['clean', 'clean/#', '--retained'], answering(''));
    expect(await no.code).toBe(0);
    expect(no.err).toEqual(['  clean/a', '  clean/b', 'nothing was cleared']);
    expect(questions).toEqual(['Clear these 2 retained messages? [y/N] ']);
    expect(await left()).toEqual(['clean/a', 'clean/b', 'other']);
    const yes = at.run(['clean', 'clean/#', '--retained'], answering('y'));
    expect(await yes.code).toBe(0);
    expect(yes.err.at(-1)).toBe('2 cleared');
    expect(await left()).toEqual(['other']);
  });

  it('a question without an answer clears nothing, and ends with 1', async () => {
    await publishRetained('asked/a');
    const ask = () => Promise.reject(new Error('nothing was answered; nothing was done'));
    const { code, err } = at.run(['clean', 'asked/#', '--retained'], { ask });
    expect(await code).toBe(1);
    expect(err).toEqual(['  asked/a', 'rxmqtt clean: nothing was answered; nothing was done']);
    expect(await left()).toContain('asked/a');
    expect(await at.run(['clean', 'asked/#', '--retained', '--yes']).code).toBe(0);
  });

  it('--dry-run clears nothing, --yes does not ask', async () => {
    await publishRetained('clean/c');
    const dry = at.run(['clean', 'clean/#', '--retained', '--dry-run']);
    expect(await dry.code).toBe(0);
    expect(dry.out).toEqual(['clean/c']);
    expect(await at.run(['clean', 'clean/#', '--retained', '--yes']).code).toBe(0);
    expect(await left()).not.toContain('clean/c');
    const none = at.run(['clean', 'clean/#', '--retained', '--yes']);
    expect(await none.code).toBe(0);
    expect(none.err).toEqual(['there are no retained messages']);
  });

  it.each([
    [['clean', 'a'], "say what to clean: '--retained'"],
    [['clean', 'a', '--retained'], "there is no terminal to ask at; give '--yes'"],
    [['clean', '--retained'], "a topic filter is missing; all topics are '#', in quotes"],
  ])('%j is refused with 2', async (args, why) => {
    const { code, err } = at.run(args);
    expect(await code).toBe(2);
    expect(err).toEqual([`rxmqtt clean: ${why}; see rxmqtt clean --help`]);
  });
});
