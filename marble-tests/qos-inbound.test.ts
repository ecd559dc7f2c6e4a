import { map, ReplaySubject, tap } from 'rxjs';
import type { ClientOptions, MqttClient, MqttMessage, Packet } from 'rxmqtt';
import { connack, mqttTest, publish, pubrel, suback, type MqttTest } from 'rxmqtt/testing';

const text = map((message: MqttMessage) => message.text());

describe.each([4, 5] as const)('messages that come in, v%i', (protocolVersion) => {
  const C = protocolVersion === 5 ? 'CONNECT v5 clean' : 'CONNECT v4 clean';

  /** What the broker sends from its CONNACK on, what the client puts on the wire, and what an observer sees. */
  const draw = (
    { broker, sent, seen }: { readonly broker: string; readonly sent: string; readonly seen: string },
    packets: Readonly<Record<string, Packet>>,
    answers: Readonly<Record<string, string>>,
  ): void =>
    void mqttTest(
      (t) => {
        t.script(broker, { A: connack(), ...packets });
        const client = t.connect({ protocolVersion });
        t.expectObservable(client.messages$.pipe(text)).toBe(seen);
        t.expectSent(client).toBe(sent, { C, ...answers });
      },
      { broker: false },
    );

  it('answers QoS 0 with nothing, QoS 1 with PUBACK, QoS 2 with PUBREC and PUBCOMP', () => {
    draw(
      {
        broker: ' A 9ms 0 9ms 1 9ms 2 9ms l',
        sent: '   C    21ms   a 9ms r 9ms c',
        seen: '   12ms 0 9ms  1 9ms 2 9ms -',
      },
      {
        0: publish('a', '0'),
        1: publish('a', '1', { id: 7 }),
        2: publish('a', '2', { qos: 2, id: 7 }),
        l: pubrel(7),
      },
      { a: 'PUBACK #7', r: 'PUBREC #7', c: 'PUBCOMP #7' },
    );
  });

  it('[MQTT-4.3.3-10] delivers a QoS 2 message once, however often it comes before PUBREL', () => {
    draw(
      {
        broker: ' A---2---d---2---l',
        sent: '   C-----r---r---r---c',
        seen: '   ------2------------',
      },
      { 2: publish('a', '2', { qos: 2, id: 7 }), d: publish('a', '2', { qos: 2, id: 7, dup: true }), l: pubrel(7) },
      { r: 'PUBREC #7', c: 'PUBCOMP #7' },
    );
  });

  it('[MQTT-4.3.3-12] takes the identifier for a new message after PUBREL', () => {
    draw(
      {
        broker: ' A---1---l---2',
        sent: '   C-----r---c---r',
        seen: '   ------1-------2',
      },
      { 1: publish('a', '1', { qos: 2, id: 7 }), l: pubrel(7), 2: publish('a', '2', { qos: 2, id: 7 }) },
      { r: 'PUBREC #7', c: 'PUBCOMP #7' },
    );
  });

  it('delivers QoS 1 as often as it comes, DUP or not', () => {
    draw(
      {
        broker: ' A---1---d',
        sent: '   C-----a---a',
        seen: '   ------1---1',
      },
      { 1: publish('a', '1', { id: 7 }), d: publish('a', '1', { id: 7, dup: true }) },
      { a: 'PUBACK #7' },
    );
  });

  it('answers PUBREL that it does not know with PUBCOMP', () => {
    draw(
      {
        broker: ' A---l',
        sent: '   C-----c',
        seen: '   -------',
      },
      { l: pubrel(7) },
      { c: protocolVersion === 5 ? 'PUBCOMP #7 0x92' : 'PUBCOMP #7' },
    );
  });
});

describe('QoS 2 identifiers and connections', () => {
  const PACKETS = {
    A: connack(),
    P: connack({ sessionPresent: true }),
    1: publish('a', '1', { qos: 2, id: 7 }),
    d: publish('a', '1', { qos: 2, id: 7, dup: true }),
    2: publish('a', '2', { qos: 2, id: 7 }),
    o: publish('a', 'other', { id: 8 }),
    l: pubrel(7),
  };
  const RECEIVED = {
    A: 'CONNACK',
    P: 'CONNACK present',
    1: 'PUBLISH #7 a "1" q2',
    d: 'PUBLISH #7 a "1" q2 dup',
    2: 'PUBLISH #7 a "2" q2',
    o: 'PUBLISH #8 a "other" q1',
    l: 'PUBREL #7',
  };
  const SENT = { C: 'CONNECT v5', r: 'PUBREC #7', c: 'PUBCOMP #7', k: 'PUBACK #8' };
  const KEPT = { clean: false, sessionExpiry: 60 };

  /** A client whose first connection brings the first message at 6 and is cut at 9; the second one is there at 1011. */
  const drawTwo = (second: string, options: ClientOptions, test: (t: MqttTest, client: MqttClient) => void): void =>
    void mqttTest(
      (t) => {
        t.script('A---1', PACKETS);
        t.script(second, PACKETS);
        t.answer('subscribe', ({ packetId }) => suback(packetId, 2));
        const client = t.connect({ ...KEPT, ...options });
        test(t, client);
        t.at(9, () => client.state.status === 'connected' && t.broker.line('client-1').cut());
      },
      { broker: false },
    );

  it('remembers them on the next connection of the session', () => {
    drawTwo('                                           P---d---l', {}, (t, client) => {
      t.expectReceived().toBe('            --A---1-- 1002ms P---d---l', RECEIVED);
      t.expectSent().toBe('                C-----r-- 1s   C-----r---c', SENT);
      t.expectObservable(client.messages$.pipe(text)).toBe('------1-- 1011ms');
    });
  });

  it('forgets them with the session', () => {
    drawTwo('                                           A---2', {}, (t, client) => {
      t.expectReceived().toBe('            --A---1-- 1002ms A---2', RECEIVED);
      t.expectSent().toBe('                C-----r-- 1s   C-----r', SENT);
      t.expectObservable(client.messages$.pipe(text)).toBe('------1-- 1006ms 2');
    });
  });

  it('[v5 MQTT-3.3.4-9] counts against Receive Maximum only what this connection brought', () => {
    // The window is fresh, and PUBREL does not count.
    drawTwo(
      '                                           P---o---l',
      { properties: { receiveMaximum: 1 }, unroutedGrace: 0 },
      (t, client) => {
        t.expectReceived().toBe('            --A---1-- 1002ms P---o---l', RECEIVED);
        t.expectSent().toBe('                C-----r-- 1s   C-----k---c', SENT);
        t.expectObservable(client.messages$.pipe(text)).toBe('------1-- 1006ms o----', { 1: '1', o: 'other' });
        t.expectState().toBe('               c-C------r 999ms c-C--------', {
          c: 'connecting 1',
          C: 'connected',
          r: 'reconnecting 1 in 1000',
        });
      },
    );
  });

  it('are not shown again to those who saw them, when another held them and left without a word', () => {
    drawTwo('                                             P-----d', {}, (t, client) => {
      const held = new ReplaySubject<string>();
      const worker = client.subscribe('a', { qos: 2, ack: 'manual' }).pipe(text).subscribe(held);
      t.at(9, () => {
        worker.unsubscribe();
        t.broker.line('client-1').cut();
      });
      const next = client.subscribe('a', { qos: 2, ack: 'manual' }).pipe(tap((message) => message.ack()));
      t.expectObservable(client.messages$.pipe(text)).toBe('       ------1-- 1009ms');
      t.expectObservable(client.messages$.pipe(text)).toBe('       ------1-- 1009ms');
      t.expectObservable(held).toBe('                              ------1-- 1009ms');
      t.expectObservable(next.pipe(text), '  ----------^      ').toBe('--------- 1008ms 1');
      t.expectReceived().toBe('                         --A-K-1-- 1002ms P-K---d', {
        ...RECEIVED,
        K: /^SUBACK/,
      });
      t.expectSent().toBe('                             C-S------ 1s   C-S-----r', { ...SENT, S: /^SUBSCRIBE/ });
    });
  });
});

describe('manual acknowledgement', () => {
  const C = 'CONNECT v5 clean';
  const S = /^SUBSCRIBE #\d a:/;
  const RECEIVED = { A: 'CONNACK', K: /^SUBACK/ };
  const A = connack();

  /** The broker is scripted: it answers SUBSCRIBE. */
  const draw = (test: (t: MqttTest, client: MqttClient) => void): void =>
    void mqttTest(
      (t) => {
        t.answer('subscribe', ({ packetId }) => suback(packetId, 2));
        test(t, t.connect());
      },
      { broker: false },
    );

  /** Subscribes, and acknowledges as the diagram says, by the text of the message. */
  const acknowledge = (t: MqttTest, client: MqttClient, qos: 1 | 2, marbles: string): void => {
    const held = new Map<string, MqttMessage>();
    client.subscribe('a', { qos, ack: 'manual' }).subscribe((message) => held.set(message.text(), message));
    t.hot<string>(marbles).subscribe((letter) => held.get(letter)?.ack());
  };

  it('[v5 MQTT-4.6.0-2] acknowledges in the order of arrival, whatever order the handlers finish in', () => {
    draw((t, client) => {
      t.script('                      A-----123N5', {
        A,
        1: publish('a', '1', { id: 1 }),
        2: publish('a', '2', { id: 2 }),
        3: publish('a', '3', { id: 3 }),
        N: publish('b', 'nobody', { id: 4 }),
        5: publish('a', '5', { qos: 2, id: 5 }),
      });
      t.expectReceived().toBe('     --A-K---123N5', { ...RECEIVED, 1: /#1/, 2: /#2/, 3: /#3/, N: /#4 b/, 5: /#5/ });
      acknowledge(t, client, 1, '   ---------------231--------55');
      t.expectSent().toBe('         C-S--------------(123N)---5-', {
        C,
        S,
        1: 'PUBACK #1',
        2: 'PUBACK #2',
        3: 'PUBACK #3',
        N: 'PUBACK #4',
        5: 'PUBREC #5',
      });
    });
  });

  it('waits for every observer that acknowledges by hand', () => {
    draw((t, client) => {
      t.script('                      A-----1', { A, 1: publish('a', '1', { id: 1 }) });
      t.expectReceived().toBe('     --A-K---1------', { ...RECEIVED, 1: /^PUBLISH #1/ });
      acknowledge(t, client, 1, '   ----------11--');
      acknowledge(t, client, 1, '   -------------1');
      t.expectSent().toBe('         C-S----------1--', { C, S, 1: 'PUBACK #1' });
    });
  });

  it('does nothing for a message of a connection that is gone', () => {
    draw((t, client) => {
      t.script('                      A-----1', { A, 1: publish('a', '1', { qos: 2, id: 1 }) });
      t.script('                                            A---------2', {
        A,
        2: publish('a', '2', { qos: 2, id: 1 }),
      });
      t.at(12, () => t.broker.line('client-1').cut());
      t.expectReceived().toBe('     --A-K---1--- 1002ms   A-K-------2--', {
        ...RECEIVED,
        1: /^PUBLISH #1/,
        2: /^PUBLISH #1/,
      });
      // Least of all does it take the identifier from a message of the new session.
      acknowledge(t, client, 2, '   ------------ 1006ms       1');
      t.expectSent().toBe('         C-S--------- 1s     C-S----------', { C, S });
      t.expectObservable(client.messages$.pipe(text)).toBe('--------1--- 1012ms 2');
    });
  });

  it('does not wait for an observer that was unsubscribed while the message was delivered', () => {
    draw((t, client) => {
      t.script('                      A-----1', { A, 1: publish('a', '1', { id: 1 }) });
      const second = { unsubscribe: (): void => undefined };
      client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe((message) => {
        second.unsubscribe();
        message.ack();
      });
      const subscription = client.subscribe('a', { qos: 1, ack: 'manual' }).subscribe();
      second.unsubscribe = () => subscription.unsubscribe();
      t.expectReceived().toBe('     --A-K---1', { ...RECEIVED, 1: /^PUBLISH #1/ });
      t.expectSent().toBe('         C-S-----1', { C, S, 1: 'PUBACK #1' });
    });
  });
});
