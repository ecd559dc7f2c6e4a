import { map, switchMap, timer, type Observable } from 'rxjs';
import type { ClientOptions, MqttClient, OfflineOptions, Transport } from 'rxmqtt';
import { connackWith, mqttTest, puback, pubcomp, pubrec, type MqttTest } from 'rxmqtt/testing';
import { inVirtualTime, suback, type Answers } from './support.js';

const CONNECT = 'CONNECT v5 clean';
const CONNACK = 'CONNACK';
const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });

/** A publish of two bytes, with its packet identifier. */
const send = (client: MqttClient, topic: string, qos: 0 | 1 | 2 = 1): Observable<string> =>
  client.publish(topic, 'xx', { qos }).pipe(map(({ packetId }) => `#${packetId}`));

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

describe('the window of Receive Maximum', () => {
  it('[v5 MQTT-3.3.4-9] is filled in order, and refilled with each acknowledgement', () => {
    draw((t) => {
      t.script('                A---------2---(13)', {
        A: connackWith({ receiveMaximum: 2 }),
        1: puback(1),
        2: puback(2),
        3: puback(3),
      });
      const client = t.connect();
      t.at(4, () => {
        for (const topic of ['a', 'b', 'c', 'd']) fire(send(client, topic));
      });
      t.expectReceived().toBe('--A---------2---(13)', { A: CONNACK, 1: 'PUBACK #1', 2: 'PUBACK #2', 3: 'PUBACK #3' });
      t.expectSent().toBe('    C---(ab)----c---d---', {
        C: CONNECT,
        a: 'PUBLISH #1 a "xx" q1',
        b: 'PUBLISH #2 b "xx" q1',
        c: 'PUBLISH #3 c "xx" q1',
        d: 'PUBLISH #4 d "xx" q1',
      });
    });
  });

  it('is no bound for QoS 0, SUBSCRIBE and PINGREQ', () => {
    draw((t) => {
      t.answer('connect', () => connackWith({ receiveMaximum: 1 }));
      const client = t.connect();
      t.at(3, () => fire(send(client, 'full')));
      t.at(5, () => {
        fire(send(client, 'zero', 0));
        fire(client.subscribe('a'));
        fire(client.ping());
      });
      t.expectSent().toBe('C--f-(zps)', {
        C: CONNECT,
        f: 'PUBLISH #1 full "xx" q1',
        z: 'PUBLISH zero "xx" q0',
        p: 'PINGREQ',
        s: 'SUBSCRIBE #2 a:0 id=1',
      });
    });
  });

  it('[v5 MQTT-4.6.0-6] QoS 0 never passes an earlier message that waits', () => {
    draw((t) => {
      t.script('                A-----K', { A: connackWith({ receiveMaximum: 1 }), K: puback(1) });
      const client = t.connect();
      t.at(4, () => {
        fire(send(client, 'one'));
        fire(send(client, 'two'));
        fire(send(client, 'zero', 0));
      });
      t.expectReceived().toBe('--A-----K', { A: CONNACK, K: 'PUBACK #1' });
      t.expectSent().toBe('    C---1---(2z)', {
        C: CONNECT,
        1: 'PUBLISH #1 one "xx" q1',
        2: 'PUBLISH #2 two "xx" q1',
        z: 'PUBLISH zero "xx" q0',
      });
    });
  });
});

describe('what waits without a connection', () => {
  const PACKETS = Object.fromEntries(['a', 'b', 'c', 'd'].map((topic) => [topic, { cmd: 'publish', topic }]));

  /** The transport takes 100 ms to open. */
  const drawFar = (options: ClientOptions, test: (t: MqttTest, client: MqttClient) => void): void =>
    draw((t) => {
      const transport: Transport = (target) => timer(100).pipe(switchMap(() => t.broker.transport(target)));
      test(t, t.connect({ clientId: 'far', transport, ...options }));
    });

  it('leaves in order, after the subscriptions', () => {
    drawFar({}, (t, client) => {
      fire(send(client, 'a', 1));
      fire(send(client, 'b', 0));
      fire(client.subscribe('s', { qos: 1 }));
      fire(send(client, 'c', 2));
      t.expectReceived().toBe('100ms --A', { A: CONNACK });
      t.expectSent().toBe('    100ms C-(sabc)', {
        C: CONNECT,
        s: 'SUBSCRIBE #1 s:1 id=1',
        a: 'PUBLISH #2 a "xx" q1',
        b: 'PUBLISH b "xx" q0',
        c: 'PUBLISH #3 c "xx" q2',
      });
    });
  });

  it('may be taken back', () => {
    drawFar({}, (t, client) => {
      t.expectObservable(send(client, 'a'), '^       ').toBe('200ms');
      t.expectObservable(send(client, 'b'), '^ 49ms !').toBe('200ms');
      t.expectObservable(send(client, 'c'), '^       ').toBe('200ms');
      t.expectSent().toBe('100ms C-(ac)', {
        C: CONNECT,
        a: 'PUBLISH #1 a "xx" q1',
        c: 'PUBLISH #2 c "xx" q1',
      });
    });
  });

  it('finishes its handshake when it is given up after it was sent', () => {
    draw((t) => {
      t.answer('publish', ({ packetId }) => pubrec(packetId));
      t.answer('pubrel', ({ packetId }) => pubcomp(packetId));
      const client = t.connect();
      t.expectObservable(send(client, 'a', 2), '----^!').toBe('---------');
      t.expectSent().toBe('                         C---a-l--', {
        C: CONNECT,
        a: 'PUBLISH #1 a "xx" q2',
        l: 'PUBREL #1',
      });
      t.expectReceived().toBe('                     --A---R-M', { A: CONNACK, R: 'PUBREC #1', M: 'PUBCOMP #1' });
    });
  });

  /** Publishes one message after the other without a connection, each of which is drawn; and what is sent at last. */
  const drawOffline = (offline: OfflineOptions, fates: Readonly<Record<string, string>>, sent: string): void =>
    drawFar({ offline }, (t, client) => {
      const full = expect.objectContaining({ name: 'QueueFullError', code: 'QUEUE_FULL' });
      for (const [topic, fate] of Object.entries(fates)) t.expectObservable(send(client, topic)).toBe(fate, {}, full);
      t.expectSent().toBe(sent, { ...PACKETS, C: CONNECT });
    });

  it.each([{ maxMessages: 2 }, { maxBytes: 6 }])("'reject' refuses what finds no room: %j", (limits) => {
    drawOffline(limits, { a: '- 200ms', b: '- 200ms', c: '# 200ms' }, '100ms C-(ab) 99ms');
  });

  it("'drop-newest' refuses the same", () => {
    const limits = { maxMessages: 2, overflow: 'drop-newest' } as const;
    drawOffline(limits, { a: '- 200ms', b: '- 200ms', c: '# 200ms' }, '100ms C-(ab) 99ms');
  });

  it("'drop-oldest' makes room", () => {
    const limits = { maxMessages: 2, overflow: 'drop-oldest' } as const;
    drawOffline(limits, { a: '# 200ms', b: '- 200ms', c: '- 200ms' }, '100ms C-(bc) 99ms');
  });

  it("'drop-oldest' drops nothing for a message that has no room in any case", () => {
    const limits = { maxBytes: 6, overflow: 'drop-oldest' } as const;
    drawOffline(limits, { a: '- 200ms', b: '- 200ms', 'far-too-long': '# 200ms' }, '100ms C-(ab) 99ms');
  });

  it("'wait' holds back, and keeps the order", () => {
    const limits = { maxMessages: 2, overflow: 'wait' } as const;
    drawOffline(limits, { a: '200ms', b: '200ms', c: '200ms', d: '200ms' }, '100ms C-(abcd) 99ms');
  });

  it('nothing waits with maxMessages 0, and a connection is not needed for what can be sent at once', () => {
    drawFar({ offline: { maxMessages: 0 } }, (t, client) => {
      const full = expect.objectContaining({ name: 'QueueFullError', code: 'QUEUE_FULL' });
      t.expectObservable(send(client, 'a'), '^      ').toBe('#', {}, full);
      t.expectObservable(send(client, 'b'), '103ms ^').toBe('200ms');
      t.expectSent().toBe('100ms C--b 99ms', { ...PACKETS, C: CONNECT });
    });
  });

  it('is 10 000 messages where nothing else was asked for', () => {
    drawFar({}, (_, client) => {
      let refused = 0;
      for (let i = 0; i < 10_010; i++) client.publish('a', '').subscribe({ error: () => refused++ });
      expect(refused).toBe(10);
    });
  });
});

describe('packet identifiers', () => {
  it('[v5 MQTT-2.2.1-3] 70 000 unacknowledged publishes never collide, and leave in order', () => {
    inVirtualTime({ keepalive: 0, offline: { maxMessages: 70_000 } }, (world) => {
      world.to(0);
      let done = 0;
      for (let i = 0; i < 70_000; i++) {
        world.client.publish(`t/${i}`, '', { qos: 1 }).subscribe({ next: () => done++, error: () => undefined });
      }
      const sent = () => world.line.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet] : []));
      expect(sent()).toHaveLength(65_535);
      expect(new Set(sent().map(({ packetId }) => packetId)).size).toBe(65_535);
      world.line.send(...sent().map(({ packetId }) => puback(packetId)));
      expect(sent()).toHaveLength(70_000);
      expect(sent().every(({ topic }, i) => topic === `t/${i}`)).toBe(true);
      world.line.send(
        ...sent()
          .slice(65_535)
          .map(({ packetId }) => puback(packetId)),
      );
      expect(done).toBe(70_000);
    });
  });

  it('leave one for SUBSCRIBE as soon as one is free, before the publishes that wait', () => {
    const answers: Answers = { subscribe: ({ packetId }) => suback(packetId, 0) };
    inVirtualTime({ keepalive: 0, offline: { maxMessages: 70_000 }, answers }, (world) => {
      world.to(0);
      for (let i = 0; i < 66_000; i++) world.fire(world.client.publish('t', '', { qos: 1 }));
      world.take();
      world.fire(world.client.subscribe('a'));
      world.fire(world.client.unsubscribe('b'));
      world.by(1);
      expect(world.take()).toEqual([]);
      world.line.send(puback(7));
      world.by(1);
      expect(world.take()[0]).toBe('1 UNSUBSCRIBE #7 b');
      world.line.send(puback(8));
      world.by(1);
      expect(world.take()[0]).toBe('2 SUBSCRIBE #8 a:0 id=1');
    });
  });
});
