import { map, type Observable } from 'rxjs';
import type { MqttClient, PublishReceipt } from 'rxmqtt';
import {
  connack,
  connackWith,
  CUT,
  disconnect,
  mqttTest,
  puback,
  pubcomp,
  pubrec,
  type MqttTest,
} from 'rxmqtt/testing';

const CONNECT = 'CONNECT v5 clean';
const CONNACK = 'CONNACK';
const CONNECTED = { c: 'connecting 1', C: 'connected' };

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

const receipt = ({ packetId, qos, reasonCode, inDoubt }: PublishReceipt): string =>
  `#${packetId} q${qos} 0x${reasonCode.toString(16)}${inDoubt === true ? ' in doubt' : ''}`;

/** A publish, with its receipt in words. */
const send = (client: MqttClient, topic: string, qos: 0 | 1 | 2): Observable<string> =>
  client.publish(topic, '', { qos }).pipe(map(receipt));

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const fails = (name: string, code: string): unknown => expect.objectContaining({ name, code });
const REFUSED = fails('PublishError', 'PUBLISH_REFUSED');
const LOST = fails('SessionLostError', 'SESSION_LOST');

describe('QoS 0', () => {
  it('is done when it is written', () => {
    draw((t) => {
      const client = t.connect();
      t.expectSent().toBe('                               C---------p', { C: CONNECT, p: 'PUBLISH a "" q0' });
      t.expectObservable(send(client, 'a', 0), '----------^').toBe('----------(r|)', { r: '#0 q0 0x0' });
    });
  });

  it('sends nothing before it is subscribed to, and once for each subscriber', () => {
    draw((t) => {
      const client = t.connect();
      t.at(10, () => {
        const publish$ = client.publish('a', '');
        t.at(20, () => {
          fire(publish$);
          fire(publish$);
        });
      });
      t.expectSent().toBe('C 19ms (pp)', { C: CONNECT, p: 'PUBLISH a "" q0' });
    });
  });
});

describe('QoS 1', () => {
  it('[v5 MQTT-4.3.2-4] is done with PUBACK', () => {
    draw((t) => {
      t.script('                                           A 22ms     K', { A: connack(), K: puback(1, 0x10) });
      const client = t.connect();
      t.expectReceived().toBe('                          --A 22ms     K', { A: CONNACK, K: 'PUBACK #1 0x10' });
      t.expectSent().toBe('                              C 9ms p 14ms -', { C: CONNECT, p: 'PUBLISH #1 a "" q1' });
      t.expectObservable(send(client, 'a', 1), '10ms ^').toBe('25ms (r|)', { r: '#1 q1 0x10' });
    });
  });

  it('fails alone when the broker refuses it', () => {
    draw((t) => {
      t.answer('publish', ({ topic, packetId }) => puback(packetId, topic === 'a' ? 0x97 : 0));
      const client = t.connect();
      t.expectSent().toBe('                         C---(ab)', {
        C: CONNECT,
        a: 'PUBLISH #1 a "" q1',
        b: 'PUBLISH #2 b "" q1',
      });
      t.expectReceived().toBe('                     --A---(RK)', { A: CONNACK, R: 'PUBACK #1 0x97', K: 'PUBACK #2' });
      t.expectObservable(send(client, 'a', 1), '----^').toBe('------#', {}, REFUSED);
      t.expectObservable(send(client, 'b', 1), '----^').toBe('------(r|)', { r: '#2 q1 0x0' });
      t.expectState().toBe('                        c-C-----', CONNECTED);
    });
  });

  it('ignores a second PUBACK', () => {
    draw((t) => {
      t.answer('publish', () => [puback(1), puback(1), puback(77)]);
      const client = t.connect();
      t.expectSent().toBe('                         C---p----', { C: CONNECT, p: 'PUBLISH #1 a "" q1' });
      t.expectReceived().toBe('                     --A---(KKL)', { A: CONNACK, K: 'PUBACK #1', L: 'PUBACK #77' });
      t.expectObservable(send(client, 'a', 1), '----^').toBe('------(r|)', { r: '#1 q1 0x0' });
      t.expectState().toBe('                        c-C------', CONNECTED);
    });
  });

  it.each([4, 5] as const)('[v%i] is never sent again while the connection lasts', (protocolVersion) => {
    draw((t) => {
      const client = t.connect({ protocolVersion, keepalive: 0 });
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      t.expectSent().toBe('C---p 1000s', { C: `CONNECT v${protocolVersion} clean`, p: 'PUBLISH #1 a "" q1' });
    });
  });
});

describe('QoS 2', () => {
  const PUBLISH = 'PUBLISH #1 a "" q2';
  const PUBREL = 'PUBREL #1';

  it('[v5 MQTT-4.3.3-6] goes PUBLISH, PUBREC, PUBREL, PUBCOMP', () => {
    draw((t) => {
      t.script('                                      A-------R--------M', {
        A: connack(),
        R: pubrec(1),
        M: pubcomp(1),
      });
      const client = t.connect();
      t.expectReceived().toBe('                     --A-------R--------M', {
        A: CONNACK,
        R: 'PUBREC #1',
        M: 'PUBCOMP #1',
      });
      t.expectSent().toBe('                         C---p-----l---------', { C: CONNECT, p: PUBLISH, l: PUBREL });
      t.expectObservable(send(client, 'a', 2), '----^').toBe('-------------------(r|)', { r: '#1 q2 0x0' });
    });
  });

  it('answers a repeated PUBREC with PUBREL again', () => {
    draw((t) => {
      t.answer('publish', () => [pubrec(1), pubrec(1), pubcomp(1), pubcomp(1)]);
      const client = t.connect();
      t.expectReceived().toBe('                     --A---(RRMM)', {
        A: CONNACK,
        R: 'PUBREC #1',
        M: 'PUBCOMP #1',
      });
      t.expectSent().toBe('                         C---p-(ll)--', { C: CONNECT, p: PUBLISH, l: PUBREL });
      t.expectObservable(send(client, 'a', 2), '----^').toBe('------(r|)--', { r: '#1 q2 0x0' });
    });
  });

  it('[v5 MQTT-4.3.3-4] ends with a PUBREC that refuses, without PUBREL', () => {
    draw((t) => {
      t.answer('publish', () => pubrec(1, 0x97));
      const client = t.connect();
      t.expectReceived().toBe('                     --A---R', { A: CONNACK, R: 'PUBREC #1 0x97' });
      t.expectSent().toBe('                         C---p------', { C: CONNECT, p: PUBLISH });
      t.expectObservable(send(client, 'a', 2), '----^').toBe('------#', {}, REFUSED);
      t.expectState().toBe('                        c-C--------', CONNECTED);
    });
  });

  it('[v5 MQTT-4.4.0-1] answers PUBREC of an exchange that it does not know with PUBREL 0x92', () => {
    draw((t) => {
      t.script('                A---R', { A: connack(), R: pubrec(9) });
      t.connect();
      t.expectReceived().toBe('--A---R', { A: CONNACK, R: 'PUBREC #9' });
      t.expectSent().toBe('    C-----l', { C: CONNECT, l: 'PUBREL #9 0x92' });
    });
  });
});

describe('after the connection was lost, with the session kept', () => {
  const KEPT = { clean: false, sessionExpiry: 3600 };
  const PACKETS = {
    C: 'CONNECT v5',
    a: 'PUBLISH #1 a "" q1',
    A: 'PUBLISH #1 a "" q1 dup',
  };
  const cut = (t: MqttTest, moment: number): void => t.at(moment, () => t.broker.line('client-1').cut());

  it('[v5 MQTT-4.4.0-1] sends PUBLISH with DUP and PUBREL again, in the order of the first sending', () => {
    draw((t) => {
      const moves = { K: puback(4), R: pubrec(2), k: puback(1), m: pubcomp(2), r: pubrec(3), M: pubcomp(3) };
      t.script('                                     A-------RK', { ...moves, A: connack() });
      t.script('                                                        A-----(kmr)M', {
        ...moves,
        A: connack({ sessionPresent: true }),
      });
      const client = t.connect(KEPT);
      cut(t, 13);
      t.at(8, () => fire(client.publish('zero', '')));
      t.expectReceived().toBe('                    --A-------RK- 1002ms A-----(kmr)M', {
        A: /^CONNACK/,
        R: 'PUBREC #2',
        K: 'PUBACK #4',
        k: 'PUBACK #1',
        m: 'PUBCOMP #2',
        r: 'PUBREC #3',
        M: 'PUBCOMP #3',
      });
      t.expectSent().toBe('                        C---abcdz-l-- 1s   C-(AlD)-m----', {
        ...PACKETS,
        b: 'PUBLISH #2 b "" q2',
        c: 'PUBLISH #3 c "" q2',
        d: 'PUBLISH #4 d "" q1',
        z: 'PUBLISH zero "" q0',
        l: 'PUBREL #2',
        D: 'PUBLISH #3 c "" q2 dup',
        m: 'PUBREL #3',
      });
      t.expectObservable(send(client, 'a', 1), '----^   ').toBe('1021ms             (r|)', { r: '#1 q1 0x0' });
      t.expectObservable(send(client, 'b', 2), '-----^  ').toBe('1021ms             (r|)', { r: '#2 q2 0x0' });
      t.expectObservable(send(client, 'c', 2), '------^ ').toBe('1026ms                  (r|)', { r: '#3 q2 0x0' });
      t.expectObservable(send(client, 'd', 1), '-------^').toBe('-----------(r|)', { r: '#4 q1 0x0' });
    });
  });

  it('keeps its order before what was published meanwhile', () => {
    draw((t) => {
      t.script('                A', { A: connack() });
      t.script('                           A', { A: connack({ sessionPresent: true }) });
      const client = t.connect(KEPT);
      cut(t, 7);
      t.at(4, () => fire(client.publish('a', '', { qos: 1 })));
      t.at(7, () => fire(client.publish('b', '')));
      t.at(8, () => fire(client.publish('c', '', { qos: 1 })));
      t.expectReceived().toBe('--A---- 1002ms A', { A: /^CONNACK/ });
      t.expectSent().toBe('    C---a-- 1s   C-(Abc)', { ...PACKETS, b: 'PUBLISH b "" q0', c: 'PUBLISH #2 c "" q1' });
    });
  });

  it('keeps to the window of the new connection', () => {
    draw((t) => {
      t.script('                A', { A: connackWith({ receiveMaximum: 10 }) });
      t.script('                             A---1---2---3', {
        A: connackWith({ receiveMaximum: 1 }, true),
        1: puback(1),
        2: puback(2),
        3: puback(3),
      });
      const client = t.connect(KEPT);
      cut(t, 9);
      t.at(4, () => {
        for (const topic of ['a', 'b', 'c']) fire(client.publish(topic, '', { qos: 1 }));
      });
      t.expectReceived().toBe('--A------ 1002ms A---1---2---3', { A: /^CONNACK/, 1: /#1/, 2: /#2/, 3: /#3/ });
      t.expectSent().toBe('    C---(abc) 1s   C-A---B---D----', {
        ...PACKETS,
        b: 'PUBLISH #2 b "" q1',
        c: 'PUBLISH #3 c "" q1',
        B: 'PUBLISH #2 b "" q1 dup',
        D: 'PUBLISH #3 c "" q1 dup',
      });
    });
  });

  it('[v5 MQTT-3.2.2-15] fails a message that the new connection does not take, alone', () => {
    draw((t) => {
      t.script('                                     A', { A: connack() });
      t.script('                                                  A---K', {
        A: connackWith({ maximumQoS: 1 }, true),
        K: puback(2),
      });
      const client = t.connect(KEPT);
      cut(t, 7);
      t.expectReceived().toBe('                    --A---- 1002ms A---K', { A: /^CONNACK/, K: 'PUBACK #2' });
      t.expectSent().toBe('                        C---ab- 1s   C-B----', {
        C: 'CONNECT v5',
        a: 'PUBLISH #1 a "" q2',
        b: 'PUBLISH #2 b "" q1',
        B: 'PUBLISH #2 b "" q1 dup',
      });
      const unsupported = fails('PublishError', 'NOT_SUPPORTED');
      t.expectObservable(send(client, 'a', 2), '----^ ').toBe('1009ms       #', {}, unsupported);
      t.expectObservable(send(client, 'b', 1), '-----^').toBe('1013ms           (r|)', { r: '#2 q1 0x0' });
    });
  });
});

describe('after the session was lost', () => {
  const KEPT = { clean: false, sessionExpiry: 3600 };
  const FIRST = {
    C: 'CONNECT v5',
    a: 'PUBLISH #1 one "" q1',
    b: 'PUBLISH #2 two "" q2',
    c: 'PUBLISH #3 released "" q2',
    l: 'PUBREL #3',
  };

  /** Three messages are under way when the line is cut at 10, the third one is past PUBREC, and a fourth one comes then. */
  const drawLoss = (
    onSessionLost: 'safe' | 'republish' | 'fail' | undefined,
    test: (t: MqttTest, client: MqttClient) => void,
  ): void =>
    draw((t) => {
      t.script('A-----R', { A: connack(), R: pubrec(3) });
      t.script('A------(KL)', { A: connack(), K: puback(4), L: puback(5) });
      const client = t.connect({ ...KEPT, ...(onSessionLost !== undefined && { onSessionLost }) });
      t.at(10, () => t.broker.line('client-1').cut());
      test(t, client);
    });

  it.each(['safe', undefined] as const)('%s: QoS 1 anew, QoS 2 in doubt, past PUBREC a receipt in doubt', (policy) => {
    drawLoss(policy, (t, client) => {
      t.expectReceived().toBe('                              --A-----R- 1002ms A------(KL)', {
        A: CONNACK,
        R: 'PUBREC #3',
        K: 'PUBACK #4',
        L: 'PUBACK #5',
      });
      t.expectSent().toBe('                                  C---abc-l- 1s   C-(AE)-------', {
        ...FIRST,
        A: 'PUBLISH #4 one "" q1',
        E: 'PUBLISH #5 later "" q1',
      });
      t.expectObservable(send(client, 'one', 1), '     ----^     ').toBe('1019ms          (r|)', { r: '#4 q1 0x0' });
      t.expectObservable(send(client, 'two', 2), '     -----^    ').toBe('1012ms   #', {}, LOST);
      t.expectObservable(send(client, 'released', 2), '------^   ').toBe('1012ms   (r|)', { r: '#3 q2 0x0 in doubt' });
      t.expectObservable(send(client, 'later', 1), '   ----------^').toBe('1019ms          (r|)', { r: '#5 q1 0x0' });
    });
  });

  it('republish: both anew', () => {
    drawLoss('republish', (t, client) => {
      t.at(4, () => fire(client.publish('one', '', { qos: 1 })));
      t.at(5, () => fire(client.publish('two', '', { qos: 2 })));
      t.at(6, () => fire(client.publish('released', '', { qos: 2 })));
      t.at(10, () => fire(client.publish('later', '', { qos: 1 })));
      t.expectReceived().toBe('--A-----R- 1002ms A------', { A: CONNACK, R: 'PUBREC #3' });
      t.expectSent().toBe('    C---abc-l- 1s   C-(ABE)--', {
        ...FIRST,
        A: 'PUBLISH #4 one "" q1',
        B: 'PUBLISH #5 two "" q2',
        E: 'PUBLISH #6 later "" q1',
      });
    });
  });

  it('fail: neither', () => {
    drawLoss('fail', (t, client) => {
      t.at(10, () => fire(client.publish('later', '', { qos: 1 })));
      t.expectReceived().toBe('                              --A-----R- 1002ms A------', {
        A: CONNACK,
        R: 'PUBREC #3',
      });
      t.expectSent().toBe('                                  C---abc-l- 1s   C-E------', {
        ...FIRST,
        E: 'PUBLISH #4 later "" q1',
      });
      t.expectObservable(send(client, 'one', 1), '     ----^  ').toBe('1012ms      #', {}, LOST);
      t.expectObservable(send(client, 'two', 2), '     -----^ ').toBe('1012ms      #', {}, LOST);
      t.expectObservable(send(client, 'released', 2), '------^').toBe('1012ms      (r|)', { r: '#3 q2 0x0 in doubt' });
    });
  });

  it('says of a QoS 2 message that it is in doubt', () => {
    draw((t) => {
      t.script('                                     A-----D', { A: connack(), D: disconnect(0x8b) });
      const client = t.connect(KEPT);
      const inDoubt = expect.objectContaining({ code: 'SESSION_LOST', inDoubt: true });
      t.expectReceived().toBe('                    --A-----D 1001ms A', { A: CONNACK, D: 'DISCONNECT 0x8b' });
      t.expectSent().toBe('                        C---p---- 999ms C-', { C: 'CONNECT v5', p: 'PUBLISH #1 a "" q2' });
      t.expectObservable(send(client, 'a', 2), '----^').toBe('1010ms         #', {}, inDoubt);
    });
  });

  it('puts what a handler publishes then behind what is sent anew', () => {
    draw((t) => {
      const client = t.connect(KEPT);
      t.at(4, () => fire(client.publish('one', '', { qos: 1 })));
      t.at(5, () => {
        const again = (): void => fire(client.publish('two again', '', { qos: 1 }));
        client.publish('two', '', { qos: 2 }).subscribe({ error: again });
      });
      t.at(7, () => t.broker.line('client-1').cut());
      t.expectReceived().toBe('--A---- 1002ms A', { A: CONNACK });
      t.expectSent().toBe('    C---ab- 1s   C-(AB)', {
        ...FIRST,
        A: 'PUBLISH #3 one "" q1',
        B: 'PUBLISH #4 two again "" q1',
      });
    });
  });

  it('goes on also after connections were lost again and again without one acknowledgement', () => {
    draw((t) => {
      for (let lost = 0; lost < 5; lost++) t.script('A---X', { A: connack(), X: CUT });
      t.script('A---K', { A: connack(), K: puback(6) });
      const client = t.connect({ reconnect: { factor: 1 } });
      t.at(5033, () => fire(client.publish('b', '', { qos: 1 })));
      const A = CONNACK;
      t.expectReceived().toBe('--A-- 1002ms A-- 1002ms A-- 1002ms A-- 1002ms A-- 1002ms A---K', { A, K: 'PUBACK #6' });
      t.expectSent().toBe('    C---1 1s   C-2-- 1s   C-3-- 1s   C-4-- 1s   C-5-- 1s   C-6-----b', {
        C: CONNECT,
        ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((id) => [id, `PUBLISH #${id} a "" q1`])),
        b: 'PUBLISH #7 b "" q1',
      });
      t.expectObservable(send(client, 'a', 1), '----^').toBe('5031ms (r|)', { r: '#6 q1 0x0' });
    });
  });
});
