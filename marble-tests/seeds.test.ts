import { catchError, map, type Observable, take, timeout, toArray } from 'rxjs';
import {
  connect,
  ConnectReturnCode,
  matches,
  PropertyId,
  QoS,
  ReasonCode,
  RetainHandling,
  type ClientOptions,
  type MqttError,
} from 'rxmqtt';
import { connack, CUT, message, mqttTest, puback, publish, suback, type MqttTest } from 'rxmqtt/testing';

/** A broker that the test scripts; each way takes 1 ms. */
const scripted = (test: (t: MqttTest) => void): void =>
  void mqttTest(
    (t) => {
      t.answer('subscribe', ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(({ qos }) => qos)));
      t.answer('publish', ({ packetId, qos }) => (qos === 0 ? undefined : puback(packetId)));
      test(t);
    },
    { broker: false },
  );

describe('[awscrt]', () => {
  it('QoS, ConnectReturnCode: the names', () => {
    expect(QoS).toEqual({ AT_MOST_ONCE: 0, AT_LEAST_ONCE: 1, EXACTLY_ONCE: 2 });
    expect(ConnectReturnCode).toMatchObject({ ACCEPTED: 0, NOT_AUTHORIZED: 5 });
  });

  it('Will(topic, qos, payload, retain): is in CONNECT', () => {
    scripted((t) => {
      const client = t.connect({ will: { topic: 'gone', qos: 1, payload: 'hall-7', retain: true } });
      t.expectSent(client).toBe('C', {
        C: { cmd: 'connect', will: expect.objectContaining({ topic: 'gone', qos: 1, retain: true }) },
      });
    });
  });

  it('on_connection_interrupted(error), on_connection_resumed(code, session_present): state$ has both', () => {
    scripted((t) => {
      t.script('A--x', { A: connack(), x: CUT });
      t.script('B', { B: connack({ sessionPresent: true }) });
      const client = t.connect({ clientId: 'c', clean: false, sessionExpiry: 60 });
      t.expectState(client).toBe('c-C-r 999ms c-D', {
        c: /^connecting/,
        C: { status: 'connected', sessionPresent: false },
        r: { status: 'reconnecting' },
        D: { status: 'connected', sessionPresent: true },
      });
      t.at(10, () => expect(client.state).toMatchObject({ reason: { code: 'CONNECTION_LOST' } }));
      t.to(20);
    });
  });

  it('on_message(callback): every message, also before SUBACK', () => {
    scripted((t) => {
      t.answer('subscribe', () => undefined);
      t.script('A--xy', { A: connack(), x: publish('a', '1'), y: publish('b', '2') });
      const client = t.connect();
      client.subscribe('a').subscribe();
      const seen$ = client.messages$.pipe(map((received) => `${received.topic}=${received.text()}`));
      t.expectObservable(seen$).toBe('-----xy', { x: 'a=1', y: 'b=2' });
    });
  });

  it('subscribe() and publish() while offline: completed once the connection resumes, with packet_id', () => {
    scripted((t) => {
      t.script('x', { x: CUT });
      const client = t.connect();
      client.subscribe('a', { qos: 1 }).subscribe();
      const granted$ = client.granted('a').pipe(map(({ packetId, qos }) => `${packetId} ${qos}`));
      const sent$ = client.publish('b', '', { qos: 1 }).pipe(map(({ packetId }) => packetId));
      t.expectObservable(granted$).toBe('1005ms (g|)', { g: '1 1' });
      t.expectObservable(sent$).toBe('1005ms (p|)', { p: 2 });
    });
  });

  it('disconnect(): DISCONNECT, and the state is ended', () => {
    scripted((t) => {
      const client = t.connect();
      t.at(10, () => void client.end());
      t.expectSent(client).toBe('C 9ms D', { C: /^CONNECT/, D: 'DISCONNECT' });
      t.expectState(client).toBe('c-C 7ms e', { c: /^connecting/, C: 'connected', e: 'ended' });
    });
  });
});

describe('[AWSIoTPythonSDK]', () => {
  it('MQTTv3_1, MQTTv3_1_1, configureUsernamePassword', () => {
    scripted((t) => {
      t.expectSent(t.connect({ protocolVersion: 3, username: 'u' })).toBe('C', { C: 'CONNECT v3 clean user=u' });
      t.expectSent(t.connect({ protocolVersion: 4 })).toBe('C', { C: 'CONNECT v4 clean' });
    });
  });

  it('configureLastWill, clearLastWill: count from the next connection on', () => {
    scripted((t) => {
      t.script('A-x', { A: connack(), x: CUT });
      let will: ClientOptions['will'] = { topic: 'gone' };
      const client = t.connect({ beforeConnect: () => ({ will }) });
      t.at(2, () => (will = undefined));
      t.expectSent(client).toBe('C 1002ms D', {
        C: { cmd: 'connect', will: expect.objectContaining({ topic: 'gone' }) },
        D: { cmd: 'connect', will: undefined },
      });
    });
  });

  it.each([
    ['0, off', { maxMessages: 0 }, [], ['QUEUE_FULL', 'QUEUE_FULL', 'QUEUE_FULL']],
    ['-1, infinite', { maxMessages: Infinity }, ['1', '2', '3'], []],
    ['2, DROP_OLDEST', { maxMessages: 2, overflow: 'drop-oldest' }, ['2', '3'], ['QUEUE_FULL']],
    ['2, DROP_NEWEST', { maxMessages: 2, overflow: 'drop-newest' }, ['1', '2'], ['QUEUE_FULL']],
  ] as const)('configureOfflinePublishQueueing(%s)', (_size, offline, sent, errors) => {
    scripted((t) => {
      const client = t.connect({ offline });
      const codes: string[] = [];
      for (const text of ['1', '2', '3']) {
        client.publish('a', text, { qos: 1 }).subscribe({ error: ({ code }: MqttError) => codes.push(code) });
      }
      t.to(20);
      expect(codes).toEqual(errors);
      const wire = sent.map((text, n) => `2 > PUBLISH #${n + 1} a "${text}" q1`);
      t.expectWire(client).toContain(wire.join('\n'));
      expect(client.stats().outbox.messages).toBe(0);
    });
  });

  it('onOnline, onOffline, onMessage', () => {
    scripted((t) => {
      t.script('A-m--x', { A: connack(), m: publish('a', '1'), x: CUT });
      const client = t.connect();
      const online$ = client.state$.pipe(map(({ status }) => status === 'connected'));
      t.expectObservable(online$).toBe('a-b---a', { a: false, b: true });
      t.expectState(client).toBe('c-C---r', { c: /^connecting/, C: 'connected', r: /^reconnecting/ });
      t.expectObservable(client.messages$.pipe(map((received) => received.text()))).toBe('----m', { m: '1' });
    });
  });
});

describe('[amqtt]', () => {
  it('deliver_message(timeout): the next message, or TimeoutError', () => {
    scripted((t) => {
      t.script('A--m', { A: connack(), m: publish('a', '1') });
      const client = t.connect({ keepalive: 0 });
      const next = (): Observable<string> =>
        client.subscribe('a').pipe(
          take(1),
          timeout(1000),
          map((received) => received.text()),
          catchError((error: Error) => [error.name]),
        );
      t.expectObservable(next()).toBe('-----(m|)', { m: '1' });
      t.expectObservable(next(), '100ms ^').toBe('1100ms (e|)', { e: 'TimeoutError' });
    });
  });

  it('ping(): the round trip', () => {
    scripted((t) => {
      const client = t.connect();
      t.expectObservable(client.ping(), '10ms ^').toBe('12ms (p|)', { p: 2 });
      t.expectSent(client).toBe('C 9ms P', { C: /^CONNECT/, P: 'PINGREQ' });
    });
  });

  it('many publishes side by side', () => {
    scripted((t) => {
      const client = t.connect();
      t.at(10, () => {
        for (const topic of ['a', 'b', 'c']) client.publish(topic, '', { qos: 1 }).subscribe();
      });
      t.expectSent(client).toBe('C 9ms (abc)', {
        C: /^CONNECT/,
        a: 'PUBLISH #1 a "" q1',
        b: 'PUBLISH #2 b "" q1',
        c: 'PUBLISH #3 c "" q1',
      });
    });
  });
});

describe('[mqttproto]', () => {
  it('PropertyType, ReasonCode, RetainHandling: all the values', () => {
    expect(Object.keys(PropertyId)).toHaveLength(27);
    expect(PropertyId.CONTENT_TYPE).toBe(3);
    expect(new Set(Object.values(ReasonCode)).size).toBe(43);
    expect(ReasonCode).toMatchObject({ BAD_USERNAME_OR_PASSWORD: 0x86, REAUTHENTICATE: 0x19 });
    expect(RetainHandling).toEqual({ SEND: 0, SEND_IF_NEW: 1, DO_NOT_SEND: 2 });
  });

  it('Subscription.matches(publish)', () => {
    expect(matches('hall/+', message('hall/7', ''))).toBe(true);
    expect(matches('hall/+', message('hall/7/celsius', ''))).toBe(false);
  });

  it('Will with properties and user properties', () => {
    scripted((t) => {
      const properties = { willDelayInterval: 5, userProperties: { why: 'power' } };
      t.expectSent(t.connect({ will: { topic: 'gone', properties } })).toBe('C', {
        C: {
          cmd: 'connect',
          will: expect.objectContaining({
            properties: expect.objectContaining({ willDelayInterval: 5, userProperties: [['why', 'power']] }),
          }),
        },
      });
    });
  });

  it('subscribe() as a context manager: SUBSCRIBE with the first observer, UNSUBSCRIBE with the last', () => {
    scripted((t) => {
      const client = t.connect();
      t.expectObservable(client.subscribe('a'), '10ms ^ 9ms  !').toBe('');
      t.expectObservable(client.subscribe('a'), '15ms ^ 14ms !').toBe('');
      t.expectSent(client).toBe('C 9ms S 4ms R 14ms U', {
        C: /^CONNECT/,
        S: 'SUBSCRIBE #1 a:0 id=1',
        // For the retained messages of the second one.
        R: /^SUBSCRIBE/,
        U: /^UNSUBSCRIBE #\d a$/,
      });
    });
  });
});

describe('[DL-7450]', () => {
  it('publish() -> mid, on_publish(mid, ok): the receipt, or the error', () => {
    scripted((t) => {
      t.answer('publish', ({ packetId, topic }) => puback(packetId, topic === 'secret' ? 0x87 : 0));
      const client = t.connect();
      const sent = (topic: string) => client.publish(topic, '', { qos: 1 }).pipe(map(({ packetId }) => packetId));
      t.expectObservable(sent('a'), '10ms ^').toBe('12ms (p|)', { p: 1 });
      t.expectObservable(sent('secret'), '10ms ^').toBe('12ms #', {}, { code: 'PUBLISH_REFUSED', reasonCode: 0x87 });
    });
  });

  it('a topic without a character and a QoS that is none are errors, an empty message is none', () => {
    scripted((t) => {
      const client = t.connect();
      t.expectObservable(client.publish('', 'x')).toBe('#', {}, { code: 'INVALID_TOPIC' });
      t.expectObservable(client.publish('a', 'x', { qos: 3 as 2 })).toBe('#', {}, { code: 'INVALID_QOS' });
      t.expectObservable(
        client.publish('a', '').pipe(
          toArray(),
          map((all) => all.length),
        ),
      ).toBe('--(r|)', { r: 1 });
    });
  });

  it('on_message(topic, bytes)', () => {
    scripted((t) => {
      t.script('A--m', { A: connack(), m: publish('a', '1') });
      const seen$ = t.connect().messages$.pipe(map(({ topic, payload }) => [topic, ...payload]));
      t.expectObservable(seen$).toBe('-----m', { m: ['a', 0x31] });
    });
  });

  it('an unknown option is a TypeError, and so is another scheme', () => {
    expect(() => connect('mqtt://nowhere', { keep_alive: 5 } as ClientOptions)).toThrow(TypeError);
    expect(() => connect('coap://nowhere')).toThrow(/scheme "coap"/);
  });
});
