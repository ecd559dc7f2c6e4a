import { firstValueFrom, take, toArray } from 'rxjs';
import { createBroker } from '../../src/broker/index.js';
import { connectPacket, textOf } from '../support/raw-client.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';
import { brokers } from './support.js';

const start = brokers();

test('an option or a limit that does not exist throws a TypeError that names it', () => {
  expect(() => createBroker({ listener: [] } as never)).toThrow(
    new TypeError('createBroker: option "listener" is unknown; did you mean listeners?'),
  );
  expect(() => createBroker({ limits: { speed: 1 } as never })).toThrow(
    /^createBroker: limits: option "speed" is unknown; known are connections, connectionsPerAddress, /,
  );
});

test('a TLS listener without a certificate is refused: it would listen, and refuse every client', async () => {
  const broker = createBroker({ listeners: ['mqtts://127.0.0.1:0'] });
  await expect(broker.listening).rejects.toThrow(
    'the option tls cannot be used: a listener presents a certificate; give tls.cert and tls.key, or tls.pfx',
  );
  await broker.close();
});

test('listening gives the bound addresses in the order of the listeners, with their ports', async () => {
  const { urls, broker } = await start({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] });
  expect(urls[0]).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect(urls[1]).toMatch(/^ws:\/\/127\.0\.0\.1:[1-9]\d*\/mqtt$/);
  expect(await firstValueFrom(broker.listening$)).toEqual(urls);
});

test('listening rejects when an address cannot be bound, and binds none', async () => {
  const { urls } = await start();
  const second = createBroker({ listeners: ['tcp://127.0.0.1:0', urls[0] ?? ''] });
  await expect(second.listening).rejects.toThrow(/EADDRINUSE/);
  await second.close();
});

test('clients$ gives the connected clients at once and after each change', async () => {
  const { broker, connect } = await start();
  const seen = firstValueFrom(broker.clients$.pipe(take(3), toArray()));
  const client = await connect({ clientId: 'a' });
  await client.disconnect();
  expect((await seen).map((clients) => [...clients.keys()])).toEqual([[], ['a'], []]);
});

test('connected$, subscribed$, published$ and disconnected$ show what clients do', async () => {
  const { broker, connect } = await start();
  const told: unknown[] = [];
  broker.connected$.subscribe(({ clientId, protocolVersion }) => told.push(['connected', clientId, protocolVersion]));
  broker.subscribed$.subscribe(({ client, filter, reasonCode }) =>
    told.push(['subscribed', client.clientId, filter, reasonCode]),
  );
  broker.published$.subscribe(({ clientId, message }) => told.push(['published', clientId, message.topic]));
  const gone = firstValueFrom(broker.disconnected$);
  const client = await connect({ clientId: 'a', protocolVersion: 4 });
  await client.subscribe('x/#', 1);
  await client.publishAndWait('y', '1', { qos: 1 });
  await client.disconnect();
  expect(await gone).toMatchObject({ client: { clientId: 'a' }, reasonCode: 0 });
  expect(told).toEqual([
    ['connected', 'a', 4],
    ['subscribed', 'a', 'x/#', 1],
    ['published', 'a', 'y'],
  ]);
});

test('publish() reaches subscribers and is retained', async () => {
  const { broker, connect } = await start();
  broker.publish({ topic: 'kept', payload: 'old', retain: true });
  const client = await connect();
  await client.subscribe(['kept', 'live'], 1);
  expect(textOf(await client.message())).toBe('old');
  broker.publish({ topic: 'live', payload: 'new', qos: 1 });
  expect(textOf(await client.message())).toBe('new');
  expect(() => broker.publish({ topic: 'a/+' })).toThrow(/wildcard/);
});

test('what is retained or queued is a copy, of a Buffer as well', async () => {
  const { broker, connect } = await start();
  const persistent = { clientId: 'away', clean: false, properties: { sessionExpiryInterval: 60 } };
  const away = await connect(persistent);
  await away.subscribe('t', 1);
  await away.disconnect();
  // A part of a larger block, which is used again.
  const payload = Buffer.alloc(100, 'first').subarray(0, 5);
  broker.publish({ topic: 't', payload, qos: 1, retain: true });
  payload.write('other');
  expect(textOf(await (await connect(persistent)).message())).toBe('first');
  const late = await connect();
  await late.subscribe('t', 0);
  expect(textOf(await late.message())).toBe('first');
});

test('disconnectClient() ends a connection with the reason code', async () => {
  const { broker, connect } = await start();
  const client = await connect({ clientId: 'a' });
  expect(broker.disconnectClient('b')).toBe(false);
  expect(broker.disconnectClient('a')).toBe(true);
  expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x98 }]);
});

test('dropConnections() destroys sockets without DISCONNECT', async () => {
  const { broker, connect } = await start();
  const client = await connect({ clientId: 'a' });
  const other = await connect({ clientId: 'b' });
  broker.dropConnections('a');
  expect(await client.closed()).toEqual([]);
  expect(await other.settle()).toEqual([]);
});

test('[v5 MQTT-3.4.2-1] a message without subscribers is acknowledged with 0x10', async () => {
  const { connect } = await start();
  const client = await connect();
  expect(await client.publishAndWait('nobody', 'x', { qos: 1 })).toBe(0x10);
  expect(await client.publishAndWait('nobody', 'x', { qos: 2 })).toBe(0x10);
  const other = await connect();
  await other.subscribe('nobody', 0);
  expect(await client.publishAndWait('nobody', 'x', { qos: 1 })).toBe(0);
});

test('unacknowledged messages of a group member go to another member when its session ends', async () => {
  const { connect } = await start();
  const first = await connect({ clientId: 'first' });
  await first.subscribe('$share/group/jobs', 1);
  const other = await connect({ clientId: 'other' });
  for (const job of ['1', '2']) await other.publishAndWait('jobs', job, { qos: 1 });
  await first.next('publish');
  const second = await connect({ clientId: 'second' });
  await second.subscribe('$share/group/jobs', 1);
  await first.cut();
  expect([textOf(await second.message()), textOf(await second.message())].sort()).toEqual(['1', '2']);
});

test('[v5 MQTT-4.12.0-1] an unknown authentication method is refused with 0x8c', async () => {
  const { open } = await start();
  const client = await open();
  client.send(connectPacket({ clientId: 'a', properties: { authenticationMethod: 'PLAIN' } }));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x8c }]);
});

test('$SYS topics describe the broker', async () => {
  const { connect } = await start();
  const client = await connect();
  await client.subscribe('$SYS/broker/version', 0);
  expect(textOf(await client.message())).toBe('rxmqtt');
  expect(await client.publishAndWait('$SYS/broker/version', 'mine', { qos: 1 })).toBe(0x87);
  // `$SYS/#` matches it, too.
  expect(await client.publishAndWait('$SYS', 'mine', { qos: 1 })).toBe(0x87);
});

test('close() sends DISCONNECT, settles once for all callers, and leaves nothing open', async () => {
  const watch = watchResources();
  const { broker, connect } = await start({
    listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'],
  });
  const client = await connect({
    clientId: 'a',
    keepalive: 60,
    clean: false,
    properties: { sessionExpiryInterval: 60 },
  });
  const gone = client.closed();
  expect(broker.close()).toBe(broker.close());
  await broker.close();
  expect(await gone).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x8b }]);
  expect(() => broker.publish({ topic: 'a' })).toThrow(/the broker is closed/);
  expect(await watch.left()).toEqual(NOTHING_LEFT);
});
