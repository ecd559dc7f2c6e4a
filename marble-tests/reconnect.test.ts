import type { ClientOptions } from '../src/index.js';
import { connack, inVirtualTime, publish, suback, table, type Answers, type World } from './support.js';

const granting: Answers = {
  subscribe: ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(({ qos }) => qos)),
};
const reconnect = (world: World, options?: { clean?: boolean }) =>
  world.watch(world.client.reconnect(options), ({ sessionPresent }) => `connected ${sessionPresent}`);
const connects = (world: World): string[] => world.take().filter((line) => line.includes('CONNECT'));

describe('reconnect()', () => {
  it('[amqtt] reconnect(cleansession): leaves a living connection in order, and dials at once', () => {
    inVirtualTime({}, (world) => {
      world.to(100);
      const { log } = reconnect(world);
      world.to(200);
      expect(log).toEqual(['100 connected false', '100 done']);
      expect(world.wire).toEqual(
        table(`
        0 CONNECT v5 clean
        100 DISCONNECT
        100 closed
        100 CONNECT v5 clean
      `),
      );
      expect(world.states.slice(1)).toEqual([
        '0 connecting 1',
        '0 connected',
        '100 reconnecting 1 in 0',
        '100 connecting 1',
        '100 connected',
      ]);
      expect(world.lines).toHaveLength(2);
    });
  });

  it('has the next connection begin, or go on with, a session: once', () => {
    const options: ClientOptions = { clean: false, sessionExpiry: 60 };
    const answers: Answers = { connect: ({ clean }) => connack({ sessionPresent: !clean }) };
    inVirtualTime({ ...options, answers }, (world) => {
      world.to(0);
      const first = reconnect(world, { clean: true });
      world.to(10);
      const second = reconnect(world);
      world.to(20);
      expect([first.log[0], second.log[0]]).toEqual(['0 connected false', '10 connected true']);
    });
  });

  it('dials anew where the attempt that runs would bring another session', () => {
    inVirtualTime({ clean: false, sessionExpiry: 60, dial: { delay: 50 } }, (world) => {
      world.to(20);
      reconnect(world);
      world.to(30);
      const { log } = reconnect(world, { clean: true });
      world.to(200);
      expect(log).toEqual(['80 connected false', '80 done']);
      expect(connects(world)).toHaveLength(1);
      expect(world.lines).toHaveLength(1);
    });
  });

  it('connects a lazy client, which rests again when it is not needed', () => {
    inVirtualTime({ lazy: true, linger: 100 }, (world) => {
      world.to(50);
      expect(reconnect(world).log).toEqual(['50 connected false', '50 done']);
      world.to(1000);
      expect(world.client.state.status).toBe('idle');
    });
  });

  it('errors with ClosedError on a client that has ended, and when it ends first', () => {
    inVirtualTime({ answers: { connect: () => undefined } }, (world) => {
      world.to(0);
      const { log } = reconnect(world);
      void world.client.end({ force: true });
      world.to(10);
      expect(log).toEqual(['0 ! ClosedError CLOSED']);
      expect(reconnect(world).log).toEqual(['10 ! ClosedError CLOSED']);
    });
  });

  it('refuses a session that could not be kept', () => {
    inVirtualTime({ lazy: true }, (world) => {
      expect(reconnect(world, { clean: false }).log).toEqual(['0 ! TypeError']);
      expect(world.client.state.status).toBe('idle');
    });
  });

  it('may be called twice, and from a handler of the state', () => {
    inVirtualTime({ dial: { delay: 2 } }, (world) => {
      world.to(10);
      const both = [reconnect(world), reconnect(world)];
      world.to(20);
      expect(both.map(({ log }) => log)).toEqual(Array(2).fill(['12 connected false', '12 done']));
      expect(world.lines).toHaveLength(2);
      let calls = 0;
      world.chores.add(
        world.client.state$.subscribe(({ status }) => {
          if (status === 'connected' && calls++ === 0) world.fire(world.client.reconnect());
        }),
      );
      world.to(30);
      expect(world.lines).toHaveLength(3);
      expect(world.client.state.status).toBe('connected');
    });
  });
});

describe('beforeConnect', () => {
  it('[amqtt] may give clean, clientId, keepalive, sessionExpiry and properties of one attempt', () => {
    let attempt = 0;
    const connected: unknown[] = [];
    const options: ClientOptions = {
      reconnect: { minDelay: 10, jitter: 'none' },
      beforeConnect: () =>
        attempt++ === 0
          ? {}
          : {
              clean: false,
              clientId: 'other',
              keepalive: 7,
              sessionExpiry: 9,
              properties: { receiveMaximum: 3, userProperties: { a: 'b' } },
            },
    };
    const answers: Answers = {
      connect: ({ clean, clientId, keepalive, properties }) => {
        connected.push([
          clean,
          clientId,
          keepalive,
          properties?.sessionExpiryInterval,
          properties?.userProperties,
          properties?.receiveMaximum,
        ]);
        return connack();
      },
    };
    inVirtualTime({ ...options, answers }, (world) => {
      world.to(0);
      world.fire(world.client.reconnect());
      world.to(10);
      expect(connected).toEqual([
        [true, 'c', 60, undefined, undefined, undefined],
        [false, 'other', 7, 9, [['a', 'b']], 65535],
      ]);
    });
  });

  it('fails the attempt with what no option could be', () => {
    inVirtualTime({ reconnect: false, beforeConnect: () => ({ keepalive: -1 }) }, (world) => {
      world.to(10);
      expect(world.client.state).toMatchObject({ status: 'ended', reason: { name: 'ConnectError' } });
      expect(world.client.state).toHaveProperty('reason.message', expect.stringContaining('keepalive is -1'));
    });
  });
});

describe('granted()', () => {
  it('[awscrt] subscribe() result, [mqttproto] SUBACK: QoS, reason code and packet identifier, once granted', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.subscribe('a', { qos: 2 }));
      const { log } = world.watch(world.client.granted('a'), (info) => JSON.stringify(info));
      world.to(30);
      expect(log).toEqual([]);
      world.line.send(suback(1, 1));
      expect(log).toEqual(['30 {"status":"active","qos":1,"reasonCode":1,"packetId":1}', '30 done']);
    });
  });

  it('[amqtt] subscribe([(topic, qos)]) -> codes: a map of several; a record of filters will do', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const filters = { 'a/#': 1, b: { qos: 2, noLocal: true } } as const;
      const log = world.watch(world.client.granted(filters), (all) =>
        [...all].map(([filter, { qos }]) => `${filter}=${qos}`).join(' '),
      ).log;
      world.fire(world.client.subscribe(filters));
      world.to(10);
      expect(log).toEqual(['0 a/#=1 b=2', '0 done']);
    });
  });

  it('errors when the broker refuses, without a subscriber, and when the client ends', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.fire(world.client.subscribe('refused'));
      world.fire(world.client.subscribe('open'));
      const all = ['refused', 'nobody', 'open'].map((filter) => world.watch(world.client.granted(filter)).log);
      world.to(10);
      world.line.send(suback(1, 0x87, 0));
      expect(all.slice(0, 2)).toEqual([
        ['10 ! SubscribeError SUBSCRIBE_REFUSED'],
        ['0 ! SubscribeError NOT_SUBSCRIBED'],
      ]);
      const late = world.watch(world.client.subscribe('late')).log;
      const waiting = world.watch(world.client.granted('late')).log;
      void world.client.end({ force: true });
      world.to(20);
      expect([late, waiting]).toEqual([['10 done'], ['10 ! ClosedError CLOSED']]);
    });
  });
});

describe('subscribe() with a record', () => {
  it('[DL-7450] subscribe([(topic, qos), ...]): QoS and options by filter, in one packet where they may share one', () => {
    inVirtualTime({ protocolVersion: 4, answers: granting }, (world) => {
      world.to(0);
      const { log } = world.watch(world.client.subscribe({ a: 1, b: { qos: 2 } }, { qos: 0 }), ({ topic }) => topic);
      world.by(0);
      expect(world.take().slice(1)).toEqual(['0 SUBSCRIBE #1 a:1 b:2']);
      world.line.send(publish('a'), publish('b'));
      expect(log).toEqual(['0 a', '0 b']);
    });
  });

  it('takes ack and linger for all filters only', () => {
    inVirtualTime({}, (world) => {
      const wrong: object = { a: { qos: 1, linger: 5 } };
      const { log } = world.watch(world.client.subscribe(wrong as Record<string, 1>));
      expect(log).toEqual(['0 ! TypeError']);
    });
  });
});

describe('resubscribe()', () => {
  it('[awscrt] resubscribe_existing_topics(): asks again, and emits what became of each filter', () => {
    const answers: Answers = {
      subscribe: ({ packetId, subscriptions }) =>
        suback(packetId, ...subscriptions.map(({ filter }) => (filter === 'b' && packetId > 2 ? 0x87 : 1))),
    };
    inVirtualTime({ resubscribe: false, reconnect: { minDelay: 10, jitter: 'none' }, answers }, (world) => {
      world.to(0);
      world.fire(world.client.subscribe('a', { qos: 1 }));
      world.by(1);
      world.fire(world.client.subscribe('b', { qos: 1 }));
      world.to(10);
      world.line.peer.fail();
      world.to(100);
      world.take();
      const { log } = world.watch(world.client.resubscribe(), (all) =>
        [...all].map(([filter, { status, qos }]) => `${filter} ${status} ${qos ?? '-'}`).join(', '),
      );
      world.to(110);
      expect(log).toEqual(['100 a active 1, b denied -', '100 done']);
    });
  });

  it.each([
    ['of a living session', {}],
    ['after it was lost', { resubscribe: false }],
  ])('those who were there get no replay: %s', (_what, options: ClientOptions) => {
    const retained: Answers = {
      subscribe: ({ packetId, subscriptions, properties }, line) => {
        const subscriptionIdentifier = properties?.subscriptionIdentifier;
        line.send(suback(packetId, ...subscriptions.map(() => 0)));
        line.send(
          publish('a', 'kept', {
            retain: true,
            properties: { subscriptionIdentifier: [subscriptionIdentifier as number] },
          }),
        );
        return undefined;
      },
    };
    inVirtualTime({ ...options, reconnect: { minDelay: 10, jitter: 'none' }, answers: retained }, (world) => {
      world.to(0);
      const { log } = world.watch(world.client.subscribe('a'), (message) => message.text());
      world.to(10);
      if (options.resubscribe === false) world.line.peer.fail();
      world.to(100);
      world.fire(world.client.resubscribe());
      world.to(110);
      world.line.send(publish('a', 'live', { properties: { subscriptionIdentifier: [2] } }));
      expect(log).toEqual(['0 kept', '110 live']);
    });
  });
});

describe('calls with defaults and time-outs of their own', () => {
  it('[amqtt] default_qos, default_retain, and defaults by topic: the first filter that matches', () => {
    const defaults = {
      qos: 1,
      topics: { 'log/#': { qos: 0 }, 'log/a': { qos: 2 }, 'state/+': { retain: true } },
    } as const;
    inVirtualTime({ defaults }, (world) => {
      world.to(0);
      for (const topic of ['x', 'log/a', 'state/a']) world.fire(world.client.publish(topic, ''));
      world.fire(world.client.publish('log/b', '', { qos: 1, retain: true }));
      expect(world.take().slice(1)).toEqual([
        '0 PUBLISH #1 x "" q1',
        '0 PUBLISH log/a "" q0',
        '0 PUBLISH #2 state/a "" q1 retain',
        '0 PUBLISH #3 log/b "" q1 retain',
      ]);
    });
  });

  it('[amqtt] ack_timeout of one publish, beside that of the client', () => {
    inVirtualTime({ ackTimeout: 1000 }, (world) => {
      world.to(100);
      const [own, patient, common] = [{ ackTimeout: 100 }, { ackTimeout: 5000 }, {}].map((options) =>
        world.watch(world.client.publish('a', '', { qos: 1, ...options })),
      );
      world.to(6000);
      expect([own?.log, patient?.log, common?.log]).toEqual([
        ['200 ! TimeoutError TIMEOUT'],
        ['5100 ! TimeoutError TIMEOUT'],
        ['1100 ! TimeoutError TIMEOUT'],
      ]);
    });
  });

  it('ackTimeout of one subscribe', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const own = world.watch(world.client.subscribe('a', { ackTimeout: 100 }));
      const answered = world.watch(world.client.subscribe('b', { ackTimeout: 100 }));
      world.to(50);
      world.fire(world.client.subscribe('c'));
      world.to(60);
      const { packets } = world.line;
      const both = packets.find((packet) => packet.cmd === 'subscribe');
      expect(both).toMatchObject({ packetId: 1 });
      world.to(300);
      expect(own.log).toEqual(['100 ! TimeoutError TIMEOUT']);
      expect(answered.log).toEqual(['100 ! TimeoutError TIMEOUT']);
    });
  });
});
