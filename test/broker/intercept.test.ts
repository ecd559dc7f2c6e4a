import { firstValueFrom, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';
import type { ConnectInterception, Interceptor, PublishChange, PublishRequest } from '../../src/broker/index.js';
import { connect as connectClient } from '../../src/index.js';
import { ErrorCode, type MqttError } from '../../src/errors.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { connectPacket, textOf } from '../support/raw-client.js';
import { brokers, type RunningBroker } from './support.js';

const start = brokers();

async function withInterceptor(
  interceptor: Interceptor,
  options: Parameters<typeof start>[0] = {},
): Promise<RunningBroker & { readonly faults: MqttError[] }> {
  const running = await start({ sysInterval: 0, ...options });
  const faults: MqttError[] = [];
  running.broker.faults$.subscribe((fault) => faults.push(fault));
  running.broker.intercept(interceptor);
  return Object.assign(running, { faults });
}

describe('publish', () => {
  test('sees each message, and changes nothing when it answers nothing', async () => {
    const seen: PublishRequest[] = [];
    const { connect, faults } = await withInterceptor({ publish: (message) => void seen.push(message) });
    const client = await connect({ clientId: 'c', username: 'ann' });
    await client.subscribe('t', 2);
    const properties = { contentType: 'text/plain' };
    client.publish('t', 'x', { qos: 0, properties });
    expect(await client.message()).toMatchObject({ topic: 't', payload: Buffer.from('x'), properties });
    expect(seen).toMatchObject([
      { clientId: 'c', client: { username: 'ann' }, will: false, topic: 't', qos: 0, retain: false, properties },
    ]);
    expect(faults).toEqual([]);
  });

  test.each([0, 1, 2] as const)('changes topic, payload, QoS, retain and properties at QoS %i', async (qos) => {
    const change = { topic: 'new', payload: 'other', qos: 1, retain: true, properties: { contentType: 'x' } } as const;
    const { connect } = await withInterceptor({ publish: () => change });
    const [client, watch] = [await connect({ clientId: 'c' }), await connect({ clientId: 'w' })];
    await watch.subscribe([{ filter: '#', qos: 2, retainAsPublished: true }]);
    expect(await client.publishAndWait('old', 'x', { qos, properties: { responseTopic: 'r' } })).toBe(0);
    expect(await watch.message()).toMatchObject({ ...change, payload: Buffer.from('other') });
    const late = await connect({ clientId: 'late' });
    await late.subscribe('#', 0);
    expect((await late.message()).topic).toBe('new');
  });

  test('takes a copy of the request as a change', async () => {
    const { connect, broker, faults } = await withInterceptor({
      publish: (message) => ({ ...message, payload: Buffer.from(textOf(message as never).toUpperCase()) }),
    });
    const published = firstValueFrom(broker.published$);
    await (await connect()).publishAndWait('t', 'loud', { qos: 1, properties: { topicAlias: 1 } });
    expect((await published).message.text()).toBe('LOUD');
    expect(faults).toEqual([]);
  });

  test.each([
    [false, 0x87],
    [0x99, 0x99],
    [0x97, 0x97],
  ])('refuses with %p: %i', async (refusal, code) => {
    const { connect, broker } = await withInterceptor({ publish: () => refusal as number });
    const client = await connect();
    await client.subscribe('#', 1);
    expect(await client.publishAndWait('t', '', { qos: 1 })).toBe(code);
    expect(await client.publishAndWait('t', '', { qos: 2 })).toBe(code);
    expect(await client.settle()).toEqual([]);
    expect(broker.counters.unauthorized).toBe(2);
  });

  test('several run in the order in which they were added, each on what the one before has made', async () => {
    const { connect, broker } = await start({ sysInterval: 0 });
    const add = (letter: string): Interceptor => ({
      publish: ({ payload }) => Promise.resolve({ payload: Buffer.concat([payload, Buffer.from(letter)]) }),
    });
    broker.intercept(add('a'));
    const second = broker.intercept({ publish: ({ payload }) => ({ payload: `${Buffer.from(payload).toString()}b` }) });
    broker.intercept(add('c'));
    const client = await connect();
    await client.subscribe('t', 0);
    client.publish('t', '-');
    expect(textOf(await client.message())).toBe('-abc');
    second.unsubscribe();
    client.publish('t', '-');
    expect(textOf(await client.message())).toBe('-ac');
  });

  test('one that has refused is the last that is asked, and no authorizer is', async () => {
    const asked: string[] = [];
    const { connect, broker } = await start({ authorizePublish: () => asked.push('authorizer') > 0 });
    broker.intercept({ publish: () => (asked.push('first'), false) });
    broker.intercept({ publish: () => void asked.push('second') });
    await (await connect()).publishAndWait('t', '', { qos: 1 });
    expect(asked).toEqual(['first']);
  });

  test('runs behind authenticate and ahead of the authorizer, which sees the change', async () => {
    const order: string[] = [];
    const { connect, broker } = await start({
      authenticate: () => order.push('authenticate') > 0,
      authorizePublish: ({ topic }) => order.push(`authorize ${topic}`) > 0 && topic === 'allowed',
    });
    broker.intercept({
      connect: () => void order.push('intercept connect'),
      publish: ({ topic }) => (order.push(`intercept ${topic}`), { topic: 'allowed' }),
    });
    expect(await (await connect()).publishAndWait('forbidden', '', { qos: 1 })).toBe(0x10);
    expect(order).toEqual(['authenticate', 'intercept connect', 'intercept forbidden', 'authorize allowed']);
  });

  test('keeps the order of a connection, however late it answers', async () => {
    const { connect } = await withInterceptor({
      publish: ({ payload }) => {
        const wait = Number(Buffer.from(payload).toString());
        return wait === 0 ? undefined : new Promise((resolve) => timer(wait).subscribe(() => resolve(undefined)));
      },
    });
    const [client, other] = [await connect({ clientId: 'c' }), await connect({ clientId: 'o' })];
    await client.subscribe('t', 1);
    for (const wait of ['60', '5', '0', '20', '0']) other.publish('t', wait, { qos: 1 });
    const order: string[] = [];
    for (let count = 0; count < 5; count++) order.push(textOf(await client.message()));
    expect(order).toEqual(['60', '5', '0', '20', '0']);
    const acknowledged: number[] = [];
    for (let count = 0; count < 5; count++) acknowledged.push((await other.next('puback')).packetId);
    expect(acknowledged).toEqual([1, 2, 3, 4, 5]);
  });

  test('others go on while one waits', async () => {
    const held = new Subject<PublishChange>();
    const asked = new Subject<void>();
    const { connect } = await withInterceptor({
      publish: ({ clientId }) => {
        if (clientId !== 'slow') return undefined;
        return new Observable<PublishChange>((subscriber) => {
          subscriber.add(held.subscribe(subscriber));
          asked.next();
        });
      },
    });
    const [slow, fast] = [await connect({ clientId: 'slow' }), await connect({ clientId: 'fast' })];
    await fast.subscribe('t', 0);
    const waits = firstValueFrom(asked);
    slow.publish('t', 'held');
    await waits;
    fast.publish('t', 'free');
    expect(textOf(await fast.message())).toBe('free');
    held.next({ payload: 'released' });
    expect(textOf(await fast.message())).toBe('released');
  });

  test('a will is intercepted when it is published', async () => {
    const seen: PublishRequest[] = [];
    const { connect } = await withInterceptor({
      publish: (message) => (seen.push(message), of({ topic: 'grave', payload: 'changed' })),
    });
    const watch = await connect({ clientId: 'w' });
    await watch.subscribe('grave', 0);
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false } as const;
    const client = await connect({ clientId: 'c', username: 'ann', will });
    await client.cut();
    expect(textOf(await watch.message())).toBe('changed');
    expect(seen).toMatchObject([{ will: true, topic: 'gone', clientId: 'c', client: { username: 'ann' } }]);
  });

  test('a will that is refused is counted, and not published', async () => {
    const { connect, broker } = await withInterceptor({ publish: () => false });
    const ended = firstValueFrom(broker.disconnected$);
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false } as const;
    await (await connect({ clientId: 'c', will })).cut();
    await ended;
    expect(broker.counters.unauthorized).toBe(1);
  });

  test('what the process of the broker publishes passes by', async () => {
    const { connect, broker } = await withInterceptor({ publish: () => false });
    const client = await connect();
    await client.subscribe('t', 0);
    broker.publish({ topic: 't' });
    expect((await client.message()).topic).toBe('t');
  });

  test('may publish, unsubscribe itself and disconnect its client from inside', async () => {
    const { connect, broker } = await start({ sysInterval: 0 });
    const interception = broker.intercept({
      publish({ clientId, topic }) {
        interception.unsubscribe();
        broker.publish({ topic: 'echo', payload: topic });
        if (topic === 'bye') broker.disconnectClient(clientId);
      },
    });
    const [client, watch] = [await connect({ clientId: 'c' }), await connect({ clientId: 'w' })];
    await watch.subscribe(['echo', 'bye'], 0);
    client.publish('bye', '', { qos: 1 });
    expect((await client.closed()).map(({ cmd }) => cmd)).toContain('disconnect');
    expect(textOf(await watch.message())).toBe('bye');
  });
});

describe('a bad answer of publish is refused with 0x83, told on faults$, and goes nowhere', () => {
  const bad: readonly (readonly [string, () => unknown])[] = [
    ['a wildcard in the topic', () => ({ topic: 'a/#' })],
    ['an empty topic', () => ({ topic: '' })],
    ['a topic that is no text', () => ({ topic: 7 })],
    ['a topic with U+0000', () => ({ topic: 'a\0' })],
    ['a topic of the broker', () => ({ topic: '$SYS/broker/x' })],
    ['too many levels', () => ({ topic: '/'.repeat(300) })],
    ['too many levels to answer to', () => ({ properties: { responseTopic: '/'.repeat(300) } })],
    ['QoS 3', () => ({ qos: 3 })],
    ['a QoS above that of the client', () => ({ qos: 2 })],
    ['a retained message where there are none', () => ({ retain: true })],
    ['a payload that is an object', () => ({ payload: { a: 1 } })],
    ['a payload above packetSize', () => ({ payload: Buffer.alloc(2000) })],
    ['an unknown property', () => ({ properties: { colour: 'red' } })],
    ['a property of another packet', () => ({ properties: { receiveMaximum: 1 } })],
    ['a topic alias', () => ({ properties: { topicAlias: 1 } })],
    ['a subscription identifier', () => ({ properties: { subscriptionIdentifier: 1 } })],
    ['a response topic with a wildcard', () => ({ properties: { responseTopic: '+' } })],
    ['an unknown field', () => ({ topc: 'a' })],
    ['true', () => true],
    ['a number that is no reason code', () => 5],
    ['a text', () => 'no'],
    ['null', () => null],
    ['an exception', () => failing()],
    ['a rejection', () => Promise.reject(new Error('away'))],
    ['an error', () => throwError(() => new Error('away'))],
    ['a bad answer later', () => Promise.resolve({ topic: '#' })],
    ['silence', () => NEVER],
  ];
  function failing(): never {
    throw new Error('away');
  }

  test.each(bad)('%s', async (_name, answer) => {
    const { connect, broker, faults } = await withInterceptor(
      { publish: answer as () => PublishChange },
      {
        listeners: [{ url: 'tcp://127.0.0.1:0', maxQos: 1, retainAvailable: false }],
        limits: { hookTimeout: 50, packetSize: 1000 },
      },
    );
    const published: string[] = [];
    broker.published$.subscribe(({ message }) => published.push(message.topic));
    const client = await connect();
    expect(await client.publishAndWait('t', 'x', { qos: 1 })).toBe(0x83);
    expect(faults).toMatchObject([{ code: ErrorCode.HOOK_FAILED }]);
    expect(faults[0]?.message).toContain('intercept.publish');
    expect(published).toEqual([]);
  });

  test('also one that would leave the mount point', async () => {
    const { connect, faults } = await withInterceptor(
      { publish: () => ({ topic: 'tenants/8/a' }) },
      { authenticate: () => ({ mountPoint: 'tenants/7' }) },
    );
    expect(await (await connect()).publishAndWait('t', 'x', { qos: 1 })).toBe(0x83);
    expect(faults).toHaveLength(1);
  });
});

describe('connect', () => {
  test('sees the client after authenticate, and may refuse it', async () => {
    const seen: ConnectInterception[] = [];
    const { open } = await withInterceptor(
      { connect: (request) => (seen.push(request), Promise.resolve(0x8a)) },
      { authenticate: () => ({ username: 'ann', mountPoint: 'a' }) },
    );
    const client = await open();
    const will = { topic: 't', payload: Buffer.from('x'), qos: 1, retain: false } as const;
    client.send(connectPacket({ clientId: 'c', keepalive: 30, will, properties: { sessionExpiryInterval: 60 } }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x8a }]);
    expect(seen).toMatchObject([
      {
        client: { clientId: 'c', username: 'ann', mountPoint: 'a/', protocolVersion: 5 },
        clientId: 'c',
        clean: true,
        keepalive: 30,
        sessionExpiry: 60,
        will: { topic: 'a/t', qos: 1 },
        properties: { sessionExpiryInterval: 60 },
      },
    ]);
  });

  test('changes session, keep-alive and will, and an MQTT 5 client is told', async () => {
    const change = { clean: false, keepalive: 20, sessionExpiry: 90, will: { topic: 'other', payload: 'changed' } };
    const { connect, broker } = await withInterceptor({
      connect: ({ clientId }) => (clientId === 'c' ? change : undefined),
    });
    const watch = await connect({ clientId: 'w' });
    await watch.subscribe(['gone', 'other'], 0);
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false } as const;
    const client = await connect({ clientId: 'c', keepalive: 60, will });
    expect(client.connack.properties).toMatchObject({ serverKeepAlive: 20, sessionExpiryInterval: 90 });
    expect((await firstValueFrom(broker.clients$)).get('c')).toMatchObject({ keepalive: 20, clean: false });
    await client.cut();
    expect(await watch.message()).toMatchObject({ topic: 'other', payload: Buffer.from('changed') });
    expect((await connect({ clientId: 'c' })).connack.sessionPresent).toBe(true);
  });

  test('takes a will away', async () => {
    const { connect, broker } = await withInterceptor({ connect: () => ({ will: false }) });
    const published: string[] = [];
    broker.published$.subscribe(({ message }) => published.push(message.topic));
    const ended = firstValueFrom(broker.disconnected$);
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false } as const;
    await (await connect({ clientId: 'c', will })).cut();
    await ended;
    expect(published).toEqual([]);
  });

  test('a will that it gives is authorized as one of the client', async () => {
    const { open } = await withInterceptor(
      { connect: () => ({ will: { topic: 'secret' } }) },
      { authorizePublish: ({ topic }) => topic !== 'secret' },
    );
    const client = await open();
    client.send(connectPacket({ clientId: 'c' }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x87 }]);
  });

  test.each([
    { will: { topic: '#' } },
    { will: { topic: '$SYS/a' } },
    { will: { topic: 't', qos: 2 } },
    { will: { topic: 't', payload: Buffer.alloc(70_000) } },
    { will: { topic: 't', properties: { receiveMaximum: 1 } } },
    { will: true },
    { keepalive: 70_000 },
    { sessionExpiry: -1 },
    { clientId: 'd', unknown: 1 },
  ])('a bad answer refuses with 0x88: %#', async (answer) => {
    const { open, faults } = await withInterceptor(
      { connect: () => answer as never },
      { listeners: [{ url: 'tcp://127.0.0.1:0', maxQos: 1 }] },
    );
    const client = await open();
    client.send(connectPacket({ clientId: 'c' }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x88 }]);
    expect(faults).toMatchObject([{ code: ErrorCode.HOOK_FAILED }]);
  });
});

describe('subscribe', () => {
  test('sees each filter, and may refuse it', async () => {
    const seen: unknown[] = [];
    const { connect } = await withInterceptor({
      subscribe: ({ clientId, filter, topicFilter, group, qos, noLocal }) => {
        seen.push([clientId, filter, topicFilter, group, qos, noLocal]);
        return filter === 'no' ? 0x97 : filter === 'never' ? false : undefined;
      },
    });
    const client = await connect({ clientId: 'c' });
    const { reasonCodes } = await client.subscribe([
      { filter: '$share/g/a', qos: 1 },
      { filter: 'no', qos: 2, noLocal: true },
      { filter: 'never', qos: 0 },
    ]);
    expect(reasonCodes).toEqual([1, 0x97, 0x87]);
    expect(seen).toEqual([
      ['c', '$share/g/a', 'a', 'g', 1, false],
      ['c', 'no', 'no', undefined, 2, true],
      ['c', 'never', 'never', undefined, 0, false],
    ]);
  });

  test('changes the filter; UNSUBSCRIBE takes the one that the client knows, in a store as well', async () => {
    const store = memoryStore();
    const asked: string[] = [];
    const { connect, broker } = await withInterceptor(
      { subscribe: ({ filter }) => Promise.resolve({ filter: `v2/${filter}`, qos: 1 as const }) },
      { store, authorizeSubscribe: ({ topicFilter }) => asked.push(topicFilter) > 0 },
    );
    const lasting = { clientId: 'c', clean: false, properties: { sessionExpiryInterval: 60 } };
    const client = await connect(lasting);
    expect((await client.subscribe('a', 2)).reasonCodes).toEqual([1]);
    expect(asked).toEqual(['v2/a']);
    for (const topic of ['a', 'v2/a']) broker.publish({ topic, qos: 2 });
    expect(await client.message()).toMatchObject({ topic: 'v2/a', qos: 1 });
    expect(await client.settle()).toEqual([]);
    await client.disconnect();
    await broker.close();
    const after = await start({ store, sysInterval: 0 });
    const again = await after.connect(lasting);
    for (const topic of ['a', 'v2/a']) after.broker.publish({ topic, qos: 2 });
    expect((await again.message()).topic).toBe('v2/a');
    again.send({ cmd: 'unsubscribe', packetId: 9, filters: ['a'] });
    expect((await again.next('unsuback')).reasonCodes).toEqual([0]);
    after.broker.publish({ topic: 'v2/a', qos: 2 });
    expect(await again.settle()).toEqual([]);
  });

  test('keeps the order of SUBSCRIBE and UNSUBSCRIBE', async () => {
    const { connect, broker } = await withInterceptor({
      subscribe: () => new Promise((resolve) => timer(20).subscribe(() => resolve(undefined))),
    });
    const client = await connect();
    client.send({ cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 0 }] });
    client.send({ cmd: 'unsubscribe', packetId: 2, filters: ['a'] });
    expect((await client.next('suback')).packetId).toBe(1);
    expect((await client.next('unsuback')).reasonCodes).toEqual([0]);
    broker.publish({ topic: 'a' });
    expect(await client.settle()).toEqual([]);
  });

  test.each([
    { filter: 'a/#/b' },
    { filter: '' },
    { filter: '$share/g' },
    { filter: '/'.repeat(300) },
    { filter: 'tenants/8/#' },
    { filter: '$share/g/tenants/8/#' },
    { filter: '$share/g/tenants/7/a', noLocal: true },
    { qos: 3 },
    { retainHandling: 3 },
    { fliter: 'a' },
  ])('a bad answer refuses with 0x83: %j', async (answer) => {
    const { connect, faults, broker } = await withInterceptor(
      { subscribe: () => answer as never },
      { authenticate: () => ({ mountPoint: 'tenants/7' }) },
    );
    const client = await connect();
    expect((await client.subscribe('a', 0)).reasonCodes).toEqual([0x83]);
    expect(faults).toMatchObject([{ code: ErrorCode.HOOK_FAILED }]);
    broker.publish({ topic: 'tenants/8/a' });
    expect(await client.settle()).toEqual([]);
  });

  test('below a mount point, $SYS still needs an authorizer', async () => {
    const { connect } = await withInterceptor(
      { subscribe: () => ({ filter: '$SYS/#' }) },
      { authenticate: () => ({ mountPoint: 'tenants/7' }) },
    );
    expect((await (await connect()).subscribe('a', 0)).reasonCodes).toEqual([0x87]);
  });
});

describe('deliver', () => {
  test.each([0, 1, 2] as const)('changes what one client gets, at QoS %i', async (qos) => {
    const change = { topic: 'new', payload: 'for one', retain: true, properties: { contentType: 'x' } };
    const { connect, broker } = await withInterceptor({
      deliver: ({ clientId }) => (clientId === 'one' ? change : undefined),
    });
    const [one, other] = [await connect({ clientId: 'one' }), await connect({ clientId: 'other' })];
    for (const client of [one, other]) await client.subscribe('t', 2);
    broker.publish({ topic: 't', payload: 'x', qos });
    expect(await one.message()).toMatchObject({ ...change, payload: Buffer.from('for one'), qos });
    expect(await other.message()).toMatchObject({ topic: 't', payload: Buffer.from('x'), qos, retain: false });
  });

  test('refuses, which is counted', async () => {
    const { connect, broker } = await withInterceptor({ deliver: ({ topic }) => (topic === 'no' ? false : undefined) });
    const client = await connect();
    await client.subscribe('#', 1);
    for (const topic of ['no', 'yes']) broker.publish({ topic, qos: 1 });
    expect((await client.message()).topic).toBe('yes');
    expect(await client.settle()).toEqual([]);
    expect(broker.counters.undelivered).toBe(1);
  });

  test('runs ahead of authorizeDelivery, which sees the change', async () => {
    const asked: string[] = [];
    const { connect, broker } = await withInterceptor(
      { deliver: () => ({ topic: 'changed' }) },
      { authorizeDelivery: ({ topic }) => asked.push(topic) > 0 },
    );
    const client = await connect();
    await client.subscribe('t', 0);
    broker.publish({ topic: 't' });
    expect((await client.message()).topic).toBe('changed');
    expect(asked).toEqual(['changed']);
  });

  test('is asked again for a repetition, about the message as it was', async () => {
    let times = 0;
    const { connect, broker } = await withInterceptor({
      deliver: ({ payload }) => ({ payload: `${Buffer.from(payload).toString()}, ${++times}` }),
    });
    const lasting = { clientId: 'c', clean: false, properties: { sessionExpiryInterval: 60 } };
    const client = await connect(lasting);
    await client.subscribe('t', 1);
    broker.publish({ topic: 't', payload: 'x', qos: 1 });
    expect(textOf(await client.next('publish'))).toBe('x, 1');
    await client.cut();
    const again = await connect(lasting);
    const message = await again.message();
    expect([textOf(message), message.dup]).toEqual(['x, 2', true]);
  });

  test('sees retained messages and those of a mount point, and answers with names of the broker', async () => {
    const { connect, broker } = await withInterceptor(
      { deliver: ({ topic }) => ({ topic: `${topic}/seen` }) },
      { authenticate: () => ({ mountPoint: 'm' }) },
    );
    broker.publish({ topic: 'm/a', payload: 'x', retain: true });
    const client = await connect();
    await client.subscribe('a', 0);
    expect(await client.message()).toMatchObject({ topic: 'a/seen', retain: true });
  });

  test('a change that is too large for its client is dropped and counted', async () => {
    const { connect, broker } = await withInterceptor({ deliver: () => ({ payload: 'x'.repeat(100) }) });
    const client = await connect({ properties: { maximumPacketSize: 80 } });
    await client.subscribe('t', 1);
    broker.publish({ topic: 't', payload: 'small', qos: 1 });
    expect(await client.settle()).toEqual([]);
    expect(broker.counters.droppedTooLarge).toBe(1);
  });

  test('a change that makes a message small enough lets it through', async () => {
    const { connect, broker } = await withInterceptor({ deliver: () => ({ payload: 'small' }) });
    const client = await connect({ properties: { maximumPacketSize: 80 } });
    await client.subscribe('t', 1);
    broker.publish({ topic: 't', payload: 'x'.repeat(100), qos: 1 });
    expect(textOf(await client.message())).toBe('small');
  });

  test.each([
    ['a promise', () => Promise.resolve(undefined)],
    ['a promise that rejects', () => Promise.reject(new Error('away'))],
    ['a wildcard', () => ({ topic: '#' })],
    ['a topic outside of the mount point', () => ({ topic: 'n/a' })],
    ['another QoS', () => ({ qos: 0 })],
    ['a topic alias', () => ({ properties: { topicAlias: 1 } })],
    ['a payload that is an object', () => ({ payload: {} })],
    [
      'an exception',
      () => {
        throw new Error('away');
      },
    ],
  ])('a bad answer delivers nothing: %s', async (_name, answer) => {
    const { connect, broker, faults } = await withInterceptor(
      { deliver: answer as () => never },
      { authenticate: () => ({ mountPoint: 'm' }) },
    );
    const client = await connect();
    await client.subscribe('a', 1);
    broker.publish({ topic: 'm/a', qos: 1 });
    expect(await client.settle()).toEqual([]);
    expect(faults).toMatchObject([{ code: ErrorCode.HOOK_FAILED }]);
    expect(broker.counters.undelivered).toBe(1);
  });

  test('begins and ends for clients that are connected, whatever was encoded for all of them', async () => {
    const { connect, broker } = await start({ sysInterval: 0 });
    const client = await connect();
    await client.subscribe('t', 0);
    const texts: string[] = [];
    const publish = async (): Promise<void> => {
      broker.publish({ topic: 't', payload: 'plain' });
      texts.push(textOf(await client.message()));
    };
    await publish();
    const interception = broker.intercept({ deliver: () => ({ payload: 'changed' }) });
    await publish();
    interception.unsubscribe();
    await publish();
    expect(texts).toEqual(['plain', 'changed', 'plain']);
  });
});

test('intercept() refuses what it does not know', async () => {
  const { broker } = await start();
  expect(() => broker.intercept({ publsh: () => undefined } as Interceptor)).toThrow(
    /"publsh" is unknown; did you mean publish/,
  );
  expect(() => broker.intercept({ publish: true } as never)).toThrow(TypeError);
});

test('with our client, over the whole way', async () => {
  const { urls } = await withInterceptor({
    publish: ({ topic, payload }) => ({ topic: topic.toLowerCase(), payload: Buffer.from(payload).reverse() }),
    deliver: ({ properties }) => ({ properties: { ...properties, userProperties: [['seen', 'yes']] } }),
  });
  const client = connectClient(urls[0] ?? '');
  const received = firstValueFrom(client.subscribe('hall/temp', { qos: 2 }));
  await firstValueFrom(client.granted('hall/temp'));
  await firstValueFrom(client.publish('Hall/Temp', '12', { qos: 2 }));
  const message = await received;
  expect([message.text(), message.properties?.userProperties]).toEqual(['21', [['seen', 'yes']]]);
  await client.end();
});
