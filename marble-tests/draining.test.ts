import type { Observable } from 'rxjs';
import type { MqttClient } from 'rxmqtt';
import { connack, connackWith, mqttTest, puback, type MqttTest } from 'rxmqtt/testing';

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const PUBLISHES = Object.fromEntries([...'abcdefg'].map((topic) => [topic, `PUBLISH ${topic} "" q0`]));

/** Nothing listens at the first attempt; a second later the scripted broker is there. */
const drawLate = (rate: number, test: (t: MqttTest, client: MqttClient) => void): void =>
  void mqttTest(
    (t) => {
      t.broker.line('client-1').refuse();
      test(t, t.connect({ offline: { rate } }));
    },
    { broker: false },
  );

describe('draining at a rate', () => {
  it('sends so many messages of the outbox a second, and does not slow down what comes when it is empty', () => {
    drawLate(10, (t, client) => {
      for (const topic of ['a', 'b', 'c', 'd']) fire(client.publish(topic, ''));
      t.at(1250, () => fire(client.publish('e', '')));
      t.at(1403, () => fire(client.publish('f', '')));
      t.at(1403, () => fire(client.publish('g', '')));
      t.expectReceived().toBe('1002ms A', { A: 'CONNACK' });
      t.expectSent().toBe('    1s   C-a 99ms b 99ms c 99ms d 99ms e(fg)', { ...PUBLISHES, C: 'CONNECT v5 clean' });
    });
  });

  it('sends several messages a millisecond where the rate asks for that', () => {
    drawLate(2500, (t, client) => {
      for (const topic of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) fire(client.publish(topic, ''));
      t.to(1005);
      t.expectWire().toBe(`
           0 refused
        1000 > CONNECT v5 clean
        1002 < CONNACK
        1002 > PUBLISH a "" q0
        1002 > PUBLISH b "" q0
        1003 > PUBLISH c "" q0
        1003 > PUBLISH d "" q0
        1003 > PUBLISH e "" q0
        1004 > PUBLISH f "" q0
        1004 > PUBLISH g "" q0`);
    });
  });

  it('keeps to the rate also for what had to wait for the window', () => {
    mqttTest(
      (t) => {
        t.answer('connect', () => connackWith({ receiveMaximum: 1 }));
        const answeredAt: Readonly<Record<string, number>> = { a: 501, b: 631 };
        t.answer('publish', ({ topic, packetId }, peer) => {
          const at = answeredAt[topic];
          if (at !== undefined) t.at(at, () => peer.send(puback(packetId)));
          return undefined;
        });
        const client = t.connect({ offline: { rate: 10 } });
        t.at(2, () => {
          for (const topic of ['a', 'b', 'c']) fire(client.publish(topic, '', { qos: 1 }));
        });
        t.expectReceived().toBe('--A 499ms K 129ms L', { A: 'CONNACK', K: 'PUBACK #1', L: 'PUBACK #2' });
        t.expectSent().toBe('    C-a 599ms b 99ms c 100ms', {
          C: 'CONNECT v5 clean',
          a: 'PUBLISH #1 a "" q1',
          b: 'PUBLISH #2 b "" q1',
          c: 'PUBLISH #3 c "" q1',
        });
      },
      { broker: false },
    );
  });

  it('sends again at once, whatever the rate: these messages were sent before', () => {
    mqttTest(
      (t) => {
        t.answer('connect', () => connack({ sessionPresent: true }));
        const session = { clean: false, sessionExpiry: 100 };
        const client = t.connect({ ...session, offline: { rate: 1 }, reconnect: { minDelay: 10 } });
        t.at(3, () => {
          for (const topic of ['a', 'b', 'c']) fire(client.publish(topic, '', { qos: 1 }));
        });
        t.at(100, () => t.broker.line('client-1').cut());
        t.to(120);
        t.expectWire().toContain(`
          100 closed
          110 > CONNECT v5
          112 < CONNACK present
          112 > PUBLISH #1 a "" q1 dup
          112 > PUBLISH #2 b "" q1 dup
          112 > PUBLISH #3 c "" q1 dup`);
      },
      { broker: false },
    );
  });
});

describe('message expiry while waiting', () => {
  const expiring = (messageExpiryInterval: number) => ({ qos: 1, properties: { messageExpiryInterval } }) as const;
  const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

  it('fails the publish when its interval is over, at that moment, without a connection', () => {
    draw((t) => {
      t.broker.line('client-1').refuse(undefined, 20);
      const client = t.connect();
      const expired = expect.objectContaining({ name: 'ExpiredError', code: 'EXPIRED' });
      t.expectObservable(client.publish('a', '', expiring(2)), '  500ms ^').toBe('2500ms #', {}, expired);
      t.expectObservable(client.publish('b', '', expiring(1)), '  500ms ^').toBe('1500ms #', {}, expired);
      t.expectObservable(client.publish('c', '', { qos: 1 }), '   500ms ^').toBe('5s');
      t.to(5000);
      expect(client.stats()).toMatchObject({ outbox: { messages: 1 }, dropped: { expired: 2 } });
    });
  });

  it('sends what is left of the interval, in whole seconds', () => {
    draw((t) => {
      t.broker.line('client-1').refuse();
      const client = t.connect({ reconnect: { minDelay: 3500, maxDelay: 3500 } });
      fire(client.publish('a', '', expiring(10)));
      t.expectSent().toBe('3500ms C-p', {
        C: 'CONNECT v5 clean',
        p: { cmd: 'publish', properties: { messageExpiryInterval: 7 } },
      });
    });
  });

  it('counts the time that a message waited once, also where it waits again in a new session', () => {
    draw((t) => {
      const properties: unknown[] = [];
      t.answer('publish', (packet) => void properties.push(packet.properties));
      t.broker.line('client-1').refuse();
      const client = t.connect({ reconnect: { minDelay: 2500, maxDelay: 2500 } });
      t.at(2504, () => t.broker.line('client-1').cut());
      t.expectObservable(client.publish('a', '', expiring(10)), '^').toBe('6s');
      t.expectSent().toBe('2500ms C-p- 2500ms C-q', {
        C: 'CONNECT v5 clean',
        p: { cmd: 'publish', properties: { messageExpiryInterval: 8 } },
        q: { cmd: 'publish', properties: { messageExpiryInterval: 5 } },
      });
      t.to(6000);
      expect(properties).toEqual([{ messageExpiryInterval: 8 }, { messageExpiryInterval: 5 }]);
    });
  });

  it('[v5 MQTT-4.3.3-7] never expires what was sent', () => {
    draw((t) => {
      t.answer('connect', () => connack({ sessionPresent: true }));
      const client = t.connect({ clean: false, sessionExpiry: 100, reconnect: { minDelay: 5000 } });
      const options = { qos: 2, properties: { messageExpiryInterval: 1 } } as const;
      t.at(7, () => t.broker.line('client-1').cut());
      t.expectObservable(client.publish('a', '', options), '----^').toBe('6s');
      t.expectSent().toBe('                                C---p-- 5000ms C-d', {
        C: 'CONNECT v5',
        p: 'PUBLISH #1 a "" q2',
        d: 'PUBLISH #1 a "" q2 dup',
      });
    });
  });
});
