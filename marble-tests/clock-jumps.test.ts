import { asyncScheduler, map, NEVER, take, timer } from 'rxjs';
import { connack, mqttTest, publish, suback, type MqttTest } from 'rxmqtt/testing';
import { createBroker, type Broker } from '../src/broker/index.js';
import { durable } from '../src/index.js';
import { memoryStore } from '../src/session/memory-store.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2030, 0, 1, 12);
const jumps = [HOUR, DAY, 400 * DAY].flatMap((ms) => [
  { name: `${ms / HOUR} hours on`, jump: ms },
  { name: `${ms / HOUR} hours back`, jump: -ms },
]);
const late = expect.objectContaining({ code: 'TIMEOUT' });
const expired = expect.objectContaining({ code: 'EXPIRED' });
const inAMinute = { properties: { messageExpiryInterval: 60 } };

describe.each(jumps)('with the clock set $name', ({ jump }) => {
  /** The clock is set at noon, and again 3 s later. */
  const draw = (test: (t: MqttTest) => void, options: { broker?: false } = {}): void => {
    mqttTest((t) => {
      t.setTimeOfDay(NOON);
      t.at(3000, () => t.setTimeOfDay(NOON + jump));
      test(t);
    }, options);
  };

  describe('a client', () => {
    it('keeps a living connection, pings in its period, and leaves a dead one', () => {
      draw((t) => {
        const client = t.connect({ clientId: 'shop', keepalive: 10 });
        t.at(20_000, () => t.broker.line('shop').freeze('1h'));
        t.expectSent(client).toBe('C 8999ms P 8999ms P 8s', { C: 'CONNECT v5 clean', P: 'PINGREQ' });
        t.expectState(client).toBe('c-C 31997ms r', {
          c: 'connecting 1',
          C: 'connected',
          r: 'reconnecting 1 in 1000',
        });
      });
    });

    it('gives CONNACK its time, and no more', () => {
      draw(
        (t) => {
          t.script('-', {});
          // The deadline is the whole attempt's, and is computed anew after each of its stages.
          const client = t.connect({ connectTimeout: 5000, beforeConnect: () => timer(4000).pipe(map(() => ({}))) });
          t.expectState(client).toBe('c 4999ms r', { c: 'connecting 1', r: 'reconnecting 2 in 1000' });
          t.to(5000);
        },
        { broker: false },
      );
    });

    it('keeps the time-outs of PUBACK and SUBACK', () => {
      draw(
        (t) => {
          const client = t.connect({ ackTimeout: 5000 });
          t.expectObservable(client.publish('a', '', { qos: 1 }), ' 2s ^').toBe('7s #', {}, late);
          t.expectObservable(client.subscribe('a'), '              2s ^').toBe('7s #', {}, late);
          t.expectObservable(client.unsubscribe('b'), '            2s ^').toBe('7s #', {}, late);
        },
        { broker: false },
      );
    });

    it('lets what waits expire in time, and tells the broker what is left', () => {
      draw((t) => {
        t.broker.line('shop').refuse(0x88, 1);
        const client = t.connect({ clientId: 'shop', reconnect: { minDelay: 20_000 } });
        const short = { qos: 1, properties: { messageExpiryInterval: 10 } } as const;
        t.expectObservable(client.publish('a', '', short), ' 2s ^').toBe('12s #', {}, expired);
        const receipt$ = client.publish('b', '', { qos: 1, ...inAMinute }).pipe(map(() => 'ok'));
        t.expectObservable(receipt$, '2s ^').toBe('20006ms (r|)', { r: 'ok' });
        t.to('30s');
        expect(t.broker.published.map(({ properties }) => properties?.messageExpiryInterval)).toEqual([42]);
      });
    });

    it('keeps to its rate', () => {
      draw((t) => {
        const client = t.connect({ limits: { publishRate: 0.5 } });
        t.at(2500, () => {
          for (const topic of ['a', 'b', 'c']) client.publish(topic, '', { qos: 0 }).subscribe();
        });
        t.expectPublished().toBe('2501ms a 1999ms b 1999ms c', { a: 'a "" q0', b: 'b "" q0', c: 'c "" q0' });
      });
    });

    it('holds what nothing observes for its grace', () => {
      draw(
        (t) => {
          t.answer('connect', (_, peer) => {
            t.at(2000, () => peer.send(publish('a', '', { qos: 1, id: 7 })));
            return connack({ sessionPresent: true });
          });
          const client = t.connect({ clean: false, sessionExpiry: 600, unroutedGrace: 5000 });
          t.expectSent(client).toBe('C 7000ms A 10s', { C: 'CONNECT v5', A: 'PUBACK #7' });
        },
        { broker: false },
      );
    });

    it('knows how long a connection lived, a ping took, and a publish', () => {
      draw((t) => {
        const lived: number[] = [];
        const client = t.connect({
          clientId: 'shop',
          reconnect: (failures$) => failures$.pipe(map(({ connectedFor }) => lived.push(connectedFor))),
        });
        const figures = client.stats$.subscribe();
        t.broker.line('shop').delay('< pingresp', 2000);
        t.broker.line('shop').delay('< puback', 2000);
        t.expectObservable(client.ping(), '2s ^').toBe('4002ms (p|)', { p: 2002 });
        t.at(2000, () => client.publish('a', '', { qos: 1 }).subscribe());
        t.at(5002, () => t.broker.line('shop').cut());
        t.to(10_000);
        expect(lived).toEqual([5000]);
        expect(client.stats().ackLatency).toMatchObject({ last: 2002, max: 2002 });
        figures.unsubscribe();
      });
    });

    it('begins the backoff anew after a connection that was stable, and after no other', () => {
      draw((t) => {
        const { line } = t.broker;
        const client = t.connect({ clientId: 'shop', reconnect: { minDelay: 1000, stableAfter: 10_000 } });
        for (const moment of [2002, 6004, 26_006]) t.at(moment, () => line('shop').cut());
        t.to('40s');
        t.expectState(client).toBe('c-C 1999ms r 999ms c-C 2999ms s 1999ms c-C 17999ms r 999ms c', {
          c: 'connecting 1',
          C: 'connected',
          r: 'reconnecting 1 in 1000',
          s: 'reconnecting 1 in 2000',
        });
      });
    });
  });

  describe('a broker', () => {
    it('keeps a client that lives, and gives up one that is silent for 1.5 keep-alives', () => {
      draw((t) => {
        t.connect({ clientId: 'living', keepalive: 10 });
        // It hears from the broker, so that it does not give up by itself.
        t.connect({ clientId: 'silent', keepalive: 10, reconnect: false })
          .subscribe('#')
          .subscribe({ error: () => undefined });
        for (let at = 500; at < 15_000; at += 2000) t.at(at, () => t.broker.publish({ topic: 'a', payload: '' }));
        t.broker.line('silent').drop('> pingreq', 99);
        const gone = t.broker.disconnected$.pipe(map(({ client }) => client.clientId));
        t.expectObservable(gone).toBe('15003ms s 60s', { s: 'silent' });
        t.to('70s');
      });
    });

    it('ends sessions and publishes wills when it said', () => {
      draw((t) => {
        const will = { topic: 'gone', payload: 'x', properties: { willDelayInterval: 10 } };
        t.connect({ clientId: 'shop', clean: false, sessionExpiry: 30, reconnect: false, will });
        t.at(2000, () => t.broker.line('shop').cut());
        t.expectPublished('gone').toBe('12s x 60s', { x: 'gone "x" q0' });
        const expiredAt: number[] = [];
        for (let at = 0; at < 60_000; at += 500) {
          t.at(at, () => t.broker.counters.expiredSessions > 0 && expiredAt.push(at));
        }
        t.to('61s');
        expect(expiredAt[0]).toBe(32_500);
      });
    });

    it('lets retained and queued messages expire in time, and tells what is left', () => {
      draw((t) => {
        const lasting = { clean: false, sessionExpiry: 600, reconnect: { minDelay: 40_000 } };
        const got: unknown[] = [];
        t.connect({ clientId: 'sink', ...lasting })
          .subscribe('queued', { qos: 1 })
          .subscribe(({ topic, properties }) => got.push(topic, properties?.messageExpiryInterval));
        t.at(1000, () => t.broker.line('sink').cut());
        t.at(2000, () => {
          t.broker.publish({ topic: 'retained', payload: 'x', retain: true, ...inAMinute });
          t.broker.publish({ topic: 'queued', payload: 'x', qos: 1, ...inAMinute });
        });
        const left = (at: string): void => {
          const retained$ = t
            .connect()
            .subscribe('retained')
            .pipe(
              take(1),
              map((m) => m.properties?.messageExpiryInterval),
            );
          t.expectObservable(retained$, `${at} ^ 1s !`).toBe(at === '50s' ? '50002ms (a|)' : '', { a: 12 });
        };
        left('50s');
        left('70s');
        t.to('80s');
        expect(got).toEqual(['queued', 21]);
      });
    });
  });

  it('a restart takes ages from the time of day, and a negative one for none', async () => {
    await mqttTest(async (t) => {
      t.setTimeOfDay(NOON);
      const store = memoryStore();
      const start = (): Broker => createBroker({ store, sysInterval: 0 });
      const first = start();
      const will = { topic: 'gone', payload: 'x', properties: { willDelayInterval: 10 } };
      t.connect({
        clientId: 'shop',
        transport: first.transport,
        clean: false,
        sessionExpiry: 30,
        reconnect: false,
        will,
      });
      await t.to(100);
      first.publish({ topic: 'retained', payload: 'x', retain: true, ...inAMinute });
      first.dropConnections();
      await t.to(200);
      await first.close();
      t.setTimeOfDay(NOON + jump);
      const second = start();
      const events: string[] = [];
      second.published$.subscribe(({ message }) => events.push(`${message.topic} at ${t.now}`));
      let ended = 0;
      for (let at = 1000; at <= 60_000; at += 1000) {
        t.at(at, () => second.counters.expiredSessions > 0 && (ended ||= at));
      }
      await t.to(40_000);
      const kept: unknown[] = [];
      const reader = t.connect({ transport: second.transport });
      reader.subscribe('retained').subscribe(({ properties }) => kept.push(properties?.messageExpiryInterval));
      await t.to(61_000);
      if (jump > 0) {
        expect({ events, ended, kept }).toEqual({ events: ['gone at 200'], ended: 1000, kept: [] });
      } else {
        expect({ events, ended, kept }).toEqual({ events: ['gone at 10200'], ended: 31_000, kept: [21] });
      }
      await reader.end();
      await second.close();
    });
  });

  it('a restart of a client lets its messages expire by the time of day', async () => {
    await mqttTest(async (t) => {
      t.setTimeOfDay(NOON);
      const inner = memoryStore();
      const options = { clientId: 'shop', clean: false, sessionExpiry: 600, store: durable(inner) };
      const first = t.connect({ ...options, transport: () => NEVER });
      first.publish('a', 'x', { qos: 1, ...inAMinute }).subscribe({ error: () => undefined });
      await t.to(10_000);
      await first.end({ force: true });
      t.setTimeOfDay(NOON + jump);
      const second = t.connect({ ...options, store: durable(inner) });
      await t.to(12_000);
      const arrived = t.broker.published.map(({ topic, properties }) => [topic, properties?.messageExpiryInterval]);
      expect(arrived).toEqual(jump > 0 ? [] : [['a', 60]]);
      await second.end();
    });
  });
});

describe('times of more than 2^31 - 1 ms', () => {
  const LONG = 2 ** 31 + 60_000;
  const seconds = Math.ceil(LONG / 1000);

  /** The longest delay that RxJS was asked for. */
  const longest = (test: (t: MqttTest) => void, options: Parameters<typeof mqttTest>[1] = {}): number => {
    let delay = 0;
    mqttTest((t) => {
      const { schedule } = asyncScheduler;
      asyncScheduler.schedule = (work, ms, state) => {
        delay = Math.max(delay, ms ?? 0);
        return schedule.call(asyncScheduler, work as never, ms, state);
      };
      test(t);
    }, options);
    return delay;
  };
  const bound = 2 ** 31 - 1;

  it('are waited for in full by a client', () => {
    expect(
      longest(
        (t) => {
          t.answer('subscribe', ({ packetId }) => (packetId === 1 ? suback(packetId, 0) : undefined));
          t.answer('publish', () => undefined);
          const client = t.connect({
            keepalive: 0,
            connectTimeout: LONG,
            timeouts: { connack: LONG },
            ackTimeout: LONG,
          });
          const moment = `${LONG + 5}ms`;
          t.expectObservable(client.publish('a', '', { qos: 1 }), ' 5ms ^').toBe(`${moment} #`, {}, late);
          t.expectObservable(client.publish('a', '', { qos: 1, ackTimeout: LONG }), ' 5ms ^').toBe(
            `${moment} #`,
            {},
            late,
          );
          client.subscribe('lingers', { linger: LONG }).pipe(take(0)).subscribe();
          t.expectObservable(client.subscribe('b'), '              6ms ^').toBe(`${LONG + 6}ms #`, {}, late);
          t.expectObservable(client.subscribe('c', { ackTimeout: LONG }), ' 6ms ^').toBe(`${LONG + 6}ms #`, {}, late);
        },
        { broker: false },
      ),
    ).toBeLessThanOrEqual(bound);
  });

  it('are waited for in full by what waits for a connection', () => {
    expect(
      longest((t) => {
        t.broker.line('shop').refuse(0x88, 1);
        const client = t.connect({ clientId: 'shop', keepalive: 0, reconnect: { minDelay: LONG, maxDelay: LONG } });
        const properties = { messageExpiryInterval: seconds - 100 };
        const publish$ = client.publish('a', '', { qos: 1, properties });
        t.expectObservable(publish$, '5ms ^').toBe(`${(seconds - 100) * 1000 + 5}ms #`, {}, expired);
        t.expectState(client).toBe(`c-r ${LONG - 1}ms d-C`, {
          c: 'connecting 1',
          r: `reconnecting 2 in ${LONG}`,
          d: 'connecting 2',
          C: 'connected',
        });
      }),
    ).toBeLessThanOrEqual(bound);
  });

  it('are waited for in full by a broker, and `Infinity` for ever', () => {
    expect(
      longest(
        (t) => {
          const will = { topic: 'gone', payload: 'x', properties: { willDelayInterval: seconds } };
          t.connect({
            clientId: 'shop',
            keepalive: 0,
            clean: false,
            sessionExpiry: 2 * seconds,
            reconnect: false,
            will,
          });
          t.at(1000, () => t.broker.line('shop').cut());
          t.expectPublished('gone').toBe(`${seconds * 1000 + 1000}ms x`, { x: 'gone "x" q0' });
          const uptime$ = t.connect({ clientId: 'sys', keepalive: 0 }).subscribe('$SYS/broker/uptime');
          t.expectObservable(uptime$.pipe(map((m) => m.text())), '100ms ^').toBe(
            `102ms a ${seconds * 1000 - 102}ms b`,
            {
              a: '0 seconds',
              b: `${seconds} seconds`,
            },
          );
        },
        { broker: { sysInterval: seconds, limits: { connectTimeout: Infinity } } },
      ),
    ).toBeLessThanOrEqual(bound);
  });
});
