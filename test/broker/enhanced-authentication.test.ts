import type { EnhancedAuthenticator } from '../../src/broker/index.js';
import type { AuthPacket } from '../../src/packet/packets.js';
import { connectPacket, type RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

/** Asks for a number, and takes the next one. */
const counting: EnhancedAuthenticator = ({ data, memory }) => {
  const asked = memory.get('asked');
  if (asked === undefined) {
    memory.set('asked', 41);
    return { status: 'continue', data: bytes('41') };
  }
  return Promise.resolve(text(data) === '42' ? { status: 'success', data: bytes('well done') } : false);
};

const auth = (reasonCode: number, data: string, method = 'COUNT'): AuthPacket => ({
  cmd: 'auth',
  reasonCode,
  properties: { authenticationMethod: method, authenticationData: bytes(data) },
});

async function begin(): Promise<RawClient> {
  const { open } = await start({ enhancedAuthentication: { COUNT: counting } });
  const client = await open();
  client.send(connectPacket({ clientId: 'a', properties: { authenticationMethod: 'COUNT' } }));
  const { reasonCode, properties } = await client.next('auth');
  expect([reasonCode, properties?.authenticationMethod, text(properties?.authenticationData)]).toEqual([
    0x18,
    'COUNT',
    '41',
  ]);
  return client;
}

async function admitted(): Promise<RawClient> {
  const client = await begin();
  client.send(auth(0x18, '42'));
  const { reasonCode, properties } = await client.next('connack');
  expect([reasonCode, properties?.authenticationMethod, text(properties?.authenticationData)]).toEqual([
    0,
    'COUNT',
    'well done',
  ]);
  return client;
}

test('[v5 MQTT-4.12.0-2] [v5 MQTT-4.12.0-5] AUTH goes back and forth until CONNACK, which names the method', async () => {
  const client = await admitted();
  expect(await client.settle()).toEqual([]);
});

test('[v5 MQTT-4.12.0-4] a wrong answer is refused', async () => {
  const client = await begin();
  client.send(auth(0x18, '43'));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x87 }]);
});

test('[v5 MQTT-3.1.2-30] anything but AUTH during the exchange is refused', async () => {
  const client = await begin();
  client.publish('t', 'x');
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x82 }]);
});

test('[v5 MQTT-4.12.0-5] another method during the exchange is refused', async () => {
  const client = await begin();
  client.send(auth(0x18, '42', 'OTHER'));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x82 }]);
});

test('a connected client re-authenticates while its other packets are served', async () => {
  const client = await admitted();
  client.send(auth(0x19, ''));
  expect((await client.next('auth')).reasonCode).toBe(0x18);
  expect(await client.settle()).toEqual([]);
  client.send(auth(0x18, '42'));
  expect((await client.next('auth')).reasonCode).toBe(0);
});

test('[v5 MQTT-4.12.1-2] a client that fails to re-authenticate is disconnected', async () => {
  const client = await admitted();
  client.send(auth(0x19, ''));
  await client.next('auth');
  client.send(auth(0x18, 'nonsense'));
  expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x87 }]);
});

test('[v5 MQTT-4.12.0-6] AUTH of a client that named no method ends the connection', async () => {
  const { connect } = await start({ enhancedAuthentication: { COUNT: counting } });
  const client = await connect();
  client.send(auth(0x19, ''));
  expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x82 }]);
});
