import { asapScheduler, asyncScheduler, firstValueFrom, from, interval, map, take, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { connect } from '../../src/index.js';
import { asyncFailure, CUT, connack, failure, json, message, mqttTest, suback, type MqttTest } from './support.js';

describe('the diagrams', () => {
  it('show what a client sends and receives, and where it stands', () => {
    mqttTest((t) => {
      const client = t.connect({ keepalive: 10 });
      t.expectSent(client).toBe('    C 8999ms P', { C: 'CONNECT v5 clean', P: 'PINGREQ' });
      t.expectReceived(client).toBe('--A 8999ms P', { A: 'CONNACK', P: 'PINGRESP' });
      t.expectState(client).toBe('   c-C', { c: 'connecting 1', C: 'connected' });
      t.expectWire(client).toBe(`
           0 > CONNECT v5 clean
           2 < CONNACK
        9000 > PINGREQ`);
    });
  });

  it('may be asked for afterwards, too', () => {
    mqttTest((t) => {
      t.connect({ keepalive: 10 });
      t.to('90s');
      t.expectSent().toBe('C 8999ms P', { C: /^CONNECT/, P: { cmd: 'pingreq' } });
      expect(t.now).toBe(90_000);
    });
  });

  it('claim what happens within their own length, and no more', () => {
    mqttTest((t) => {
      const client = t.connect();
      client.subscribe('a').subscribe();
      t.expectSent(client).toBe('C', { C: 'CONNECT v5 clean' });
      t.expectSent(client).toBe('C-S', { C: 'CONNECT v5 clean', S: 'SUBSCRIBE #1 a:0 id=1' });
      t.expectReceived(client).toBe('--A-U', { A: 'CONNACK', U: 'SUBACK #1 0x00' });
    });
  });

  it('have no latency when none is asked for', () => {
    mqttTest(
      (t) => {
        const client = t.connect();
        client.subscribe('a').subscribe();
        t.expectSent(client).toBe('(CS)', { C: 'CONNECT v5 clean', S: 'SUBSCRIBE #1 a:0 id=1' });
        t.expectReceived(client).toBe('(AU)', { A: 'CONNACK', U: 'SUBACK #1 0x00' });
      },
      { latency: 0 },
    );
  });

  it('show what the broker publishes and what clients publish', () => {
    mqttTest((t) => {
      const client = t.connect();
      const seen$ = client.subscribe('in/#').pipe(map((m) => m.text()));
      t.expectObservable(seen$).toBe('11ms a 9ms b', { a: '20', b: '31' });
      t.publish('10ms a 9ms b', { a: ['in/1', 20], b: { topic: 'in/2', payload: 31 } });
      t.at(30, () => client.publish('out/1', '{"x":1}', { qos: 1 }).subscribe());
      t.expectPublished('out/#').toBe('31ms o', { o: ['out/1', { x: 1 }, { qos: 1 }] });
      t.expectPublished('out/#').toBe('31ms o', { o: 'out/1 "{"x":1}" q1' });
    });
  });

  it("are RxJS's own for Observables", () => {
    mqttTest((t) => {
      const source = t.cold('a 9ms b|');
      t.expectObservable(source.pipe(map((x) => x.toUpperCase())), '--^ 4ms !').toBe('--a 5ms', { a: 'A' });
      t.expectObservable(source).toEqual(source);
      t.expectObservable(t.hot('a-#')).toBe('a-#');
      t.expectSubscriptions(source.subscriptions).toBe(['^ 10ms !', '^ 10ms !', '--^ 4ms !']);
      expect(t.time('--|')).toBe(2);
    });
  });

  it('test a pipeline by itself', () => {
    mqttTest((t) => {
      const values$ = t.messages('a 9ms b|', { a: ['t/1', 20], b: ['t/1', 31] }).pipe(json<number>());
      t.expectObservable(values$).toBe('a 9ms b|', { a: 20, b: 31 });
    });
  });

  it('compare with the function of a test framework when one is given', () => {
    const compared: unknown[] = [];
    mqttTest((t) => t.expectObservable(t.cold('a|')).toBe('a|'), {
      assertEqual: (actual, expected) => {
        compared.push(actual);
        expect(actual).toEqual(expected);
      },
    });
    expect(compared).toHaveLength(1);
  });
});

describe('a failure', () => {
  it('draws what was expected and what happened under one another, with the packets written out', () => {
    const problem = failure((t) => {
      t.connect({ keepalive: 10 });
      t.expectSent().toBe('C 7999ms P 999ms Q', { C: 'CONNECT v5 clean', P: 'PINGREQ', Q: 'DISCONNECT' });
    });
    expect(problem).toBe(
      [
        'what "client-1" sent is not as drawn: PINGREQ comes at 9000 ms, not at 8000 ms',
        '  expected  C 7999ms P 999ms Q',
        '  got       C 8999ms P',
        '  C = CONNECT v5 clean',
        '  P = PINGREQ',
        '  Q = DISCONNECT',
      ].join('\n'),
    );
  });

  it('names events that are not in the diagram', () => {
    const problem = failure((t) => {
      t.connect().subscribe('a').subscribe();
      t.expectSent().toBe('C--', { C: 'CONNECT v5 clean' });
    });
    expect(problem).toContain('at 2 ms there is also SUBSCRIBE #1 a:0 id=1');
    expect(problem).toContain('  X = SUBSCRIBE #1 a:0 id=1   (not in the diagram)');
  });

  it('of a transcript shows both', () => {
    const problem = failure((t) => {
      t.connect();
      t.expectWire().toBe('0 > CONNECT v4 clean');
    });
    expect(problem).toBe(
      [
        'the wire of "client-1" is not as written: line 1 is 0 > CONNECT v5 clean instead of 0 > CONNECT v4 clean',
        '  expected',
        '    0 > CONNECT v4 clean',
        '  got',
        '    0 > CONNECT v5 clean',
      ].join('\n'),
    );
    expect(
      failure((t) => {
        t.connect();
        t.to(10);
        t.expectWire().toContain('2 < CONNACK present');
      }),
    ).toContain('does not contain "2 < CONNACK present"');
  });

  it('of an Observable shows values, completion and errors, never raw frames', () => {
    const problem = failure((t) => {
      t.expectObservable(t.messages('a-b|', { a: ['t', 1], b: ['t', 2] })).toBe('a-|', { a: 'x' });
    });
    expect(problem).toContain('expected  a-|');
    expect(problem).toContain('t "1" q0');
    expect(problem).not.toContain('notification');
  });

  it('of subscriptions shows both', () => {
    const problem = failure((t) => {
      const source = t.cold('a---|');
      t.expectObservable(source, '^-!').toBe('a--');
      t.expectSubscriptions(source.subscriptions).toBe('^--!');
    });
    expect(problem).toContain('  expected  ^--!\n  got       ^-!');
  });

  it('points at the line of the test', () => {
    try {
      mqttTest((t) => {
        t.connect();
        t.expectSent().toBe('-C', { C: 'CONNECT v5 clean' });
      });
    } catch (error) {
      expect((error as Error).stack?.split('\n').find((line) => /^\s+at /.test(line))).toContain('mqtt-test.test.ts');
      return;
    }
    throw new Error('the test passed');
  });

  it('asks for the value of a letter, and for a client that there is', () => {
    expect(failure((t) => t.expectSent(t.connect()).toBe('C'))).toContain('a letter "C" without a value');
    expect(failure((t) => t.expectSent())).toContain('which client is meant: there are none');
    expect(failure((t) => t.publish('a', {}))).toContain('a letter "a" without a message');
    expect(
      failure((t) => {
        t.connect();
        t.connect({ clientId: 'b' });
        t.expectSent();
      }),
    ).toContain('there are "client-1", "b"');
  });

  it('in a subscriber fails the test', () => {
    expect(
      failure((t) => {
        t.cold('-a').subscribe(() => {
          throw new Error('on purpose');
        });
        t.to(5);
      }),
    ).toBe('on purpose');
  });

  it('tells the seed when something was left to chance', () => {
    const body = (t: MqttTest): void => {
      throw new Error(String(t.random()));
    };
    const problem = failure(body);
    const seed = Number(/seed: (\d+)/.exec(problem)?.[1]);
    expect(failure(body, { seed })).toBe(problem);
  });
});

describe('leftovers', () => {
  it('is a failure that names the line', () => {
    const problem = failure((t) => {
      timer(5000).subscribe();
      t.to(10);
    });
    expect(problem).toContain('the test is over, but still pending:\n  a timer (due in 4990 ms), set at');
    expect(problem).toContain('mqtt-test.test.ts');
  });

  it('of t.cold and t.messages is one, too', () => {
    expect(
      failure((t) => {
        t.at(5, () => t.messages('9ms a', { a: ['t'] }).subscribe());
        t.at(2, () => t.cold('-').subscribe());
      }),
    ).toContain('an event of t.cold or t.messages (due in');
  });

  it('of a client that the kit did not make is one', () => {
    const problem = failure((t) => {
      connect({ url: 'mqtt://here', clientId: 'stray', transport: t.broker.transport });
      t.to(10);
    });
    expect(problem).toContain('a connection of the client "stray", which the test did not end');
  });

  it('do not include a client that pings, waits to reconnect, or was just made', () => {
    mqttTest((t) => {
      t.connect();
      t.connect({ lazy: true });
      t.connect({ clientId: 'lost' });
      t.broker.line('lost').refuse(undefined, 99);
      t.to('1h');
      t.connect();
    });
  });

  it('of schedulers is nothing, whether the test fails or not', () => {
    const { now } = asyncScheduler;
    expect(() =>
      mqttTest(() => {
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    expect(asyncScheduler.now).toBe(now);
    expect(Object.keys(asyncScheduler)).not.toContain('schedule');
    expect(Object.keys(asapScheduler)).not.toContain('schedule');
    expect(TestScheduler.frameTimeFactor).toBe(10);
  });
});

describe('time', () => {
  it('passes to a moment, by a duration, and at moments', () => {
    mqttTest((t) => {
      const seen: number[] = [];
      t.at(100, () => seen.push(t.now));
      t.at('1s', () => seen.push(t.now));
      t.to(50);
      t.by('50ms');
      expect(seen).toEqual([100]);
      t.to('1h 30m');
      expect(seen).toEqual([100, 1000]);
      expect(t.now).toBe(5_400_000);
    });
  });

  it('cannot go back', () => {
    expect(failure((t) => void (t.to(10), t.to(5)))).toContain('time cannot go back: it is 10 ms already');
    expect(failure((t) => void (t.to(10), t.at(5, () => undefined)))).toContain('is in the past');
    expect(failure((t) => void t.to('soon'))).toContain('"soon" is not a duration');
  });

  it('of day is another matter: pings keep their period', () => {
    for (const jump of [3.6e6, 8.64e7, 400 * 8.64e7, -3.6e6, -400 * 8.64e7]) {
      mqttTest((t) => {
        const client = t.connect({ keepalive: 10 });
        t.at(4000, () => t.setTimeOfDay(new Date(Date.UTC(2030, 0, 1) + jump)));
        t.expectSent(client).toBe('C 8999ms P 8999ms P', { C: 'CONNECT v5 clean', P: 'PINGREQ' });
        t.to('1m');
        expect(client.state.status).toBe('connected');
        expect(asyncScheduler.now()).toBe(Date.UTC(2030, 0, 1) + jump + 56_000);
      });
    }
  });

  it('runs to the end of the longest diagram', () => {
    let seen = 0;
    mqttTest((t) => {
      t.expectObservable(interval(10).pipe(take(3))).toBe('10ms a 9ms b 9ms (c|)', { a: 0, b: 1, c: 2 });
      asyncScheduler.schedule(() => (seen = t.now), 32);
    });
    expect(seen).toBe(32);
  });

  it('is not shared: a nested or concurrent test throws', async () => {
    expect(failure(() => mqttTest(() => undefined))).toContain('another one is running');
    const first = mqttTest(async (t) => {
      await t.to(10);
    });
    expect(() => mqttTest(() => undefined)).toThrow('another one is running');
    await first;
    mqttTest(() => undefined);
  });
});

describe('the asynchronous form', () => {
  it('lets promises settle between two moments', async () => {
    await mqttTest(async (t) => {
      const seen: string[] = [];
      const client = t.connect({
        beforeConnect: async () => {
          await Promise.resolve();
          return { username: 'fresh' };
        },
      });
      t.expectSent(client).toBe('C', { C: 'CONNECT v5 clean user=fresh' });
      t.at(10, () => void Promise.resolve().then(() => seen.push(`${t.now} promise`)));
      t.at(20, () => seen.push(`${t.now} timer`));
      await t.to('90s');
      expect(seen).toEqual(['10 promise', '20 timer']);
    });
  });

  it('ends a client while the test waits for it', async () => {
    await mqttTest(async (t) => {
      const client = t.connect();
      await t.to(10);
      await client.end();
      expect(t.now).toBeLessThan(20);
      t.expectWire(client).toContain('10 > DISCONNECT');
    });
  });

  it('waits for cryptography', async () => {
    await mqttTest(
      async (t) => {
        const subtle = async (): Promise<boolean> => {
          const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
          const how = { name: 'PBKDF2', salt: new Uint8Array(8), iterations: 20_000, hash: 'SHA-256' };
          await crypto.subtle.deriveBits(how, key, 256);
          return true;
        };
        const client = t.connect({ connectTimeout: 5, beforeConnect: () => subtle().then(() => undefined) });
        await t.to('1m');
        expect(client.state.status).toBe('connected');
        t.expectState(client).toBe('c-C', { c: 'connecting 1', C: 'connected' });
      },
      { broker: { authenticate: () => Promise.resolve(true) } },
    );
  });

  it('reports problems as the synchronous form does', async () => {
    expect(
      await asyncFailure(async (t) => {
        await t.to(10);
        timer(50).subscribe();
      }),
    ).toContain('a timer (due in 50 ms)');
    expect(
      await asyncFailure(async (t) => {
        t.connect();
        t.expectSent().toBe('-C', { C: 'CONNECT v5 clean' });
        await t.to(10);
      }),
    ).toContain('expected  -C');
  });

  it('says so when the test waits for what time alone brings', async () => {
    const problem = await asyncFailure(async (t) => {
      await firstValueFrom(t.connect().publish('a', 'b', { qos: 1 }));
    });
    expect(problem).toContain('the test waits for a promise while no time passes');
  });

  it('refuses to let time pass twice at once', async () => {
    expect(
      await asyncFailure(async (t) => {
        await Promise.all([t.to(10), t.to(20)]);
      }),
    ).toContain('time is passing already');
  });
});

describe('the synchronous form', () => {
  it('says so when a client waits for a promise', () => {
    for (const options of [
      { beforeConnect: () => Promise.resolve(undefined) },
      { auth: { method: 'X', start: () => Promise.resolve('x') } },
    ]) {
      const problem = failure((t) => {
        t.connect(options);
        t.expectSent().toBe('C', { C: 'CONNECT v5 clean' });
      });
      expect(problem).toContain(`the client "client-1" (option ${Object.keys(options)[0] ?? ''}) waits for a promise`);
      expect(problem).toContain('await mqttTest(async (t) => { ... })');
    }
  });

  it('says so when the broker does', () => {
    const problem = failure((t) => void (t.connect(), t.to(10)), {
      broker: { authenticate: () => Promise.resolve(true) },
    });
    expect(problem).toContain('the broker (option authenticate) waits for a promise');
  });

  it('says so when the body gives a promise', () => {
    expect(failure(() => Promise.resolve() as unknown as undefined)).toContain('write it as an async function');
    expect(failure((t) => void t.to(5).then(() => undefined))).toContain('t.to() is awaited');
  });
});

describe('a scripted broker', () => {
  it('answers CONNECT and PINGREQ, and everything else as the test says', () => {
    mqttTest(
      (t) => {
        const client = t.connect({ keepalive: 10 });
        t.answer('subscribe', ({ packetId }) => suback(packetId, 1));
        client.subscribe('a', { qos: 1 }).subscribe();
        t.expectReceived(client).toBe('--A-S 8999ms P', { A: 'CONNACK', S: 'SUBACK #1 0x01', P: 'PINGRESP' });
      },
      { broker: false },
    );
  });

  it('refuses', () => {
    mqttTest(
      (t) => {
        t.answer('connect', () => connack({ reasonCode: 0x88 }));
        t.connect();
        t.expectState().toBe('c-r 999ms c', { c: /^connecting/, r: 'reconnecting 2 in 1000' });
      },
      { broker: false },
    );
  });

  it('plays a script from CONNECT on', () => {
    mqttTest(
      (t) => {
        t.script('a 3ms x', { a: connack(), x: CUT });
        t.connect();
        t.expectWire().toBe(`
             0 > CONNECT v5 clean
             2 < CONNACK
             5 closed
          1005 > CONNECT v5 clean
          1007 < CONNACK`);
      },
      { broker: false },
    );
  });

  it('publishes, and records publishes', () => {
    mqttTest(
      (t) => {
        const client = t.connect();
        const seen$ = client.messages$.pipe(map((m) => m.text()));
        t.expectObservable(seen$).toBe('11ms a', { a: 'x' });
        t.publish('10ms a', { a: ['in', 'x', { qos: 1 }] });
        t.at(20, () => client.publish('out', 'y').subscribe());
        t.expectPublished().toBe('21ms y', { y: 'out "y" q0' });
      },
      { broker: false },
    );
  });

  it('publishes and disconnects when t.broker is told to', () => {
    mqttTest(
      (t) => {
        const client = t.connect();
        t.at(10, () => t.broker.publish({ topic: 'in', payload: 'x', qos: 2 }));
        t.at(20, () => expect(t.broker.disconnectClient('client-1')).toBe(true));
        t.at(30, () => expect(t.broker.disconnectClient('client-1')).toBe(false));
        t.at(2000, () => t.broker.dropConnections());
        t.expectReceived(client).toBe('--A 8ms m 9ms d 1001ms A', {
          A: 'CONNACK',
          m: 'PUBLISH #1 in "x" q2',
          d: 'DISCONNECT 0x98',
        });
        t.to(2010);
        t.expectWire(client).toContain('2000 closed');
      },
      { broker: false },
    );
  });

  it('is asked for where it is needed', () => {
    expect(failure((t) => t.answer('connect', () => connack()))).toContain('{ broker: false }');
  });
});

describe('message()', () => {
  it('makes a message of text, bytes or anything else', () => {
    expect(message('hall/7', { celsius: 21 }, { qos: 1 }).json()).toEqual({ celsius: 21 });
    expect(message('hall/7', '21').text()).toBe('21');
    expect(message('hall/7', Uint8Array.of(1, 2)).payload).toEqual(Uint8Array.of(1, 2));
    expect(message('hall/7').payload).toHaveLength(0);
    expect(message('hall/7', 1, { retain: true })).toMatchObject({ qos: 0, retain: true, topic: 'hall/7' });
    from([message('a')]).subscribe((m) => m.ack());
  });
});
