import {
  delay,
  ignoreElements,
  map,
  ReplaySubject,
  switchMap,
  take,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { connect } from 'rxmqtt';
import type {
  BackoffOptions,
  ConnectionFailure,
  ConnectionState,
  MqttClient,
  ReconnectStrategy,
  Transport,
} from 'rxmqtt';
import { connack, CUT, disconnect, mqttTest, type MqttTest } from 'rxmqtt/testing';

/** Numbers in [0, 1) that look random and are the same at each run. */
function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });

/** Nothing listens at so many attempts. */
const drawDown = (attempts: number, test: (t: MqttTest) => void): void =>
  draw((t) => {
    t.broker.line('client-1').refuse(undefined, attempts);
    test(t);
  });
const drawNobody = (test: (t: MqttTest) => void): void => drawDown(200, test);

const CONNECT = 'CONNECT v5 clean';
const c = 'connecting 1';
const C = 'connected';
const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const completion = ({ state$ }: MqttClient): Observable<never> => state$.pipe(ignoreElements());

/** The delays that the state shows, each of which is over when the next attempt is made. */
function delaysWith(reconnect: BackoffOptions, count: number): number[] {
  const delays: number[] = [];
  drawNobody((t) => {
    const client = t.connect({ reconnect });
    client.state$.subscribe((state) => state.status === 'reconnecting' && delays.push(state.delay ?? NaN));
    t.to(400_000);
  });
  return delays.slice(0, count);
}

describe('backoff', () => {
  it("'none' doubles from minDelay to maxDelay", () => {
    drawNobody((t) => {
      t.connect({ reconnect: { jitter: 'none' } });
      t.expectState().toBe(
        '(c1) 996ms (c2) 1996ms (c3) 3996ms (c4) 7996ms (c5) 15996ms (c6) 31996ms (c7) 59996ms (c8) 59996ms (c9)',
        {
          c: /^connecting/,
          1: 'reconnecting 2 in 1000',
          2: 'reconnecting 3 in 2000',
          3: 'reconnecting 4 in 4000',
          4: 'reconnecting 5 in 8000',
          5: 'reconnecting 6 in 16000',
          6: 'reconnecting 7 in 32000',
          7: 'reconnecting 8 in 60000',
          8: 'reconnecting 9 in 60000',
          9: 'reconnecting 10 in 60000',
        },
      );
    });
  });

  it('grows by the factor that is given', () => {
    drawNobody((t) => {
      t.connect({ reconnect: { jitter: 'none', minDelay: 10, factor: 3, maxDelay: 200 } });
      t.expectState().toBe('(c1)------(c2) 26ms (c3) 86ms (c4) 196ms (c5)', {
        c: /^connecting/,
        1: 'reconnecting 2 in 10',
        2: 'reconnecting 3 in 30',
        3: 'reconnecting 4 in 90',
        4: 'reconnecting 5 in 200',
        5: 'reconnecting 6 in 200',
      });
    });
  });

  it("'full' scatters between 0 and the grown delay", () => {
    const random = seeded();
    const expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000].map((grown) => Math.round(grown * random()));
    expect(delaysWith({ jitter: 'full', random: seeded() }, 7)).toEqual(expected);
  });

  it("'equal' scatters between half the grown delay and all of it", () => {
    const random = seeded(7);
    const expected = [1000, 2000, 4000, 8000].map((grown) => Math.round(grown / 2 + (grown / 2) * random()));
    expect(delaysWith({ jitter: 'equal', random: seeded(7) }, 4)).toEqual(expected);
  });

  it("'decorrelated' scatters between minDelay and three times the delay before", () => {
    const random = seeded(3);
    const expected: number[] = [];
    let previous = 1000;
    for (let i = 0; i < 8; i++) {
      previous = Math.round(1000 + (Math.min(5000, previous * 3) - 1000) * random());
      expected.push(previous);
    }
    expect(delaysWith({ jitter: 'decorrelated', maxDelay: 5000, random: seeded(3) }, 8)).toEqual(expected);
  });

  it('waits exactly as long as the state says', () => {
    drawNobody((t) => {
      const client = t.connect({ reconnect: { jitter: 'full', random: seeded() } });
      const states: [number, ConnectionState][] = [];
      client.state$.subscribe((state) => states.push([t.now, state]));
      t.to(200_000);
      const waits = states.flatMap(([at, state], i) =>
        state.status === 'reconnecting'
          ? [{ due: at + (state.delay ?? NaN), attempt: state.attempt, next: states[i + 1] }]
          : [],
      );
      for (const { due, attempt, next } of waits.slice(0, -1)) {
        expect(next).toEqual([due, expect.objectContaining({ status: 'connecting', attempt })]);
      }
      expect(waits.length).toBeGreaterThan(4);
    });
  });

  it("is 'full' where nothing else was asked for", () => {
    mqttTest((t) => {
      // The kit's own clients have no jitter.
      const transport: Transport = () => throwError(() => new Error('refused'));
      const client = connect({ url: 'mqtt://broker', transport });
      const delays: number[] = [];
      client.state$.subscribe((state) => state.status === 'reconnecting' && delays.push(state.delay ?? NaN));
      t.to(700_000);
      void client.end();
      expect(delays.length).toBeGreaterThan(10);
      delays.forEach((wait, i) => expect(wait).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** i)));
      expect(new Set(delays).size).toBeGreaterThan(5);
    });
  });

  it('gives up after maxAttempts retries in a row, with the last error', () => {
    drawNobody((t) => {
      const client = t.connect({ reconnect: { jitter: 'none', maxAttempts: 2 } });
      t.expectState().toBe('                   (c2) 996ms (d3) 1996ms (ex) 97s', {
        c: 'connecting 1',
        2: 'reconnecting 2 in 1000',
        d: 'connecting 2',
        3: 'reconnecting 3 in 2000',
        e: 'connecting 3',
        x: 'ended ConnectError CONNECTION_LOST',
      });
      t.expectObservable(completion(client)).toBe('1000ms     2000ms  |');
    });
  });
});

describe('stableAfter', () => {
  const WAITING = {
    1: 'reconnecting 1 in 1000',
    2: 'reconnecting 1 in 2000',
    3: 'reconnecting 1 in 4000',
    4: 'reconnecting 1 in 8000',
  };
  const reconnect = { jitter: 'none', stableAfter: 5000 } as const;

  /** Each of so many connections lasts so long from its CONNACK on. */
  const drawLasting = (connections: number, ms: number, test: (t: MqttTest) => void): void =>
    draw((t) => {
      for (let connection = 1; connection <= connections; connection++)
        t.script(`A ${ms}ms X`, { A: connack(), X: CUT });
      test(t);
    });

  it('a connection that is shorter does not reset the backoff', () => {
    drawLasting(4, 4999, (t) => {
      t.connect({ keepalive: 0, reconnect });
      t.expectState().toBe(
        'c-C 4998ms 1 999ms c-C 4998ms 2 1999ms c-C 4998ms 3 3999ms c-C 4998ms 4', //
        { ...WAITING, c, C },
      );
    });
  });

  it('a connection that lasts resets it', () => {
    drawLasting(4, 5000, (t) => {
      t.connect({ keepalive: 0, reconnect });
      t.expectState().toBe(
        'c-C 4999ms 1 999ms c-C 4999ms 1 999ms  c-C 4999ms 1 999ms  c-C 4999ms 1', //
        { ...WAITING, c, C },
      );
    });
  });

  it('counts from CONNACK', () => {
    drawLasting(3, 2000, (t) => {
      const transport: Transport = (target) => timer(4000).pipe(switchMap(() => t.broker.transport(target)));
      t.connect({ keepalive: 0, reconnect, transport });
      t.expectState().toBe('c 4001ms C 1999ms 1 999ms c 4001ms C 1999ms 2 1999ms c 4001ms C 1999ms 3', {
        ...WAITING,
        c,
        C,
      });
    });
  });
});

describe('reconnect: false', () => {
  it('ends the client with the first failure', () => {
    draw((t) => {
      const client = t.connect({ reconnect: false });
      t.at(10, () => t.broker.line('client-1').cut());
      t.expectState().toBe('                   c-C-------e', { c, C, e: 'ended ConnectError CONNECTION_LOST' });
      t.expectObservable(completion(client)).toBe('----------|');
    });
  });
});

describe('a reconnect function of the application', () => {
  it('is given every failure, and decides when to retry', () => {
    drawDown(1, (t) => {
      const failures: ConnectionFailure[] = [];
      const reconnect: ReconnectStrategy = (failures$) =>
        failures$.pipe(
          tap((failure) => failures.push(failure)),
          delay(250),
        );
      t.connect({ reconnect, servers: ['mqtt://one', 'mqtt://two'] });
      t.at(1002, () => t.broker.line('client-1').cut());
      t.expectState().toBe('(c2) 246ms d-C 749ms 1 249ms c-C', {
        c,
        2: 'reconnecting 2',
        d: 'connecting 2',
        C,
        1: 'reconnecting 1',
      });
      t.to(1254);
      expect(failures).toMatchObject([
        { attempt: 1, connectedFor: 0, url: 'mqtt://one:1883', error: { name: 'ConnectError' } },
        { attempt: 0, connectedFor: 750, url: 'mqtt://two:1883' },
      ]);
    });
  });

  it('may retry at once: the old connection is gone before the new one is made', () => {
    draw((t) => {
      t.script('A-------D', { A: connack(), D: disconnect(0x8b) });
      const client = t.connect({ reconnect: (failures$) => failures$ });
      fire(client.subscribe('a'));
      t.at(11, () => fire(client.publish('b', '', { qos: 1 })));
      t.expectWire().toBe(`
         0 > CONNECT v5 clean
         2 < CONNACK
         2 > SUBSCRIBE #1 a:0 id=1
        10 < DISCONNECT 0x8b
        10 closed
        10 > CONNECT v5 clean
        12 < CONNACK
        12 > SUBSCRIBE #2 a:0 id=2
        12 > PUBLISH #3 b "" q1`);
    });
  });

  it('is not heard when nothing has failed', () => {
    draw((t) => {
      t.connect({ reconnect: () => timer(0, 10).pipe(take(50)), keepalive: 0 });
      t.expectSent().toBe(' C   300ms', { C: CONNECT });
      t.expectState().toBe('c-C 300ms', { c, C });
    });
  });

  it('may retry by a clock of its own, whatever the failures are', () => {
    drawDown(1, (t) => {
      t.connect({ reconnect: () => timer(10, 10), keepalive: 0 });
      t.at(105, () => t.broker.line('client-1').cut());
      t.expectState().toBe('(c2)------d-C 92ms 1----c-C', {
        c,
        2: 'reconnecting 2',
        d: 'connecting 2',
        C,
        1: 'reconnecting 1',
      });
    });
  });

  it('ends the client with its error', () => {
    drawNobody((t) => {
      const enough = map(() => {
        throw new RangeError('enough');
      });
      const client = t.connect({ reconnect: () => timer(300).pipe(enough) });
      t.expectObservable(completion(client)).toBe('300ms |');
      t.to(1000);
      expect(client.state).toMatchObject({
        status: 'ended',
        reason: { name: 'ConnectError', code: 'CONNECTION_LOST', cause: { message: 'enough' } },
      });
    });
  });

  it('ends the client when it completes', () => {
    drawNobody((t) => {
      const twice: ReconnectStrategy = (failures$) =>
        failures$.pipe(
          take(1),
          switchMap(() => timer(100, 100).pipe(take(2))),
        );
      const client = t.connect({ reconnect: twice });
      t.expectObservable(completion(client)).toBe('200ms |');
    });
  });

  it('ends the client with what it throws', () => {
    drawNobody((t) => {
      const reconnect = (): never => {
        throw new RangeError('no strategy');
      };
      t.connect({ reconnect });
      t.to(1000);
      t.expectState().toBe('(cx) 996ms', { c, x: /^ended ConnectError/ });
    });
  });
});

describe('reconnect()', () => {
  it('ends the waiting', () => {
    drawDown(2, (t) => {
      const client = t.connect({ keepalive: 0, reconnect: { minDelay: 5000 } });
      t.at(100, () => fire(client.reconnect()));
      t.at(200, () => fire(client.reconnect()));
      t.expectSent().toBe(' 200ms               C   60s', { C: CONNECT });
      t.expectState().toBe('(c2) 96ms (d3) 96ms e-C 60s', {
        c,
        2: 'reconnecting 2 in 5000',
        d: 'connecting 2',
        3: 'reconnecting 3 in 10000',
        e: 'connecting 3',
        C,
      });
    });
  });

  it('has an effect also from inside the handler that shows `reconnecting`', () => {
    draw((t) => {
      t.script('                    A 17ms     D', { A: connack(), D: disconnect(0x8b) });
      const client = t.connect();
      client.state$.subscribe(({ status }) => status === 'reconnecting' && fire(client.reconnect()));
      t.at(10, () => fire(client.subscribe('a')));
      t.expectReceived().toBe('   --A 17ms     D-A', { A: 'CONNACK', D: 'DISCONNECT 0x8b' });
      t.expectSent().toBe('       C 9ms S 9ms C-T', {
        C: CONNECT,
        S: 'SUBSCRIBE #1 a:0 id=1',
        T: 'SUBSCRIBE #2 a:0 id=2',
      });
      t.expectWire().toContain(`
        20 closed
        20 > CONNECT v5 clean`);
    });
  });

  it('has an effect beside a reconnect function', () => {
    drawNobody((t) => {
      const client = t.connect({ reconnect: (failures$) => failures$.pipe(delay(10_000)) });
      t.at(100, () => fire(client.reconnect()));
      t.expectState().toBe('(c2) 96ms (d3)', {
        c,
        2: 'reconnecting 2',
        d: 'connecting 2',
        3: 'reconnecting 3',
      });
    });
  });
});

describe('servers', () => {
  it('are tried in turn, the next one after each failure', () => {
    draw((t) => {
      const dials = new ReplaySubject<string>();
      let attempts = 0;
      const transport: Transport = (target) => {
        dials.next(target.url);
        return ++attempts < 5 ? throwError(() => new Error('refused')) : t.broker.transport(target);
      };
      const servers = ['mqtt://one', 'mqtt://two', 'mqtt://three'];
      t.connect({ clientId: 'c', servers, reconnect: { minDelay: 10, factor: 1 }, transport });
      t.at(1000, () => t.broker.line('c').cut());
      t.expectObservable(dials).toBe('1 9ms 2 9ms 3 9ms 1 9ms 2 969ms 3', {
        1: 'mqtt://one',
        2: 'mqtt://two',
        3: 'mqtt://three',
      });
    });
  });
});
