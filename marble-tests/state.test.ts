import { config, ignoreElements, map, timer, switchMap, type Observable } from 'rxjs';
import type { MqttClient, Transport } from 'rxmqtt';
import { connack, disconnect, mqttTest, suback, type MqttTest } from 'rxmqtt/testing';

const CONNECT = 'CONNECT v5 clean';
const c = 'connecting 1';
const C = 'connected';
const e = 'ended';

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const statuses = ({ state$ }: MqttClient): Observable<string> => state$.pipe(map(({ status }) => status));
const completion = ({ state$ }: MqttClient): Observable<never> => state$.pipe(ignoreElements());

describe('state$', () => {
  it('shows the whole life of a client, in order', () => {
    draw((t) => {
      const transport: Transport = (target) => timer(10).pipe(switchMap(() => t.broker.transport(target)));
      const client = t.connect({ clientId: 'far', transport });
      expect(client.state.status).toBe('idle');
      t.at(100, () => t.broker.line('far').cut());
      t.at(2000, () => void client.end());
      t.expectSent().toBe('                    10ms        C 1099ms           C 889ms D', {
        C: CONNECT,
        D: 'DISCONNECT',
      });
      t.expectReceived().toBe('                12ms        A 1099ms           A 887ms -', { A: 'CONNACK' });
      t.expectState().toBe('                   c 11ms C 87ms r 999ms c 11ms C 887ms e', {
        c,
        C,
        r: 'reconnecting 1 in 1000',
        e,
      });
      t.expectObservable(completion(client)).toBe('2s                                 |');
    });
  });

  it('gives a late observer the current state at once', () => {
    draw((t) => {
      const client = t.connect();
      t.expectObservable(statuses(client), '-----^').toBe('-----s', { s: 'connected' });
      t.to(5);
      expect(client.state.status).toBe('connected');
    });
  });

  it('gives who comes after the end the last state, and completes', () => {
    draw((t) => {
      const client = t.connect();
      t.at(5, () => void client.end());
      t.expectObservable(statuses(client), '------^').toBe('------(e|)', { e });
    });
  });

  it('shows every observer every transition in order, also when the first one ends the client from inside', () => {
    draw((t) => {
      const client = t.connect();
      client.state$.subscribe(({ status }) => status === 'connecting' && void client.end());
      const seen: string[] = [];
      statuses(client).subscribe({ next: (status) => seen.push(status), complete: () => seen.push('done') });
      t.expectState().toBe('(ce) 10ms', { c, e });
      // Ended before anything was opened.
      t.expectWire().toBe('');
      t.to(10);
      expect(seen).toEqual(['idle', 'connecting', 'ended', 'done']);
    });
  });

  it.each([
    ['connecting', '(ce) 20ms'],
    ['connected', 'c-(Ce) 20ms'],
    ['reconnecting', 'c-C-------(re) 20ms'],
  ] as const)('may be ended from inside the handler of %s', (status, diagram) => {
    draw((t) => {
      const client = t.connect();
      client.state$.subscribe((state) => state.status === status && void client.end());
      t.at(10, () => client.state.status === 'connected' && t.broker.line('client-1').cut());
      t.expectState().toBe(diagram, { c, C, r: 'reconnecting 1 in 1000', e });
      t.to(20);
      expect(client.state).toEqual({ status: 'ended' });
    });
  });

  it('may be published from and subscribed from', () => {
    draw((t) => {
      const client = t.connect();
      client.state$.subscribe(({ status }) => {
        if (status !== 'connected') return;
        fire(client.publish('here', 'i am'));
        fire(client.subscribe('orders'));
      });
      t.expectState().toBe('c-C', { c, C });
      t.expectSent().toBe(' C-(SP)', { C: CONNECT, S: 'SUBSCRIBE #1 orders:0 id=1', P: 'PUBLISH here "i am" q0' });
    });
  });

  it('is not harmed by an observer that throws', () => {
    draw((t) => {
      const client = t.connect();
      client.state$.subscribe(({ status }) => {
        if (status === 'connecting') throw new RangeError('thrown by the observer');
      });
      t.expectState().toBe('                   c-C', { c, C });
      const seen: string[] = [];
      statuses(client).subscribe((status) => seen.push(status));
      const { onUnhandledError } = config;
      const reported: unknown[] = [];
      config.onUnhandledError = (error) => reported.push(error);
      try {
        t.to(10);
      } finally {
        config.onUnhandledError = onUnhandledError;
      }
      expect(reported).toMatchObject([{ name: 'RangeError', message: 'thrown by the observer' }]);
      expect(seen).toEqual(['idle', 'connecting', 'connected']);
    });
  });
});

describe('fatal refusals', () => {
  const FATAL_5 = [0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c];
  const RETRIED_5 = [0x80, 0x83, 0x88, 0x89, 0x97, 0x9f];
  const refused = (reasonCode: number): unknown =>
    expect.objectContaining({ name: 'ConnectError', code: 'CONNECTION_REFUSED', reasonCode });

  /** The broker refuses each CONNECT. */
  const drawRefusal = (reasonCode: number, test: (t: MqttTest) => void): void =>
    draw((t) => {
      t.answer('connect', () => connack({ reasonCode }));
      test(t);
    });

  it.each(FATAL_5)('[v5] CONNACK %i ends the client, with the code', (reasonCode) => {
    drawRefusal(reasonCode, (t) => {
      t.connect({ protocolVersion: 5 });
      t.expectReceived().toBe('--R 100s', { R: { cmd: 'connack', reasonCode } });
      t.expectSent().toBe('    C-- 100s', { C: CONNECT });
      t.expectState().toBe('   c-e 100s', { c, e: { status: 'ended', reason: refused(reasonCode) } });
      t.to(100_000);
      t.expectWire().toContain('2 closed');
    });
  });

  it.each(RETRIED_5)('[v5] CONNACK %i is retried', (reasonCode) => {
    drawRefusal(reasonCode, (t) => {
      t.connect({ protocolVersion: 5 });
      t.expectReceived().toBe('--R 1001ms R', { R: { cmd: 'connack', reasonCode } });
      t.expectSent().toBe('    C-- 999ms C-', { C: CONNECT });
      t.expectState().toBe('   c-r 999ms d-s', {
        c,
        r: { status: 'reconnecting', delay: 1000, reason: refused(reasonCode) },
        d: 'connecting 2',
        s: { status: 'reconnecting', delay: 2000, reason: refused(reasonCode) },
      });
    });
  });

  it.each([1, 2, 4, 5])('[v4] CONNACK %i ends the client', (reasonCode) => {
    drawRefusal(reasonCode, (t) => {
      t.connect({ protocolVersion: 4 });
      t.expectSent().toBe('    C-- 100s', { C: 'CONNECT v4 clean' });
      t.expectState().toBe('   c-e 100s', { c, e: { status: 'ended', reason: refused(reasonCode) } });
    });
  });

  it('[v4] CONNACK 3, server unavailable, is retried', () => {
    drawRefusal(3, (t) => {
      t.connect({ protocolVersion: 4 });
      t.expectSent().toBe(' C-- 999ms C-', { C: 'CONNECT v4 clean' });
      t.expectState().toBe('c-r 999ms d-s', { c, r: /^reconnecting 2/, d: 'connecting 2', s: /^reconnecting 3/ });
    });
  });

  it('[v5] DISCONNECT 0x8E, session taken over, ends the client', () => {
    draw((t) => {
      t.script('                               A 9ms      D', { A: connack(), D: disconnect(0x8e) });
      const client = t.connect();
      const reason = expect.objectContaining({ code: 'DISCONNECTED', reasonCode: 0x8e });
      const closed = expect.objectContaining({ name: 'ClosedError', code: 'CLOSED' });
      t.expectReceived().toBe('              --A 9ms      D', { A: 'CONNACK', D: 'DISCONNECT 0x8e' });
      t.expectObservable(client.subscribe('a'), '          10ms ^').toBe('12ms #', {}, closed);
      t.expectObservable(client.publish('a', '', { qos: 1 }), '10ms ^').toBe('12ms #', {}, closed);
      t.expectSent().toBe('                  C   9ms (SP) 100s', { C: CONNECT, S: /^SUBSCRIBE/, P: /^PUBLISH/ });
      t.expectState().toBe('                 c-C 9ms      e 100s', { c, C, e: { status: 'ended', reason } });
    });
  });

  it('after the end everything errors with ClosedError that holds the reason', () => {
    drawRefusal(0x87, (t) => {
      const client = t.connect();
      const cause = expect.objectContaining({ code: 'CONNECTION_REFUSED' });
      const closed = expect.objectContaining({ code: 'CLOSED', reasonCode: 0x87, cause });
      t.expectState().toBe('                                       c-e', { c, e: /^ended ConnectError/ });
      for (const asked of [client.subscribe('a'), client.publish('a', ''), client.unsubscribe('a')]) {
        t.expectObservable<unknown>(asked, '10ms ^').toBe('10ms       #', {}, closed);
      }
    });
  });
});

describe("protocolVersion 'auto'", () => {
  const C5 = CONNECT;
  const C4 = 'CONNECT v4 clean';

  it.each([
    ['CONNACK 0x84', '20 03 00 84 00'],
    ['the words of 3.1.1', '20 02 00 01'],
  ])('falls back to 3.1.1 at once on %s', (_, bytes) => {
    draw((t) => {
      t.answer('connect', ({ protocolVersion }, peer) => {
        if (protocolVersion === 4) return connack();
        peer.sendHex(bytes);
        return undefined;
      });
      t.connect();
      t.expectState().toBe('c-c-C', { c, C: { status: 'connected', negotiated: { protocolVersion: 4 } } });
      t.expectSent().toBe(' 5-4--', { 5: C5, 4: C4 });
      t.to(4);
      t.expectWire().toContain(`
        0 > CONNECT v5 clean
        2 closed
        2 > CONNECT v4 clean`);
    });
  });

  it('stays with 3.1.1 from then on', () => {
    draw((t) => {
      t.answer('connect', ({ protocolVersion }) => connack({ reasonCode: protocolVersion === 4 ? 0 : 0x84 }));
      t.answer('subscribe', ({ packetId }) => suback(packetId, 0));
      t.connect();
      t.at(10, () => t.broker.line('client-1').cut());
      t.expectReceived().toBe('--R-A 1007ms  A', { R: 'CONNACK 0x84', A: 'CONNACK' });
      t.expectSent().toBe('    5-4 1007ms 4 987ms', { 5: C5, 4: C4 });
    });
  });

  it('ends the client when 3.1.1 is refused too', () => {
    draw((t) => {
      t.answer('connect', ({ protocolVersion }) => connack({ reasonCode: protocolVersion === 5 ? 0x84 : 1 }));
      t.connect();
      t.expectSent().toBe(' 5-4-- 100s', { 5: C5, 4: C4 });
      t.expectState().toBe('c-c-e 100s', {
        c,
        e: { status: 'ended', reason: expect.objectContaining({ reasonCode: 1 }) },
      });
    });
  });
});
