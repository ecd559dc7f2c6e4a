import { EMPTY, NEVER, Observable, of, throwError } from 'rxjs';
import type { HookContext, SubscribeRequest } from '../../src/broker/index.js';
import { ErrorCode, type MqttError } from '../../src/errors.js';
import type { AuthPacket } from '../../src/packet/packets.js';
import { connectPacket } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

/** What no hook should do, and every hook does one day. */
const WRONG: readonly (readonly [string, () => unknown])[] = [
  ['gives null', () => null],
  ['gives a text of its own', () => 'yes'],
  ['gives an object', () => ({ allowed: true })],
  ['gives a number that is no reason code', () => 7],
  ['gives NaN', () => Number.NaN],
  ['gives a symbol', () => Symbol('yes')],
  ['throws', () => thrown(new Error('the data base is away'))],
  ['throws nothing', () => thrown(undefined)],
  ['rejects', () => Promise.reject(new Error('the data base is away'))],
  ['resolves to null', () => Promise.resolve(null)],
  ['errors', () => throwError(() => new Error('the data base is away'))],
  ['emits an object', () => of({})],
  ['has a then that throws', () => ({ then: () => thrown(new Error('then')) })],
  ['has a getter that throws', () => Object.defineProperty({}, 'then', { get: () => thrown(new Error('getter')) })],
  ['never answers', () => new Promise(() => undefined)],
  ['never emits', () => NEVER],
];

function thrown(error: unknown): never {
  throw error;
}

/** A broker with one hook, and its faults. */
async function withHook(
  name: 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeDelivery',
  hook: () => unknown,
): Promise<Awaited<ReturnType<typeof start>> & { readonly faults: MqttError[] }> {
  const running = await start({ [name]: hook, limits: { hookTimeout: 50 }, sysInterval: 0 });
  const faults: MqttError[] = [];
  running.broker.faults$.subscribe((fault) => faults.push(fault));
  return Object.assign(running, { faults });
}

describe.each(WRONG)('a hook that %s', (_name, hook) => {
  test.each([
    [5, 0x88],
    [4, 3],
  ] as const)('is no verdict on who connects, on version %i: %i', async (protocolVersion, reasonCode) => {
    const { open, broker, faults } = await withHook('authenticate', hook);
    const client = await open(protocolVersion);
    client.send(connectPacket({ protocolVersion, clientId: 'a' }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode }]);
    expect(faults).toMatchObject([{ code: ErrorCode.HOOK_FAILED }]);
    expect(broker.counters.failedHooks).toBe(1);
  });

  test('is no verdict on what is published', async () => {
    const { connect, faults } = await withHook('authorizePublish', hook);
    const client = await connect();
    expect(await client.publishAndWait('t', '', { qos: 1 })).toBe(0x83);
    expect(faults).toHaveLength(1);
  });

  test('is no verdict on who subscribes', async () => {
    const { connect } = await withHook('authorizeSubscribe', hook);
    const client = await connect();
    expect((await client.subscribe(['a', 'b'], 0)).reasonCodes).toEqual([0x83, 0x83]);
    const old = await connect({ protocolVersion: 4, clientId: 'old' });
    expect((await old.subscribe('a', 0)).reasonCodes).toEqual([0x80]);
  });

  test('delivers nothing', async () => {
    const { connect, broker, faults } = await withHook('authorizeDelivery', hook);
    const client = await connect();
    await client.subscribe('t', 1);
    broker.publish({ topic: 't', payload: 'x', qos: 1 });
    expect(await client.settle()).toEqual([]);
    expect(broker.counters.undelivered).toBe(1);
    expect(faults).toHaveLength(1);
  });

  test('refuses an enhanced authentication', async () => {
    const { open } = await start({
      enhancedAuthentication: { X: hook as () => false },
      limits: { hookTimeout: 50 },
    });
    const client = await open();
    client.send(connectPacket({ clientId: 'a', properties: { authenticationMethod: 'X' } }));
    const [packet] = await client.closed();
    expect(packet).toMatchObject({ cmd: 'connack' });
    // 7 and NaN are refusals of a kind: any number is.
    expect([0x87, 0x88]).toContain((packet as { reasonCode: number }).reasonCode);
  });
});

test('a hook that completes without a value leaves the decision to the next', async () => {
  const { connect } = await start({ authenticate: [() => EMPTY, () => true] });
  expect((await connect()).connack.reasonCode).toBe(0);
});

describe('a hook whose connection is gone', () => {
  test('is told by its signal', async () => {
    let signal: AbortSignal | undefined;
    const asked = new Promise<void>((resolve) => {
      void start({
        authenticate: (_request, context: HookContext) => {
          ({ signal } = context);
          resolve();
          return new Promise(() => undefined);
        },
      }).then(async ({ open }) => {
        const client = await open();
        client.send(connectPacket({ clientId: 'a' }));
        await asked;
        await client.cut();
      });
    });
    await asked;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    expect(signal?.aborted).toBe(true);
  });

  test('is unsubscribed from', async () => {
    let gone: () => void = () => undefined;
    const unsubscribed = new Promise<void>((resolve) => (gone = resolve));
    const { connect } = await start({ authorizePublish: () => new Observable<never>(() => () => gone()) });
    const client = await connect();
    client.publish('t', '', { qos: 1 });
    await client.cut();
    await unsubscribed;
  });

  test('and was answered is not told anything', async () => {
    let signal: AbortSignal | undefined;
    const { connect } = await start({
      authorizePublish: (_request, context) => {
        ({ signal } = context);
        return Promise.resolve(true);
      },
    });
    const client = await connect();
    await client.publishAndWait('t', '', { qos: 1 });
    await client.disconnect();
    expect(signal?.aborted).toBe(false);
  });
});

test('a CONNECT that is still undecided when its time is up is refused', async () => {
  const { open } = await start({ authenticate: () => NEVER, limits: { connectTimeout: 50 } });
  const client = await open(4);
  client.send(connectPacket({ protocolVersion: 4, clientId: 'a' }));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 3 }]);
});

describe('SUBSCRIBE and UNSUBSCRIBE with a slow authorizer', () => {
  /** An authorizer that answers when it is told to. */
  function slow(): {
    readonly hook: (request: SubscribeRequest) => Promise<boolean>;
    readonly answers: (() => void)[];
  } {
    const answers: (() => void)[] = [];
    return { answers, hook: () => new Promise((resolve) => answers.push(() => resolve(true))) };
  }

  test('keep their order: what is unsubscribed stays unsubscribed', async () => {
    const { hook, answers } = slow();
    const { connect, broker } = await start({ authorizeSubscribe: hook, sysInterval: 0 });
    const client = await connect();
    client.send({ cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 0 }] });
    client.send({ cmd: 'unsubscribe', packetId: 2, filters: ['a'] });
    expect(await client.settle()).toEqual([]);
    answers[0]?.();
    expect((await client.next('suback')).packetId).toBe(1);
    expect(await client.next('unsuback')).toMatchObject({ packetId: 2, reasonCodes: [0] });
    broker.publish({ topic: 'a' });
    expect(await client.settle()).toEqual([]);
  });

  test('are asked side by side, answered in order, and not read without end', async () => {
    const { hook, answers } = slow();
    const { connect } = await start({ authorizeSubscribe: hook });
    const client = await connect();
    const other = await connect();
    for (let packetId = 1; packetId <= 500; packetId++) {
      client.send({ cmd: 'subscribe', packetId, subscriptions: [{ filter: `a/${packetId}`, qos: 0 }] });
    }
    while (answers.length < 50) await other.settle();
    await other.settle();
    expect(answers).toHaveLength(50);
    // The first one last.
    for (let next = 49; next >= 0; next--) answers[next]?.();
    for (let packetId = 1, asked = 50; packetId <= 500; packetId++) {
      for (; asked < answers.length; asked++) answers[asked]?.();
      expect((await client.next('suback')).packetId).toBe(packetId);
    }
  });

  test('do not wake a connection that another authorizer holds', async () => {
    const published: (() => void)[] = [];
    const { hook, answers } = slow();
    const { connect } = await start({
      authorizeSubscribe: hook,
      authorizePublish: () => new Promise<boolean>((resolve) => published.push(() => resolve(true))),
    });
    const client = await connect();
    client.send({ cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 'a', qos: 0 }] });
    client.publish('b', '', { qos: 1 });
    while (published.length === 0 || answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answers[0]?.();
    expect((await client.next('suback')).packetId).toBe(1);
    published[0]?.();
    expect((await client.next('puback')).reasonCode).toBe(0x10);
    expect(await client.settle()).toEqual([]);
  });
});

test('hooks get the filter inside a shared one', async () => {
  const asked: SubscribeRequest[] = [];
  const { connect } = await start({
    authorizeSubscribe: (request) => {
      asked.push(request);
      return !request.topicFilter.startsWith('secret/');
    },
  });
  const client = await connect();
  expect((await client.subscribe(['$share/g/secret/#', '$share/g/open/#', 'open/#'], 0)).reasonCodes).toEqual([
    0x87, 0, 0,
  ]);
  expect(asked.map(({ filter, topicFilter, group }) => [filter, topicFilter, group])).toEqual([
    ['$share/g/secret/#', 'secret/#', 'g'],
    ['$share/g/open/#', 'open/#', 'g'],
    ['open/#', 'open/#', undefined],
  ]);
});

describe('AUTH in great numbers', () => {
  const auth = (reasonCode: number): AuthPacket => ({
    cmd: 'auth',
    reasonCode,
    properties: { authenticationMethod: 'X' },
  });
  const connecting = connectPacket({ clientId: 'a', properties: { authenticationMethod: 'X' } });

  test.each([
    ['re-authentications', 0x19, () => ({ status: 'success' }) as const],
    ['steps', 0x18, () => ({ status: 'continue' }) as const],
    ['steps that are not answered', 0x18, () => NEVER],
  ])('does not call the hook as often: %s', async (_name, reasonCode, answer) => {
    let calls = 0;
    const { open } = await start({
      enhancedAuthentication: {
        X: () => {
          calls++;
          return answer();
        },
      },
    });
    const client = await open();
    client.send(connecting);
    for (let index = 0; index < 20_000; index++) client.send(auth(reasonCode));
    await client.closed();
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(50);
  });
});

describe('a CONNACK that its client does not take', () => {
  test('is refused, and no session begins', async () => {
    const { open, broker } = await start({ responseInformation: 'r/'.repeat(50) });
    for (const [maximumPacketSize, expected] of [
      [10, [{ cmd: 'connack', reasonCode: 0x95 }]],
      [2, []],
    ] as const) {
      const client = await open();
      client.send(
        connectPacket({ clientId: 'a', properties: { maximumPacketSize, requestResponseInformation: true } }),
      );
      expect(await client.closed()).toMatchObject(expected);
    }
    expect(broker.counters.refused).toBe(2);
  });

  test('does not touch the session that is there', async () => {
    const { connect, open } = await start();
    const first = await connect({ clientId: 'a' });
    const second = await open();
    second.send(connectPacket({ clientId: 'a', properties: { maximumPacketSize: 8 } }));
    await second.closed();
    expect(await first.settle()).toEqual([]);
  });
});
