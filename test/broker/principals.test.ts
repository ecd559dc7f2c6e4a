import { firstValueFrom } from 'rxjs';
import { connect as connectClient } from '../../src/index.js';
import type { DeliveryRequest } from '../../src/broker/index.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { makeCertificates } from '../support/certificates.js';
import { connectPacket, textOf, type RawClient } from '../support/raw-client.js';
import { brokers, type RunningBroker } from './support.js';

const start = brokers();
const persistent = { clientId: 'shared', clean: false, properties: { sessionExpiryInterval: 60 } };
const alice = { ...persistent, username: 'alice' };
const bob = { ...persistent, username: 'bob' };

async function refusal(
  { open }: RunningBroker,
  options: Parameters<typeof connectPacket>[0],
  version: 3 | 4 | 5 = 5,
): Promise<unknown> {
  const client = await open(version);
  client.send(connectPacket({ ...options, protocolVersion: version }));
  return (await client.closed()).map((packet) => ('reasonCode' in packet ? packet.reasonCode : packet.cmd));
}

describe('a session belongs to who opened it', () => {
  test('another user is refused (0x85; 3.1.1: 2), and the owner stays', async () => {
    const running = await start({ sysInterval: 0 });
    const owner = await running.connect(alice);
    await owner.subscribe('private', 1);
    expect(await refusal(running, bob)).toEqual([0x85]);
    expect(await refusal(running, { ...bob, clean: true })).toEqual([0x85]);
    expect(await refusal(running, persistent)).toEqual([0x85]);
    expect(await refusal(running, { ...bob, properties: undefined }, 4)).toEqual([2]);
    running.broker.publish({ topic: 'private', payload: 'for alice', qos: 1 });
    expect(textOf(await owner.message())).toBe('for alice');
    expect(await owner.settle()).toEqual([]);
  });

  test('while its owner is away, too', async () => {
    const running = await start({ sysInterval: 0 });
    const owner = await running.connect(alice);
    await owner.subscribe('private', 1);
    await owner.disconnect();
    running.broker.publish({ topic: 'private', payload: 'for alice', qos: 1 });
    expect(await refusal(running, bob)).toEqual([0x85]);
    const again = await running.connect(alice);
    expect(again.connack.sessionPresent).toBe(true);
    expect(textOf(await again.message())).toBe('for alice');
  });

  test('its owner takes it over, and it is free when it has ended', async () => {
    const { connect } = await start();
    const first = await connect(alice);
    const second = await connect({ ...alice, clean: true, properties: undefined });
    expect(await first.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x8e }]);
    await second.disconnect();
    expect((await connect(bob)).connack.sessionPresent).toBe(false);
  });

  test('a client without a user name is known by its certificate', async () => {
    const { ca, server, client } = makeCertificates();
    const { urls, broker } = await start({
      listeners: ['mqtts://127.0.0.1:0'],
      tls: { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: false },
    });
    const url = urls[0] ?? '';
    const options = { clientId: 'shared', sessionExpiry: 60, clean: false, reconnect: false } as const;
    const owner = connectClient(url, { ...options, tls: { ca: ca.cert, cert: client.cert, key: client.key } });
    await firstValueFrom(owner.publish('t', '', { qos: 1 }));
    const stranger = connectClient(url, { ...options, tls: { ca: ca.cert } });
    await new Promise<void>((resolve) => stranger.state$.subscribe({ complete: resolve }));
    expect(stranger.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x85 } });
    expect(owner.state.status).toBe('connected');
    expect(broker.counters.refused).toBe(1);
    await owner.end();
  });

  test('a client of an authentication method is known by the name that it has proved', async () => {
    const running = await start({
      enhancedAuthentication: {
        NAME: ({ data }) => ({ status: 'success', username: Buffer.from(data ?? []).toString() }),
      },
    });
    const named = (name: string): typeof persistent => ({
      ...persistent,
      properties: {
        ...persistent.properties,
        ...{ authenticationMethod: 'NAME', authenticationData: Buffer.from(name) },
      },
    });
    const owner = await running.connect(named('alice'));
    expect((await firstValueFrom(running.broker.clients$)).get('shared')?.username).toBe('alice');
    expect(await refusal(running, { ...named('bob'), username: 'alice' })).toEqual([0x85]);
    owner.send({
      cmd: 'auth',
      reasonCode: 0x19,
      properties: { authenticationMethod: 'NAME', authenticationData: Buffer.from('bob') },
    });
    expect(await owner.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x87 }]);
  });

  test('in a store as well', async () => {
    const store = memoryStore();
    const before = await start({ store });
    await (await before.connect(alice)).subscribe('private', 1);
    await before.broker.close();
    const after = await start({ store, sysInterval: 0 });
    after.broker.publish({ topic: 'private', payload: 'for alice', qos: 1 });
    expect(await refusal(after, bob)).toEqual([0x85]);
    expect(textOf(await (await after.connect(alice)).message())).toBe('for alice');
  });

  test('one that was stored without an owner belongs to the next who opens it', async () => {
    const store = memoryStore();
    const before = await start({ store });
    await before.connect(alice);
    await before.broker.close();
    const key = 'broker/2/s/shared/m';
    const [record] = await store.load(key);
    const text = Buffer.from(record?.value ?? []).toString('latin1');
    expect(text).toContain('user:alice');
    // Sealed records hold their checksum: the session is described anew, as 0.1.0 did.
    const { encodeJson } = await import('../../src/session/sealed-record.js');
    const value = encodeJson({ expiryInterval: 60, leftAt: Date.now(), messages: 0, bytes: 0 });
    await store.write([{ type: 'put', key, value }]);
    const after = await start({ store });
    expect((await after.connect(bob)).connack.sessionPresent).toBe(true);
    expect(await refusal(after, alice)).toEqual([0x85]);
  });
});

describe('endSession()', () => {
  test('ends the connection and frees the identifier', async () => {
    const { connect, broker } = await start();
    const owner = await connect(alice);
    await owner.subscribe('private', 1);
    expect(broker.endSession('shared')).toBe(true);
    expect(await owner.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x98 }]);
    expect((await connect(bob)).connack.sessionPresent).toBe(false);
    expect(broker.endSession('unknown')).toBe(false);
  });

  test('ends a session without a connection, for good', async () => {
    const store = memoryStore();
    const { connect, broker } = await start({ store });
    await (await connect(alice)).disconnect();
    expect(broker.endSession('shared')).toBe(true);
    expect((await connect(bob)).connack.sessionPresent).toBe(false);
    expect(broker.endSession('shared')).toBe(true);
    await broker.close();
    expect((await store.load('broker/2/s/')).map(({ key }) => key)).toEqual([]);
  });
});

describe('unsubscribe()', () => {
  test.each(['connected', 'away'])('takes a subscription from a client that is %s', async (where) => {
    const { connect, broker } = await start({ sysInterval: 0 });
    let client: RawClient = await connect(alice);
    await client.subscribe(['a', '$share/g/a'], 1);
    if (where === 'away') await client.disconnect();
    expect(broker.unsubscribe('shared', 'a')).toBe(true);
    expect(broker.unsubscribe('shared', 'a')).toBe(false);
    expect(broker.unsubscribe('shared', '$share/g/a')).toBe(true);
    expect(broker.unsubscribe('unknown', 'a')).toBe(false);
    broker.publish({ topic: 'a', qos: 1 });
    if (where === 'away') client = await connect(alice);
    expect(await client.settle()).toEqual([]);
  });
});

describe('authorizeDelivery', () => {
  test('is asked about each message and each client as the message leaves', async () => {
    const asked: DeliveryRequest[] = [];
    const { connect, broker } = await start({
      sysInterval: 0,
      authorizeDelivery: (request) => {
        asked.push(request);
        return request.client.username !== 'bob';
      },
    });
    const [one, other] = [await connect({ username: 'alice' }), await connect({ username: 'bob' })];
    for (const client of [one, other]) await client.subscribe('t', 1);
    for (const qos of [0, 1] as const) broker.publish({ topic: 't', payload: 'x', qos });
    expect([textOf(await one.message()), textOf(await one.message())]).toEqual(['x', 'x']);
    expect(await other.settle()).toEqual([]);
    expect(asked.map(({ client, topic, qos }) => [client.username, topic, qos])).toEqual([
      ['alice', 't', 0],
      ['bob', 't', 0],
      ['alice', 't', 1],
      ['bob', 't', 1],
    ]);
    expect(broker.counters.undelivered).toBe(2);
  });

  test('keeps back what was queued before the right was withdrawn, and the rest goes on', async () => {
    let allowed = true;
    const { connect, broker } = await start({
      sysInterval: 0,
      authorizeDelivery: ({ topic }) => allowed || topic === 'open',
    });
    const client = await connect(alice);
    await client.subscribe(['secret', 'open'], 1);
    broker.publish({ topic: 'secret', payload: 'sent, and not acknowledged', qos: 1 });
    expect(textOf(await client.next('publish'))).toBe('sent, and not acknowledged');
    await client.cut();
    broker.publish({ topic: 'secret', payload: 'queued', qos: 1 });
    broker.publish({ topic: 'open', payload: 'open', qos: 2 });
    allowed = false;
    const again = await connect(alice);
    expect(textOf(await again.message())).toBe('open');
    expect(await again.settle()).toEqual([]);
    expect(broker.counters.undelivered).toBe(2);
  });

  test('is asked about retained messages', async () => {
    const { connect, broker } = await start({ sysInterval: 0, authorizeDelivery: ({ retain }) => !retain });
    broker.publish({ topic: 't', payload: 'old', retain: true });
    const client = await connect();
    await client.subscribe('t', 1);
    broker.publish({ topic: 't', payload: 'new' });
    expect(textOf(await client.message())).toBe('new');
  });
});
