import { delay, map, take, tap, timer, switchMap } from 'rxjs';
import type { BackoffOptions, ConnectionFailure, ReconnectStrategy } from '../src/index.js';
import { disconnect, inVirtualTime, type World, type WorldOptions } from './support.js';

/** Numbers in [0, 1) that look random and are the same at each run. */
function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const nobody = { dial: { refuse: true } } as const;

/** The delays that the state shows. */
const delays = (world: World): number[] =>
  world.states.flatMap((state) => (state.includes('reconnecting') ? [Number(state.split(' ').at(-1))] : []));

function delaysWith(reconnect: BackoffOptions, count: number): number[] {
  let result: number[] = [];
  inVirtualTime({ ...nobody, reconnect }, (world) => {
    world.to(400_000);
    result = delays(world).slice(0, count);
  });
  return result;
}

describe('backoff', () => {
  it("'none' doubles from minDelay to maxDelay", () => {
    expect(delaysWith({ jitter: 'none' }, 9)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('grows by the factor that is given', () => {
    expect(delaysWith({ jitter: 'none', minDelay: 10, factor: 3, maxDelay: 200 }, 5)).toEqual([10, 30, 90, 200, 200]);
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
    inVirtualTime({ ...nobody, reconnect: { random: seeded() } }, (world) => {
      world.to(200_000);
      const rows = world.states.slice(2).map((state) => state.split(' '));
      for (let i = 0; i + 1 < rows.length; i += 2) {
        const [at, status, attempt, , wait] = rows[i] as string[];
        expect(status).toBe('reconnecting');
        expect(rows[i + 1]).toEqual([String(Number(at) + Number(wait)), 'connecting', attempt]);
      }
      expect(rows.length).toBeGreaterThan(8);
    });
  });

  it("is 'full' where nothing else was asked for", () => {
    inVirtualTime(nobody, (world) => {
      world.to(700_000);
      const all = delays(world);
      expect(all.length).toBeGreaterThan(10);
      all.forEach((wait, i) => expect(wait).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** i)));
      expect(new Set(all).size).toBeGreaterThan(5);
    });
  });

  it('gives up after maxAttempts retries in a row, with the last error', () => {
    inVirtualTime({ ...nobody, reconnect: { jitter: 'none', maxAttempts: 2 } }, (world) => {
      world.to(100_000);
      expect(world.states).toEqual([
        '0 idle',
        '0 connecting 1',
        '0 reconnecting 2 in 1000',
        '1000 connecting 2',
        '1000 reconnecting 3 in 2000',
        '3000 connecting 3',
        '3000 ended ConnectError CONNECTION_LOST',
        '3000 complete',
      ]);
    });
  });
});

describe('stableAfter', () => {
  const story = (lasting: number, check: (world: World) => void): void =>
    inVirtualTime({ keepalive: 0, reconnect: { jitter: 'none', stableAfter: 5000 } }, (world) => {
      world.to(0);
      for (let i = 0; i < 4; i++) {
        world.by(lasting);
        world.line.peer.fail();
        world.by(delays(world).at(-1) ?? 0);
      }
      check(world);
    });

  it('a connection that is shorter does not reset the backoff', () => {
    story(4999, (world) => expect(delays(world)).toEqual([1000, 2000, 4000, 8000]));
  });

  it('a connection that lasts resets it', () => {
    story(5000, (world) => expect(delays(world)).toEqual([1000, 1000, 1000, 1000]));
  });

  it('counts from CONNACK', () => {
    const slow: WorldOptions = {
      dial: { delay: 4000 },
      keepalive: 0,
      reconnect: { jitter: 'none', stableAfter: 5000 },
    };
    inVirtualTime(slow, (world) => {
      world.to(4000);
      for (let i = 0; i < 3; i++) {
        world.by(2000);
        world.line.peer.fail();
        world.by((delays(world).at(-1) ?? 0) + 4000);
      }
      expect(delays(world)).toEqual([1000, 2000, 4000]);
    });
  });
});

describe('reconnect: false', () => {
  it('ends the client with the first failure', () => {
    inVirtualTime({ reconnect: false }, (world) => {
      world.to(10);
      world.line.peer.fail();
      expect(world.states.slice(3)).toEqual(['10 ended ConnectError CONNECTION_LOST', '10 complete']);
    });
  });
});

describe('a reconnect function of the application', () => {
  it('is given every failure, and decides when to retry', () => {
    const failures: ConnectionFailure[] = [];
    const reconnect: ReconnectStrategy = (failures$) =>
      failures$.pipe(
        tap((failure) => failures.push(failure)),
        delay(250),
      );
    inVirtualTime({ reconnect, servers: ['mqtt://one', 'mqtt://two'], dial: { refuse: (n) => n === 1 } }, (world) => {
      world.to(1000);
      world.line.peer.fail();
      world.to(1250);
      expect(world.states).toEqual([
        '0 idle',
        '0 connecting 1',
        '0 reconnecting 2 in undefined',
        '250 connecting 2',
        '250 connected',
        '1000 reconnecting 1 in undefined',
        '1250 connecting 1',
        '1250 connected',
      ]);
      expect(failures).toMatchObject([
        { attempt: 1, connectedFor: 0, url: 'mqtt://one:1883', error: { name: 'ConnectError' } },
        { attempt: 0, connectedFor: 750, url: 'mqtt://two:1883' },
      ]);
    });
  });

  it('may retry at once: the old connection is gone before the new one is made', () => {
    inVirtualTime({ reconnect: (failures$) => failures$ }, (world) => {
      world.watch(world.client.subscribe('a'));
      world.to(10);
      world.take();
      world.line.send(disconnect(0x8b));
      world.fire(world.client.publish('b', '', { qos: 1 }));
      world.to(10);
      expect(world.lines).toHaveLength(2);
      expect(world.wire).toEqual([
        '10 closed',
        '10 CONNECT v5 clean',
        '10 SUBSCRIBE #2 a:0 id=2',
        '10 PUBLISH #3 b "" q1',
      ]);
    });
  });

  it('is not heard when nothing has failed', () => {
    inVirtualTime({ reconnect: () => timer(0, 10).pipe(take(50)), keepalive: 0 }, (world) => {
      world.to(300);
      expect(world.lines).toHaveLength(1);
    });
  });

  it('ends the client with its error', () => {
    const reconnect = () =>
      timer(300).pipe(
        map(() => {
          throw new RangeError('enough');
        }),
      );
    inVirtualTime({ ...nobody, reconnect }, (world) => {
      world.to(1000);
      expect(world.states.slice(-2)).toEqual(['300 ended ConnectError CONNECTION_LOST', '300 complete']);
      expect(world.client.state).toMatchObject({ reason: { cause: { message: 'enough' } } });
    });
  });

  it('ends the client when it completes', () => {
    inVirtualTime(
      {
        ...nobody,
        reconnect: (failures$) =>
          failures$.pipe(
            take(1),
            switchMap(() => timer(100, 100).pipe(take(2))),
          ),
      },
      (world) => {
        world.to(1000);
        expect(world.states.at(-1)).toBe('200 complete');
      },
    );
  });

  it('ends the client with what it throws', () => {
    const reconnect = (): never => {
      throw new RangeError('no strategy');
    };
    inVirtualTime({ ...nobody, reconnect }, (world) => {
      world.to(1000);
      expect(world.client.state).toMatchObject({ status: 'ended', reason: { name: 'ConnectError' } });
    });
  });
});

describe('reconnect() while waiting', () => {
  it('ends the waiting', () => {
    inVirtualTime({ reconnect: { jitter: 'none', minDelay: 5000 }, dial: { refuse: (n) => n < 3 } }, (world) => {
      world.to(100);
      world.fire(world.client.reconnect());
      world.to(200);
      world.fire(world.client.reconnect());
      world.to(60_000);
      expect(world.states.slice(2)).toEqual([
        '0 reconnecting 2 in 5000',
        '100 connecting 2',
        '100 reconnecting 3 in 10000',
        '200 connecting 3',
        '200 connected',
      ]);
      expect(world.lines).toHaveLength(1);
    });
  });

  it('has an effect also from inside the handler that shows `reconnecting`', () => {
    inVirtualTime({ reconnect: { jitter: 'none' } }, (world) => {
      world.client.state$.subscribe(({ status }) => {
        if (status === 'reconnecting') world.fire(world.client.reconnect());
      });
      world.to(10);
      world.watch(world.client.subscribe('a'));
      world.to(20);
      world.take();
      world.line.send(disconnect(0x8b));
      world.to(21);
      expect(world.wire).toEqual(['20 closed', '20 CONNECT v5 clean', '20 SUBSCRIBE #2 a:0 id=2']);
    });
  });

  it('has an effect beside a reconnect function', () => {
    inVirtualTime({ ...nobody, reconnect: (failures$) => failures$.pipe(delay(10_000)) }, (world) => {
      world.to(100);
      world.fire(world.client.reconnect());
      expect(world.states.at(-2)).toBe('100 connecting 2');
    });
  });
});

describe('servers', () => {
  it('are tried in turn, the next one after each failure', () => {
    const servers = ['mqtt://one', 'mqtt://two', 'mqtt://three'];
    const urls: string[] = [];
    const dial = { refuse: (_: number, url: string) => (urls.push(url), urls.length < 5) };
    inVirtualTime({ servers, reconnect: { jitter: 'none', minDelay: 10, factor: 1 }, dial }, (world) => {
      world.to(1000);
      expect(urls).toEqual(['mqtt://one', 'mqtt://two', 'mqtt://three', 'mqtt://one', 'mqtt://two']);
      world.line.peer.fail();
      world.by(10);
      expect(urls.at(-1)).toBe('mqtt://three');
    });
  });
});
