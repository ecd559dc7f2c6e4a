import type { Observable } from 'rxjs';
import type { MqttClient } from 'rxmqtt';
import { connackWith, mqttTest, type MqttTest } from 'rxmqtt/testing';
import { connack, inVirtualTime, puback } from './support.js';

const offline = {
  dial: { refuse: (attempt: number) => attempt === 1 },
  reconnect: { minDelay: 1000, jitter: 'none' },
} as const;

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

  it('fails the publish when its interval is over, at that moment, without a connection', () => {
    inVirtualTime({ dial: { refuse: true } }, (world) => {
      world.to(500);
      const two = world.watch(world.client.publish('a', '', expiring(2)));
      const one = world.watch(world.client.publish('b', '', expiring(1)));
      const never = world.watch(world.client.publish('c', '', { qos: 1 }));
      world.to(5000);
      expect(one.log).toEqual(['1500 ! ExpiredError EXPIRED']);
      expect(two.log).toEqual(['2500 ! ExpiredError EXPIRED']);
      expect(never.log).toEqual([]);
      expect(world.client.stats()).toMatchObject({ outbox: { messages: 1 }, dropped: { expired: 2 } });
    });
  });

  it('sends what is left of the interval, in whole seconds', () => {
    inVirtualTime({ ...offline, reconnect: { minDelay: 3500, maxDelay: 3500, jitter: 'none' } }, (world) => {
      world.fire(world.client.publish('a', '', expiring(10)));
      world.to(3500);
      const sent = world.line.packets.find((packet) => packet.cmd === 'publish');
      expect(sent?.properties?.messageExpiryInterval).toBe(7);
    });
  });

  it('counts the time that a message waited once, also where it waits again in a new session', () => {
    const reconnect = { minDelay: 2500, maxDelay: 2500, jitter: 'none' } as const;
    inVirtualTime({ ...offline, reconnect }, (world) => {
      const watched = world.watch(world.client.publish('a', '', expiring(10)));
      const left = (): unknown => world.line.packets.find((packet) => packet.cmd === 'publish')?.properties;
      world.to(2500);
      expect(left()).toEqual({ messageExpiryInterval: 8 });
      world.line.peer.fail();
      world.to(5000);
      expect(left()).toEqual({ messageExpiryInterval: 5 });
      expect(watched.log).toEqual([]);
    });
  });

  it('[v5 MQTT-4.3.3-7] never expires what was sent', () => {
    const answers = { connect: () => connack({ sessionPresent: true }) };
    const options = {
      clean: false,
      sessionExpiry: 100,
      answers,
      reconnect: { minDelay: 5000, jitter: 'none' },
    } as const;
    inVirtualTime(options, (world) => {
      world.to(0);
      const sent = world.watch(world.client.publish('a', '', { qos: 2, properties: { messageExpiryInterval: 1 } }));
      world.line.peer.fail();
      world.take();
      world.to(5000);
      expect(sent.log).toEqual([]);
      expect(world.take()).toContain('5000 PUBLISH #1 a "" q2 dup');
    });
  });
});
