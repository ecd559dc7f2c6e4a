import { firstValueFrom } from 'rxjs';
import type { PublishRequest } from '../../src/broker/index.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { connectPacket, textOf } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 1, retain: false } as const;

describe('a will that its client may not publish', () => {
  test.each([
    ['below $SYS', { ...will, topic: '$SYS/broker/version', retain: true }, 0x87, 5],
    ['by the authorizer', { ...will, topic: 'secret' }, 0x87, 5],
    ['with too many levels', { ...will, topic: 'a/'.repeat(300) }, 0x90, 3],
  ])('refuses the connection: %s', async (_name, forbidden, v5, v4) => {
    const { open, broker } = await start({ authorizePublish: ({ topic }) => Promise.resolve(topic !== 'secret') });
    for (const [version, code] of [
      [5, v5],
      [4, v4],
    ] as const) {
      const client = await open(version);
      client.send(connectPacket({ protocolVersion: version, clientId: 'a', will: forbidden }));
      expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: code }]);
    }
    expect((await firstValueFrom(broker.clients$)).size).toBe(0);
  });

  test('does not touch the session that is there', async () => {
    const { connect, open } = await start({ authorizePublish: () => false });
    const first = await connect({ clientId: 'a' });
    const second = await open();
    second.send(connectPacket({ clientId: 'a', will }));
    expect(await second.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x87 }]);
    expect(await first.settle()).toEqual([]);
  });
});

test('a will holds its own bytes, and not those of the CONNECT that it came in', async () => {
  const held: number[] = [];
  const { connect } = await start({
    authorizePublish({ payload }) {
      held.push(payload.buffer.byteLength);
      return true;
    },
  });
  await connect({ will, properties: { userProperties: [['padding', 'x'.repeat(50_000)]] } });
  expect(held).toEqual([3]);
});

describe('the state of a bridge, as Mosquitto has it', () => {
  const topic = '$SYS/broker/connection/hall.to-here/state';
  const state = { ...will, topic, payload: Buffer.from('0'), retain: true } as const;

  test.each([4, 5] as const)('[MQTT %d] is published and kept, and so is the will', async (protocolVersion) => {
    const { connect } = await start({ sysInterval: 0 });
    const watch = await connect();
    await watch.subscribe('$SYS/#', 0);
    const bridge = await connect({ clientId: 'bridge', protocolVersion, will: state });
    bridge.publish(topic, '1', { qos: 1, retain: true });
    expect(await watch.message()).toMatchObject({ topic, payload: Buffer.from('1') });
    await bridge.cut();
    expect(await watch.message()).toMatchObject({ topic, payload: Buffer.from('0') });
    const late = await connect();
    await late.subscribe('$SYS/#', 0);
    expect(await late.message()).toMatchObject({ topic, payload: Buffer.from('0'), retain: true });
  });

  test('is up to the authorizer', async () => {
    const { open } = await start({ authorizePublish: () => false });
    const bridge = await open();
    bridge.send(connectPacket({ clientId: 'bridge', will: state }));
    expect(await bridge.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x87 }]);
  });

  test.each(['$SYS/broker/connection/state', '$SYS/broker/connection/a/b/state', '$SYS/broker/connection/a/state/b'])(
    'is not %s',
    async (other) => {
      const { connect } = await start();
      expect(await (await connect()).publishAndWait(other, '1', { qos: 1 })).toBe(0x87);
    },
  );
});

describe('the authorizer of a will', () => {
  test('is asked at CONNECT and when it is sent, and told whose it is', async () => {
    const asked: PublishRequest[] = [];
    const { connect, broker } = await start({
      sysInterval: 0,
      authorizePublish: (request) => {
        asked.push(request);
        return true;
      },
    });
    const watch = await connect();
    await watch.subscribe('gone', 0);
    const client = await connect({ clientId: 'a', username: 'alice', will });
    expect(asked).toHaveLength(1);
    await client.cut();
    expect(textOf(await watch.message())).toBe('bye');
    for (const request of asked) {
      expect(request).toMatchObject({ clientId: 'a', topic: 'gone', qos: 1, will: true });
      expect(request.client).toMatchObject({ clientId: 'a', username: 'alice', protocolVersion: 5 });
    }
    expect(asked).toHaveLength(2);
    watch.publish('t', '', { qos: 1 });
    await watch.next('puback');
    expect(asked[2]).toMatchObject({ topic: 't', will: false });
    expect(broker.counters.unauthorized).toBe(0);
  });

  test('keeps it back when the right was withdrawn meanwhile', async () => {
    let allowed = true;
    const { connect, broker } = await start({ sysInterval: 0, authorizePublish: () => allowed });
    const watch = await connect();
    await watch.subscribe('gone', 0);
    const client = await connect({ clientId: 'a', will });
    allowed = false;
    const gone = firstValueFrom(broker.disconnected$);
    await client.cut();
    await gone;
    expect(await watch.settle()).toEqual([]);
    expect(broker.counters.unauthorized).toBe(1);
  });

  test('is told whose it is after a restart, too', async () => {
    const store = memoryStore();
    const before = await start({ store });
    const delayed = { ...will, properties: { willDelayInterval: 1 } };
    const properties = { sessionExpiryInterval: 60 };
    const client = await before.connect({ clientId: 'a', username: 'alice', clean: false, will: delayed, properties });
    const gone = firstValueFrom(before.broker.disconnected$);
    await client.cut();
    await gone;
    await before.broker.close();
    const asked: PublishRequest[] = [];
    const after = await start({
      store,
      sysInterval: 0,
      authorizePublish: (request) => {
        asked.push(request);
        return true;
      },
    });
    expect((await firstValueFrom(after.broker.published$)).message.topic).toBe('gone');
    expect(asked).toMatchObject([{ will: true, client: { clientId: 'a', username: 'alice' } }]);
    await after.broker.close();
    expect((await store.load('broker/2/s/a/')).map(({ key }) => key)).toEqual(['broker/2/s/a/m']);
  });
});
