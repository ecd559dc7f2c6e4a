import { of, throwError, timer, map } from 'rxjs';
import { ConnectError, ErrorCode, type ClientOptions, type Transport } from 'rxmqtt';
import { CLOSE, connack, connackWith, disconnect, mqttTest, type MqttTest } from 'rxmqtt/testing';

/** The broker is scripted: it answers CONNECT and PINGREQ, and what a test adds. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

const auth = { method: 'PIN', start: () => 'pin' };
const beforeConnect = () => ({ password: 'fresh', username: 'me' });
const prepared = { beforeConnect };
const CREDENTIALS_5 = [0x86, 0x87, 0x8c];
const c = 'connecting 1';
const C = 'connected';

/** Whether the client ends at the first failure. */
function endsWith(options: ClientOptions, prepare: (t: MqttTest) => void): boolean {
  let status = '';
  draw((t) => {
    prepare(t);
    const client = t.connect(options);
    t.to(500);
    ({ status } = client.state);
  });
  return status === 'ended';
}

const refusing =
  (reasonCode: number) =>
  (t: MqttTest): void =>
    t.answer('connect', () => connack({ reasonCode }));

const leaving =
  (reasonCode: number) =>
  (t: MqttTest): void =>
    t.answer('connect', ({ properties }) => [
      connackWith(properties?.authenticationMethod === undefined ? {} : { authenticationMethod: 'PIN' }),
      disconnect(reasonCode),
      CLOSE,
    ]);

describe('a refusal about credentials in CONNACK', () => {
  it.each(CREDENTIALS_5)('[v5] %i ends the client, unless beforeConnect or auth may bring others', (reasonCode) => {
    const prepare = refusing(reasonCode);
    expect(endsWith({}, prepare)).toBe(true);
    expect(endsWith({ auth }, prepare)).toBe(false);
    expect(endsWith(prepared, prepare)).toBe(false);
  });

  it.each([4, 5])('[v4] %i ends the client, unless beforeConnect may bring others', (reasonCode) => {
    expect(endsWith({ protocolVersion: 4 }, refusing(reasonCode))).toBe(true);
    expect(endsWith({ ...prepared, protocolVersion: 4 }, refusing(reasonCode))).toBe(false);
  });

  it('takes null from beforeConnect, like any option, as nothing', () => {
    draw((t) => {
      const client = t.connect({ beforeConnect: () => null as never });
      t.expectState(client).toBe('c-C', { c: 'connecting 1', C: 'connected' });
    });
  });

  it('asks beforeConnect anew, with backoff', () => {
    draw((t) => {
      t.answer('connect', ({ username }) => connack({ reasonCode: username === 'token-3' ? 0 : 0x86 }));
      t.connect({ beforeConnect: ({ attempt }) => ({ username: `token-${attempt}` }) });
      t.expectSent().toBe(' C-- 999ms   D--  1999ms   E--', {
        C: 'CONNECT v5 clean user=token-1',
        D: 'CONNECT v5 clean user=token-2',
        E: 'CONNECT v5 clean user=token-3',
      });
      t.expectState().toBe('c-r 999ms d-s 1999ms e-C', {
        c,
        r: 'reconnecting 2 in 1000',
        d: 'connecting 2',
        s: 'reconnecting 3 in 2000',
        e: 'connecting 3',
        C,
      });
    });
  });
});

describe('a token that expires in mid-session', () => {
  it('[v5] DISCONNECT 0x87 ends the client, unless beforeConnect or auth may bring another', () => {
    expect(endsWith({}, leaving(0x87))).toBe(true);
    expect(endsWith(prepared, leaving(0x87))).toBe(false);
    expect(endsWith({ auth }, leaving(0x87))).toBe(false);
  });

  it('is renewed by beforeConnect', () => {
    draw((t) => {
      let tokens = 0;
      t.script('A 9ms D', { A: connack(), D: disconnect(0x87) });
      t.connect({ beforeConnect: () => ({ username: `token-${++tokens}` }) });
      t.expectSent().toBe('C 1011ms D', { C: 'CONNECT v5 clean user=token-1', D: 'CONNECT v5 clean user=token-2' });
      t.expectState().toBe('c-C 9ms r 999ms c-C', { c, C, r: 'reconnecting 1 in 1000' });
    });
  });
});

describe('other refusals', () => {
  it.each([
    ['0x85, the identifier', {}, 0x85, true],
    ['0x85, which beforeConnect may change', prepared, 0x85, false],
    ['0x85, which auth does not change', { auth }, 0x85, true],
    ['0x8A, banned', prepared, 0x8a, true],
    ['0x84, the version', { ...prepared, protocolVersion: 5 }, 0x84, true],
    ['0x88, unavailable', {}, 0x88, false],
    ['0x97, quota', {}, 0x97, false],
  ] as const)('[v5] CONNACK %s', (_, options, reasonCode, ends) => {
    expect(endsWith(options, refusing(reasonCode))).toBe(ends);
  });

  it('[v5] DISCONNECT 0x8E, session taken over, ends the client, whatever beforeConnect might bring', () => {
    expect(endsWith({ ...prepared, servers: ['mqtt://a', 'mqtt://b'] }, leaving(0x8e))).toBe(true);
  });

  it('end the client once each of the servers has refused', () => {
    draw((t) => {
      let refusals = 0;
      t.answer('connect', () => {
        refusals++;
        return connack({ reasonCode: 0x87 });
      });
      const client = t.connect({ servers: ['mqtt://a', 'mqtt://b', 'mqtt://c'], reconnect: { minDelay: 10 } });
      t.to(5000);
      expect(refusals).toBe(3);
      expect(client.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x87 } });
    });
  });

  it('are retried where another of the servers might accept when it is back', () => {
    const transport =
      (t: MqttTest): Transport =>
      (target) =>
        target.url.startsWith('mqtt://down') ? throwError(() => new Error('down')) : t.broker.transport(target);
    draw((t) => {
      t.answer('connect', () => connack({ reasonCode: 0x87 }));
      const client = t.connect({ servers: ['mqtt://up', 'mqtt://down'], transport: transport(t) });
      t.to(60_000);
      expect(client.state.status).not.toBe('ended');
    });
  });

  it('are decided by isFatal, where it decides', () => {
    expect(endsWith({ isFatal: () => false }, refusing(0x87))).toBe(false);
    expect(endsWith({ isFatal: () => true, ...prepared }, refusing(0x88))).toBe(true);
    expect(endsWith({ isFatal: () => undefined, ...prepared }, refusing(0x87))).toBe(false);
  });
});

describe('DISCONNECT with a code that no server may send there', () => {
  it.each([0x01, 0x02, 0x04, 0x05, 0x84, 0x85, 0x86, 0x8a])(
    '[v5 MQTT-3.14.2-1] %i is a protocol error: close and reconnect, by MQTT 5 as before',
    (reasonCode) => {
      draw((t) => {
        t.script('A 9ms D', { A: connack(), D: disconnect(reasonCode) });
        t.connect();
        t.expectState().toBe('c-C 9ms r', {
          c,
          C,
          r: { status: 'reconnecting', reason: expect.objectContaining({ code: 'PROTOCOL' }) },
        });
        t.to(2000);
        t.expectWire().toContain(`
          0 > CONNECT v5 clean
          1012 > CONNECT v5 clean
          1014 < CONNACK`);
      });
    },
  );
});

describe('an assigned client identifier', () => {
  it('[v5 MQTT-3.1.3-7] is a protocol error where the client gave its own, and never adopted', () => {
    draw((t) => {
      t.script('A', { A: connackWith({ assignedClientIdentifier: 'another' }) });
      t.connect({ clientId: 'mine' });
      t.expectState('mine').toBe('c-r', {
        c,
        r: { status: 'reconnecting', reason: expect.objectContaining({ code: 'PROTOCOL' }) },
      });
      t.expectReceived('mine').toBe('--A 999ms --B', { A: 'CONNACK', B: 'CONNACK' });
      t.expectSent('mine').toBe('C-D 999ms C', { C: { cmd: 'connect', clientId: 'mine' }, D: 'DISCONNECT 0x82' });
    });
  });

  it('[v5 MQTT-3.1.3-7] is kept where it gave none, and may be told again', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ assignedClientIdentifier: 'given' }));
      const client = t.connect({ clientId: '' });
      t.to(10);
      expect(client.state).toMatchObject({ status: 'connected', negotiated: { clientId: 'given' } });
      t.broker.line('client-1').cut();
      t.to(2000);
      expect(client.state).toMatchObject({ status: 'connected', negotiated: { clientId: 'given' } });
    });
  });
});

describe('a mistake in the options that shows when it is dialled', () => {
  const unusable = () =>
    throwError(() => new ConnectError('the option x cannot be used', { code: ErrorCode.INVALID_OPTION }));

  it('ends the client at the first attempt', () => {
    expect(endsWith({ transport: unusable }, () => undefined)).toBe(true);
  });

  it.each<[string, ClientOptions]>([
    ['beforeConnect', { beforeConnect: () => of({}) }],
    ['files that are read anew', { tls: { keyFile: '/nowhere/key.pem' } }],
  ])('is retried with %s', (_, options) => {
    expect(endsWith({ transport: unusable, ...options }, () => undefined)).toBe(false);
  });

  it('is retried where another server can be dialled', () => {
    draw((t) => {
      const transport: Transport = (target) => (target.url === 'mqtt://odd' ? unusable() : t.broker.transport(target));
      const client = t.connect({ servers: ['mqtt://odd', 'mqtt://fine'], transport });
      t.to(2000);
      expect(client.state.status).toBe('connected');
    });
  });
});

describe('state connecting', () => {
  it('is shown while beforeConnect takes its time', () => {
    draw((t) => {
      t.connect({ beforeConnect: () => timer(50).pipe(map(() => ({ username: 'me' }))) });
      t.expectState().toBe('c 51ms C', { c, C });
      t.expectSent().toBe(' 50ms C', { C: 'CONNECT v5 clean user=me' });
    });
  });

  it('is shown again with the address that beforeConnect brought', () => {
    draw((t) => {
      t.connect({ beforeConnect: () => timer(50).pipe(map(() => ({ url: 'mqtt://other' }))) });
      t.expectState().toBe('c 49ms d-C', {
        c: { status: 'connecting', url: 'mqtt://broker:1883' },
        d: { status: 'connecting', url: 'mqtt://other:1883' },
        C,
      });
    });
  });
});
