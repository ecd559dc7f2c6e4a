import { map, NEVER, take, timer, switchMap, type Observable } from 'rxjs';
import { CLOSE, connack, connackWith, disconnect, mqttTest, type MqttTest } from 'rxmqtt/testing';
import { memory, type Transport } from 'rxmqtt';

const CONNECT = 'CONNECT v5 clean';

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

/** The same, but it does not answer CONNECT either. */
const drawMute = (test: (t: MqttTest) => void): void =>
  draw((t) => {
    t.answer('connect', () => undefined);
    test(t);
  });

/** A broker that is so far away that opening the transport takes its time. */
const slowly = (t: MqttTest, ms: number): { transport: Transport } => ({
  transport: (target) => timer(ms).pipe(switchMap(() => t.broker.transport(target))),
});

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });

describe('CONNECT and CONNACK', () => {
  it('opens nothing before the tick in which connect() was called is over', () => {
    draw((t) => {
      const client = t.connect();
      expect(client.state.status).toBe('idle');
      expect(t.broker.wire('client-1')).toEqual([]);
      t.expectSent().toBe(' C', { C: CONNECT });
      t.expectState().toBe('c-C', { c: 'connecting 1', C: 'connected' });
    });
  });

  it('sends CONNECT when the transport is open, and is connected with CONNACK', () => {
    draw((t) => {
      const client = t.connect({ clientId: 'far', ...slowly(t, 30) });
      t.expectState(client).toBe('c 31ms C', { c: 'connecting 1', C: 'connected' });
      t.to(40);
      expect(t.broker.wire('far')).toEqual(['30 > CONNECT v5 clean', '32 < CONNACK']);
    });
  });

  it('[v5 MQTT-3.2.0-1] sends nothing after CONNECT before CONNACK came', () => {
    draw((t) => {
      t.script('500ms A', { A: connack() });
      const client = t.connect();
      fire(client.publish('a', '0'));
      fire(client.subscribe('a'));
      t.expectReceived().toBe('502ms A', { A: 'CONNACK' });
      t.expectSent().toBe('  C 501ms (SP)', { C: CONNECT, S: 'SUBSCRIBE #1 a:0 id=1', P: 'PUBLISH a "0" q0' });
    });
  });

  it('hands over what came in one chunk with CONNACK', () => {
    draw((t) => {
      // The kit's line takes packets apart; this one does not.
      const net = memory({ delay: 2 });
      const [accepted, message] = ['20 03 00 00 00', '30 07 00 01 61 00 6e 6f 77'];
      const chunk = Buffer.from((accepted + message).replace(/ /g, ''), 'hex');
      net.connections$.subscribe((peer) => peer.incoming$.pipe(take(1)).subscribe(() => peer.write(chunk)));
      const client = t.connect({ transport: net.transport });
      t.expectObservable(client.messages$.pipe(map((m) => m.text()))).toBe('--m', { m: 'now' });
    });
  });

  it('tells in its state what both sides agreed on', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ serverKeepAlive: 7, receiveMaximum: 3, maximumQoS: 1 }));
      t.connect({ clientId: 'c', keepalive: 30 });
      t.expectState().toBe('c-C', {
        c: { status: 'connecting', attempt: 1 },
        C: {
          status: 'connected',
          sessionPresent: false,
          negotiated: { protocolVersion: 5, clientId: 'c', keepalive: 7, receiveMaximum: 3, maximumQoS: 1 },
        },
      });
    });
  });

  it('[v5 MQTT-3.2.2-16] keeps the client identifier that the broker assigned', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ assignedClientIdentifier: 'assigned' }));
      t.connect({ clientId: '' });
      t.at(3, () => t.broker.line('client-1').cut());
      t.expectSent().toBe('C 1002ms D', {
        C: { cmd: 'connect', clientId: '' },
        D: { cmd: 'connect', clientId: 'assigned' },
      });
    });
  });
});

describe('the time-out of an attempt', () => {
  const TIMEOUT = 'ended TimeoutError TIMEOUT';

  it('counts the opening of the transport', () => {
    draw((t) => {
      t.connect({ connectTimeout: 500, transport: () => NEVER, reconnect: false });
      t.expectState().toBe('c 499ms e', { c: 'connecting 1', e: TIMEOUT });
    });
  });

  it('counts the wait for CONNACK, and closes without a word', () => {
    drawMute((t) => {
      t.connect({ clientId: 'far', connectTimeout: 500, reconnect: false, ...slowly(t, 200) });
      t.expectState('far').toBe('c 499ms e', { c: 'connecting 1', e: TIMEOUT });
      t.to(600);
      expect(t.broker.wire('far')).toEqual(['200 > CONNECT v5 clean', '500 closed']);
    });
  });

  it('is 30 s where nothing else was asked for, and is retried', () => {
    drawMute((t) => {
      t.connect();
      t.expectSent().toBe(' C 30999ms      C', { C: CONNECT });
      t.expectState().toBe('c 29999ms r 999ms d', {
        c: 'connecting 1',
        r: 'reconnecting 2 in 1000',
        d: 'connecting 2',
      });
    });
  });

  it('may be Infinity: then an attempt takes as long as it takes', () => {
    draw((t) => {
      t.script('9000s A', { A: connack() });
      t.connect({ connectTimeout: Infinity });
      t.expectState().toBe('c 9000s -C', { c: 'connecting 1', C: 'connected' });
    });
  });

  it('is over with CONNACK', () => {
    draw((t) => {
      t.connect({ connectTimeout: 500, keepalive: 0 });
      t.expectState().toBe('c-C 100s', { c: 'connecting 1', C: 'connected' });
    });
  });
});

describe('a broker that hangs up', () => {
  it('before CONNACK, is a ConnectError', () => {
    draw((t) => {
      t.answer('connect', () => CLOSE);
      t.connect({ reconnect: false });
      t.expectState().toBe('c-e', { c: 'connecting 1', e: 'ended ConnectError CONNECTION_LOST' });
    });
  });

  it('[v5] with DISCONNECT, is told by its reason code and gets no answer', () => {
    draw((t) => {
      t.script('A---D', { A: connack(), D: disconnect(0x8b) });
      t.connect();
      t.expectReceived().toBe('--A---D', { A: 'CONNACK', D: 'DISCONNECT 0x8b' });
      t.expectSent().toBe('    C------ 900ms', { C: CONNECT });
      t.expectState().toBe('   c-C---r', {
        c: 'connecting 1',
        C: 'connected',
        r: {
          status: 'reconnecting',
          reason: expect.objectContaining({ name: 'ConnectError', code: 'DISCONNECTED', reasonCode: 0x8b }),
        },
      });
    });
  });
});
