import { connack, connackWith, inVirtualTime, puback } from './support.js';

const offline = {
  dial: { refuse: (attempt: number) => attempt === 1 },
  reconnect: { minDelay: 1000, jitter: 'none' },
} as const;

describe('draining at a rate', () => {
  it('sends so many messages of the outbox a second, and does not slow down what comes when it is empty', () => {
    inVirtualTime({ ...offline, offline: { rate: 10 } }, (world) => {
      for (const topic of ['a', 'b', 'c', 'd']) world.fire(world.client.publish(topic, ''));
      world.to(1000);
      world.to(1250);
      world.fire(world.client.publish('e', ''));
      world.to(1400);
      world.fire(world.client.publish('f', ''));
      world.fire(world.client.publish('g', ''));
      expect(world.take()).toEqual([
        '1000 CONNECT v5 clean',
        '1000 PUBLISH a "" q0',
        '1100 PUBLISH b "" q0',
        '1200 PUBLISH c "" q0',
        '1300 PUBLISH d "" q0',
        '1400 PUBLISH e "" q0',
        '1400 PUBLISH f "" q0',
        '1400 PUBLISH g "" q0',
      ]);
    });
  });

  it('sends several messages a millisecond where the rate asks for that', () => {
    inVirtualTime({ ...offline, offline: { rate: 2500 } }, (world) => {
      for (const topic of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) world.fire(world.client.publish(topic, ''));
      world.to(1000);
      world.to(1003);
      const times = world
        .take()
        .slice(1)
        .map((line) => line.split(' ')[0]);
      expect(times).toEqual(['1000', '1000', '1001', '1001', '1001', '1002', '1002']);
    });
  });

  it('keeps to the rate also for what had to wait for the window', () => {
    inVirtualTime(
      { offline: { rate: 10 }, answers: { connect: () => connackWith({ receiveMaximum: 1 }) } },
      (world) => {
        world.to(0);
        for (const topic of ['a', 'b', 'c']) world.fire(world.client.publish(topic, '', { qos: 1 }));
        world.take();
        world.to(500);
        world.line.send(puback(1));
        world.to(630);
        world.line.send(puback(2));
        world.to(800);
        expect(world.take()).toEqual(['600 PUBLISH #2 b "" q1', '700 PUBLISH #3 c "" q1']);
      },
    );
  });

  it('sends again at once, whatever the rate: these messages were sent before', () => {
    const answers = { connect: () => connack({ sessionPresent: true }) };
    const session = { clean: false, sessionExpiry: 100 };
    inVirtualTime(
      { ...session, answers, offline: { rate: 1 }, reconnect: { minDelay: 10, jitter: 'none' } },
      (world) => {
        world.to(0);
        for (const topic of ['a', 'b', 'c']) world.fire(world.client.publish(topic, '', { qos: 1 }));
        world.to(100);
        world.take();
        world.line.peer.fail();
        world.to(110);
        expect(world.take()).toEqual([
          '100 closed',
          '110 CONNECT v5',
          '110 PUBLISH #1 a "" q1 dup',
          '110 PUBLISH #2 b "" q1 dup',
          '110 PUBLISH #3 c "" q1 dup',
        ]);
      },
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
