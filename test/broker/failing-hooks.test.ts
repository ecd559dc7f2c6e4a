import { EMPTY, throwError } from 'rxjs';
import { mqttTest } from 'rxmqtt/testing';
import type { HookResult } from '../../src/broker/access/ask-hook.js';

const down = new Error('the data base is away');
const ways: { way: string; hook: () => HookResult<never> }[] = [
  {
    way: 'throws',
    hook: () => {
      throw down;
    },
  },
  { way: 'rejects', hook: () => Promise.reject(down) },
  { way: 'errors', hook: () => throwError(() => down) },
];

describe.each(ways)('a hook that $way has decided nothing', ({ hook }) => {
  it.each([
    [5, 'CONNACK 0x88'],
    [4, 'CONNACK 0x03'],
  ] as const)('authenticate, version %i: the client comes again', async (protocolVersion, refusal) => {
    await mqttTest(
      async (t) => {
        const client = t.connect({ protocolVersion, username: 'u', password: 'p' });
        await t.to('3s');
        t.expectReceived(client).toBe('--r 1001ms a', { r: refusal, a: 'CONNACK' });
      },
      { broker: { authenticate: failsOnce(hook) } },
    );
  });

  it('enhanced authentication: the client comes again', async () => {
    await mqttTest(
      async (t) => {
        const auth = { method: 'X', start: () => new Uint8Array(1) };
        const client = t.connect({ auth, reconnect: false });
        await t.to(10);
        t.expectReceived(client).toBe('--r', { r: 'CONNACK 0x88' });
      },
      { broker: { enhancedAuthentication: { X: hook } } },
    );
  });

  it.each([
    [5, 0x83],
    [4, 0x80],
  ] as const)('authorizeSubscribe, version %i: SUBACK says that it failed', async (protocolVersion, code) => {
    await mqttTest(
      async (t) => {
        const client = t.connect({ protocolVersion });
        const refused = expect.objectContaining({ name: 'SubscribeError', reasonCode: code });
        t.expectObservable(client.subscribe('a')).toBe('4ms #', {}, refused);
        await t.to(10);
      },
      { broker: { authorizeSubscribe: hook } },
    );
  });

  it('authorizePublish: PUBACK and PUBREC say that it failed', async () => {
    await mqttTest(
      async (t) => {
        const client = t.connect();
        const refused = expect.objectContaining({ name: 'PublishError', reasonCode: 0x83 });
        t.expectObservable(client.publish('a', '', { qos: 1 })).toBe('4ms #', {}, refused);
        t.expectObservable(client.publish('a', '', { qos: 2 })).toBe('4ms #', {}, refused);
        await t.to(10);
      },
      { broker: { authorizePublish: hook } },
    );
  });
});

it('a hook that gives nothing leaves the decision to the next one, and to no at last', () => {
  mqttTest(
    (t) => {
      const client = t.connect({ reconnect: false });
      t.expectReceived(client).toBe('--r', { r: 'CONNACK 0x86' });
    },
    { broker: { authenticate: () => EMPTY } },
  );
});

function failsOnce(hook: () => HookResult<never>): () => HookResult<boolean> {
  let calls = 0;
  return () => (++calls === 1 ? hook() : true);
}
