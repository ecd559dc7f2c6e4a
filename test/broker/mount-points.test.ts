import { firstValueFrom } from 'rxjs';
import type { ClientPrincipal, ConnectedClient, PublishRequest, SubscribeRequest } from '../../src/broker/index.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { connectPacket, textOf } from '../support/raw-client.js';
import { brokers, type RunningBroker } from './support.js';

const start = brokers();

/** Users of a tenant live below it: `7/ann` below `tenants/7`. Those without a slash live in the whole tree. */
const byTenant = ({ username = '' }: { username: string | undefined }): ClientPrincipal | true => {
  const [tenant, name] = username.split('/');
  return name === undefined ? true : { mountPoint: `tenants/${tenant}` };
};
const ann = { clientId: 'ann', username: '7/ann' };
const bea = { clientId: 'bea', username: '8/bea' };
const admin = { clientId: 'admin', username: 'admin' };
const lasting = { clean: false, properties: { sessionExpiryInterval: 60 } };

const tenants = (options: Parameters<typeof start>[0] = {}): Promise<RunningBroker> =>
  start({ authenticate: byTenant, sysInterval: 0, ...options });

describe('topics and filters', () => {
  test('are below the mount point, where nothing of another one is seen', async () => {
    const { connect, broker } = await tenants();
    const [one, other, all] = [await connect(ann), await connect(bea), await connect(admin)];
    for (const client of [one, other, all]) await client.subscribe('#', 1);
    const published = firstValueFrom(broker.published$);
    one.publish('hall/temp', '21', { qos: 1 });
    expect((await published).message.topic).toBe('tenants/7/hall/temp');
    expect(await one.message()).toMatchObject({ topic: 'hall/temp', qos: 1 });
    expect((await one.next('puback')).reasonCode).toBe(0);
    expect((await all.message()).topic).toBe('tenants/7/hall/temp');
    expect(await other.settle()).toEqual([]);
    all.publish('tenants/8/hall/temp', '22');
    expect(await other.message()).toMatchObject({ topic: 'hall/temp', payload: Buffer.from('22') });
    await all.message();
    expect(await one.settle()).toEqual([]);
  });

  test.each(['../../8/a', 'tenants/8/a', '/tenants/8/a', '$share/g/x', '$SYS', '$7/a'])(
    'a client cannot leave its mount point by publishing to %s',
    async (topic) => {
      const { connect } = await tenants();
      const [one, other, all] = [await connect(ann), await connect(bea), await connect(admin)];
      await other.subscribe('#', 0);
      await all.subscribe('tenants/7/#', 0);
      one.publish(topic, 'x');
      expect((await all.message()).topic).toBe(`tenants/7/${topic}`);
      expect(await other.settle()).toEqual([]);
    },
  );

  test('a client cannot leave its mount point by subscribing', async () => {
    const { connect, broker } = await tenants();
    const client = await connect(ann);
    await client.subscribe(['#', '+/#', '/#', '../#', 'tenants/#', '+/8/#', '$share/g/#', '$share/g/tenants/8/#'], 0);
    for (const topic of ['a', 'tenants/8/a', 'tenants/7', 'tenants/77/a', 'tenants', 'x/8/a']) {
      broker.publish({ topic, payload: 'x' });
    }
    expect(await client.settle()).toEqual([]);
    broker.publish({ topic: 'tenants/7/tenants/8/a', payload: 'its own' });
    expect((await client.message()).topic).toBe('tenants/8/a');
  });

  test('[v5 MQTT-4.7.2-1] below it, too, a leading wildcard matches no topic that begins with "$"', async () => {
    const { connect, broker } = await tenants();
    broker.publish({ topic: 'tenants/7/$own/a', payload: 'retained', retain: true });
    const [one, all] = [await connect(ann), await connect(admin)];
    await one.subscribe(['#', '+/a', '$share/g/#'], 0);
    await all.subscribe(['tenants/#', '$share/g/tenants/7/#'], 0);
    expect((await all.message()).topic).toBe('tenants/7/$own/a');
    broker.publish({ topic: 'tenants/7/$own/a', payload: 'live' });
    expect(await one.settle()).toEqual([]);
    // Once as itself, and once as the only member of its own group.
    expect(await all.settle()).toHaveLength(2);
    await one.subscribe('$own/#', 0);
    expect(await one.message()).toMatchObject({ topic: '$own/a', retain: true });
  });

  test('UNSUBSCRIBE takes the filter that SUBSCRIBE had, and broker.unsubscribe() the one with the mount point', async () => {
    const { connect, broker } = await tenants();
    const client = await connect(ann);
    await client.subscribe(['a', '$share/g/b', 'c'], 1);
    client.send({ cmd: 'unsubscribe', packetId: 9, filters: ['a', '$share/g/b', 'tenants/7/c'] });
    expect((await client.next('unsuback')).reasonCodes).toEqual([0, 0, 0x11]);
    expect(broker.unsubscribe('ann', 'c')).toBe(false);
    expect(broker.unsubscribe('ann', 'tenants/7/c')).toBe(true);
  });

  test.each([4, 5] as const)(
    'are as short as the client knows them on version %i, at each QoS',
    async (protocolVersion) => {
      const { connect } = await tenants();
      const [one, all] = [await connect({ ...ann, protocolVersion }), await connect(admin)];
      await one.subscribe('a', 2);
      for (const qos of [0, 1, 2] as const) await all.publishAndWait('tenants/7/a', `at ${qos}`, { qos });
      for (const qos of [0, 1, 2]) {
        const message = await one.message();
        expect([message.topic, textOf(message), message.qos]).toEqual(['a', `at ${qos}`, qos]);
      }
    },
  );

  test('topic aliases stand for the short names', async () => {
    const { connect, broker } = await tenants();
    const client = await connect({ ...ann, properties: { topicAliasMaximum: 1 } });
    await client.subscribe('a', 0);
    for (const payload of ['1', '2']) broker.publish({ topic: 'tenants/7/a', payload });
    expect(await client.next('publish')).toMatchObject({ topic: 'a', properties: { topicAlias: 1 } });
    expect(await client.next('publish')).toMatchObject({ topic: '', properties: { topicAlias: 1 } });
    client.publish('b', '', { properties: { topicAlias: 3 } });
    const published = firstValueFrom(broker.published$);
    client.publish('', 'by alias', { properties: { topicAlias: 3 } });
    expect((await published).message.topic).toBe('tenants/7/b');
  });

  test('a message that fits without its mount point is not too large', async () => {
    const { connect, broker } = await tenants();
    const client = await connect({ ...ann, properties: { maximumPacketSize: 60 } });
    await client.subscribe('a', 1);
    // 2 of the header, 3 of the topic, 2 of the packet identifier, 1 of the properties.
    broker.publish({ topic: 'tenants/7/a', payload: 'x'.repeat(52), qos: 1 });
    expect((await client.message()).payload).toHaveLength(52);
    broker.publish({ topic: 'tenants/7/a', payload: 'x'.repeat(53), qos: 1 });
    expect(await client.settle()).toEqual([]);
    expect(broker.counters.droppedTooLarge).toBe(1);
  });

  test('a topic that is too long with it is refused, and so is a filter', async () => {
    const { connect } = await tenants();
    const client = await connect(ann);
    const long = 'a'.repeat(65_530);
    expect((await client.subscribe(long, 0)).reasonCodes).toEqual([0x8f]);
    client.publish(long, '');
    expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x90 }]);
  });
});

describe('response topics', () => {
  test('are mounted as topics are, so that an answer finds its way within the mount point and from outside', async () => {
    const { connect } = await tenants();
    const [asks, same, all] = [await connect(ann), await connect({ ...ann, clientId: 'same' }), await connect(admin)];
    await asks.subscribe('answers', 0);
    await same.subscribe('asks', 0);
    await all.subscribe('tenants/7/asks', 0);
    asks.publish('asks', '?', { properties: { responseTopic: 'answers' } });
    expect((await same.message()).properties).toEqual({ responseTopic: 'answers' });
    const { properties } = await all.message();
    expect(properties).toEqual({ responseTopic: 'tenants/7/answers' });
    all.publish(properties?.responseTopic ?? '', '!');
    expect(textOf(await asks.message())).toBe('!');
  });

  test('one that the client cannot reach is left out', async () => {
    const { connect, broker } = await tenants();
    const client = await connect(ann);
    await client.subscribe('asks', 0);
    const properties = { responseTopic: 'tenants/8/answers', correlationData: Uint8Array.of(1) };
    broker.publish({ topic: 'tenants/7/asks', properties });
    expect((await client.message()).properties).toEqual({ correlationData: Buffer.of(1) });
  });
});

describe('shared subscriptions', () => {
  test('share within a mount point only, by the filter inside', async () => {
    const { connect, broker } = await tenants();
    const members = [await connect(ann), await connect({ ...ann, clientId: 'second' })];
    const [other, all] = [await connect(bea), await connect(admin)];
    for (const client of [...members, other]) await client.subscribe('$share/g/jobs', 1);
    await all.subscribe('$share/g/tenants/7/jobs', 1);
    for (const payload of ['1', '2']) broker.publish({ topic: 'tenants/7/jobs', payload, qos: 1 });
    const seen = await Promise.all(members.map((member) => member.message()));
    expect(seen.map(({ topic }) => topic)).toEqual(['jobs', 'jobs']);
    expect(seen.map(textOf).sort()).toEqual(['1', '2']);
    expect([textOf(await all.message()), textOf(await all.message())]).toEqual(['1', '2']);
    expect(await other.settle()).toEqual([]);
  });

  test('what a member leaves goes to another one of the same mount point', async () => {
    const { connect, broker } = await tenants();
    const first = await connect(ann);
    await first.subscribe('$share/g/jobs', 1);
    broker.publish({ topic: 'tenants/7/jobs', payload: 'x', qos: 1 });
    await first.next('publish');
    const second = await connect({ ...ann, clientId: 'second' });
    await second.subscribe('$share/g/jobs', 1);
    await first.cut();
    expect(await second.message()).toMatchObject({ topic: 'jobs', qos: 1 });
  });
});

describe('retained messages', () => {
  test('are kept below the mount point', async () => {
    const { connect } = await tenants();
    const one = await connect(ann);
    await one.publishAndWait('state', 'on', { qos: 1, retain: true });
    const [same, other, all] = [await connect({ ...ann, clientId: 's' }), await connect(bea), await connect(admin)];
    for (const client of [same, other, all]) await client.subscribe('#', 0);
    expect(await same.message()).toMatchObject({ topic: 'state', retain: true });
    expect(await all.message()).toMatchObject({ topic: 'tenants/7/state', retain: true });
    expect(await other.settle()).toEqual([]);
  });
});

describe('wills', () => {
  test.each([0, 1])('are published below the mount point, with a delay of %i s', async (willDelayInterval) => {
    const asked: PublishRequest[] = [];
    const { connect } = await tenants({ authorizePublish: (request) => asked.push(request) > 0 });
    const all = await connect(admin);
    await all.subscribe('#', 0);
    const properties = { willDelayInterval, responseTopic: 'back' };
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false, properties } as const;
    const client = await connect({ ...ann, ...lasting, will });
    await client.cut();
    expect(await all.message()).toMatchObject({
      topic: 'tenants/7/gone',
      properties: { responseTopic: 'tenants/7/back' },
    });
    expect(asked.map(({ topic, will: isWill, client: who }) => [topic, isWill, who?.mountPoint])).toEqual([
      ['tenants/7/gone', true, 'tenants/7/'],
      ['tenants/7/gone', true, 'tenants/7/'],
    ]);
  });

  test.each(['$SYS/broker/x', '$SYS/broker/connection/ann/state'])('to %s is refused', async (topic) => {
    const { open } = await tenants();
    const client = await open();
    const will = { topic, payload: Buffer.from(''), qos: 0, retain: false } as const;
    client.send(connectPacket({ ...ann, will }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x87 }]);
  });
});

describe('$SYS', () => {
  test('is refused without an authorizer, and not mounted', async () => {
    const { connect } = await tenants({ sysInterval: 10 });
    const client = await connect(ann);
    const filters = ['$SYS/#', '$SYS/broker/version', '$share/g/$SYS/#'];
    expect((await client.subscribe(filters, 0)).reasonCodes).toEqual([0x87, 0x87, 0x87]);
    expect(await client.publishAndWait('$SYS/broker/version', 'mine', { qos: 1 })).toBe(0x87);
    const all = await connect(admin);
    expect((await all.subscribe('$SYS/broker/version', 0)).reasonCodes).toEqual([0]);
  });

  test('is as it is for those whom an authorizer lets in', async () => {
    const authorizeSubscribe = ({ topicFilter }: SubscribeRequest): boolean => topicFilter === '$SYS/broker/version';
    const { connect } = await tenants({ sysInterval: 10, authorizeSubscribe });
    const client = await connect(ann);
    expect((await client.subscribe(['$SYS/broker/version', '$SYS/#'], 0)).reasonCodes).toEqual([0, 0x87]);
    expect(await client.message()).toMatchObject({ topic: '$SYS/broker/version', payload: Buffer.from('rxmqtt') });
  });
});

describe('hooks and events', () => {
  test('see the names of the broker, and the mount point of the client', async () => {
    const seen: unknown[] = [];
    const { connect, broker } = await tenants({
      authorizePublish: ({ client, topic }) => seen.push(['publish', topic, client?.mountPoint]) > 0,
      authorizeSubscribe: ({ client, filter, topicFilter, group }) =>
        seen.push(['subscribe', filter, topicFilter, group, client.mountPoint]) > 0,
      authorizeDelivery: ({ client, topic }) => seen.push(['deliver', topic, client.mountPoint]) > 0,
    });
    broker.subscribed$.subscribe(({ filter }) => seen.push(['subscribed', filter]));
    const client = await connect(ann);
    await client.subscribe(['$share/g/a', 'a'], 0);
    expect((await firstValueFrom(broker.clients$)).get('ann')?.mountPoint).toBe('tenants/7/');
    client.publish('a', '');
    expect([(await client.message()).topic, (await client.message()).topic]).toEqual(['a', 'a']);
    const at = 'tenants/7/';
    expect(seen).toEqual([
      ['subscribe', '$share/g/tenants/7/a', 'tenants/7/a', 'g', at],
      ['subscribe', 'tenants/7/a', 'tenants/7/a', undefined, at],
      ['subscribed', '$share/g/tenants/7/a'],
      ['subscribed', 'tenants/7/a'],
      ['publish', 'tenants/7/a', at],
      ['deliver', 'tenants/7/a', at],
      ['deliver', 'tenants/7/a', at],
    ]);
  });
});

describe('sessions', () => {
  test('keep their mount point over connections and in a store', async () => {
    const store = memoryStore();
    const before = await tenants({ store });
    const client = await before.connect({ ...ann, ...lasting });
    await client.subscribe(['a', '$share/g/b'], 1);
    await client.disconnect();
    before.broker.publish({ topic: 'tenants/7/a', payload: 'before', qos: 1 });
    await before.broker.close();
    const after = await tenants({ store });
    after.broker.publish({ topic: 'tenants/7/b', payload: 'after', qos: 1 });
    const again = await after.connect({ ...ann, ...lasting });
    expect(again.connack.sessionPresent).toBe(true);
    const messages = [await again.message(), await again.message()];
    expect(messages.map((message) => [message.topic, textOf(message)])).toEqual([
      ['a', 'before'],
      ['b', 'after'],
    ]);
    again.send({ cmd: 'unsubscribe', packetId: 9, filters: ['a', '$share/g/b'] });
    expect((await again.next('unsuback')).reasonCodes).toEqual([0, 0]);
  });

  test('a client that comes back below another mount point gets a new session', async () => {
    let mountPoint = 'tenants/7';
    const store = memoryStore();
    const { connect, broker } = await start({ store, authenticate: () => ({ mountPoint }), sysInterval: 0 });
    const client = await connect({ clientId: 'c', ...lasting });
    await client.subscribe('#', 1);
    await client.disconnect();
    broker.publish({ topic: 'tenants/7/secret', payload: 'x', qos: 1 });
    mountPoint = 'tenants/8/';
    const again = await connect({ clientId: 'c', ...lasting });
    expect(again.connack.sessionPresent).toBe(false);
    broker.publish({ topic: 'tenants/7/secret', payload: 'x', qos: 1 });
    expect(await again.settle()).toEqual([]);
  });
});

test.each(['a/#', '+', '', '$SYS', '$share/g', 'a\0'])('no mount point is "%s"', async (mountPoint) => {
  const { open, broker } = await start({ authenticate: () => ({ mountPoint }) });
  const client = await open();
  client.send(connectPacket(ann));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x88 }]);
  expect(broker.counters.failedHooks).toBe(1);
});

test('the client that a hook sees is the one that authenticate has described', async () => {
  const data = { roles: ['reader'] };
  const seen: (ConnectedClient | undefined)[] = [];
  const { connect } = await start({
    authenticate: () => ({ username: 'ann', clientId: 'hall-7', mountPoint: 'a/b', maxQos: 1, data }),
    authorizePublish: ({ client }) => seen.push(client) > 0,
    authorizeSubscribe: ({ client }) => seen.push(client) > 0,
  });
  const client = await connect({ clientId: 'c', username: 'u' });
  await client.publishAndWait('t', '', { qos: 1 });
  await client.subscribe('t', 0);
  expect(seen).toHaveLength(2);
  for (const one of seen) {
    expect(one).toMatchObject({ username: 'ann', clientId: 'hall-7', mountPoint: 'a/b/', maxQos: 1 });
    expect(one?.data).toBe(data);
  }
});
