import { NEVER, Observable, of, ReplaySubject, takeUntil, throwError, timer } from 'rxjs';
import { memory, type ClientOptions, type ConnectTarget, type MqttClient, type SrvRecord } from 'rxmqtt';
import { connack, mqttTest, type MqttTest } from 'rxmqtt/testing';

interface Among {
  readonly t: MqttTest;
  readonly client: MqttClient;
  /** The servers that are dialled, when they are. A probe is a dial, too. */
  readonly dials: Observable<string>;
  /** The servers at which nothing listens. */
  readonly down: Set<string>;
}

const flat = { minDelay: 100, factor: 1 };
const A = 'mqtt://a';
const B = 'mqtt://b';
const C = 'mqtt://c';
const URLS = { a: A, b: B, c: C };

/** A client with several servers. CONNECT and CONNACK take a ms each. */
function among(options: ClientOptions, test: (world: Among) => void, down: readonly string[] = []): void {
  mqttTest((t) => {
    const dials = new ReplaySubject<string>();
    const isDown = new Set(down);
    const transport = (target: ConnectTarget) => {
      dials.next(target.url);
      return isDown.has(target.url) ? throwError(() => new Error('nothing listens')) : t.broker.transport(target);
    };
    const client = t.connect({ clientId: 'c', transport, reconnect: flat, ...options });
    test({ t, client, dials, down: isDown });
  });
}

const urlOf = ({ state }: MqttClient): string => (state.status === 'connected' ? state.url : state.status);

describe('a server that cannot be reached', () => {
  const refused = () => throwError(() => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));

  /** The servers that are dialled, when they are, where nothing listens at some. */
  function dialling(options: ClientOptions, down: readonly string[], then: (t: MqttTest) => void): readonly string[] {
    const dials: string[] = [];
    mqttTest((t) => {
      const transport = (target: ConnectTarget) => {
        dials.push(`${target.url} ${t.now}`);
        return down.includes(target.url) ? refused() : t.broker.transport(target);
      };
      t.connect({ clientId: 'c', servers: [A, B, C], transport, reconnect: flat, ...options });
      then(t);
    });
    return dials;
  }

  it('is passed over without a delay, and there is one delay for each round', () => {
    expect(dialling({}, [A, B], (t) => void t.to(1000))).toEqual([`${A} 0`, `${B} 0`, `${C} 0`]);
    const all = dialling({}, [A, B, C], (t) => void t.to(250));
    expect(all).toEqual([0, 100, 200].flatMap((at) => [`${A} ${at}`, `${B} ${at}`, `${C} ${at}`]));
  });

  it('is passed over when it does not answer CONNECT in time', () => {
    const silent = memory().transport;
    const dials: string[] = [];
    mqttTest((t) => {
      const transport = (target: ConnectTarget) => {
        dials.push(`${target.url} ${t.now}`);
        return target.url === A ? silent(target) : t.broker.transport(target);
      };
      t.connect({ servers: [A, B], timeouts: { connack: 500 }, transport, reconnect: flat });
      t.to(2000);
    });
    expect(dials).toEqual([`${A} 0`, `${B} 500`]);
  });

  it('shows each of them, and the delay once', () => {
    mqttTest((t) => {
      const client = t.connect({ servers: [A, B], transport: refused, reconnect: flat });
      const delays: (number | undefined)[] = [];
      client.state$.subscribe((state) => state.status === 'reconnecting' && delays.push(state.delay));
      t.to(150);
      expect(delays).toEqual([0, 100, 0, 100]);
    });
  });

  it('waits after a lost connection, so that clients do not all dial at once', () => {
    const dials = dialling({}, [], (t) => {
      t.at(1000, () => t.broker.line('c').cut());
      t.to(2000);
    });
    expect(dials).toEqual([`${A} 0`, `${B} 1100`]);
  });

  it('ends a client that does not reconnect, or takes that for fatal', () => {
    expect(dialling({ reconnect: false }, [A], (t) => void t.to(1000))).toEqual([`${A} 0`]);
    expect(dialling({ isFatal: () => true }, [A], (t) => void t.to(1000))).toEqual([`${A} 0`]);
  });
});

describe('a lazy client', () => {
  it('begins with the server that it has left', () => {
    among({ servers: [A, B, C], lazy: true, linger: 0 }, ({ t, client, dials }) => {
      for (const from of [0, 1000, 2000]) {
        t.at(from, () =>
          client
            .subscribe('x')
            .pipe(takeUntil(timer(300)))
            .subscribe(),
        );
      }
      t.expectObservable(dials).toBe('a 999ms a 999ms a', URLS);
    });
  });
});

describe('returnAfter', () => {
  const options: ClientOptions = { servers: [A, B], returnAfter: 1000 };

  it('returns to the preferred server once that accepts a connection', () => {
    among(
      options,
      ({ t, client, dials, down }) => {
        t.at(1500, () => down.clear());
        // b after a. A connection to a is opened and closed to see whether it is up: at 1102 in vain, at 2102 not.
        t.expectObservable(dials).toBe('a 99ms b 1001ms a 999ms (aa) 9m', URLS);
        t.to('5m');
        expect(urlOf(client)).toBe('mqtt://a:1883');
      },
      [A],
    );
  });

  it('does not leave a server while the preferred one is down', () => {
    among(
      options,
      ({ t, client }) => {
        t.to('5m');
        expect(t.broker.wire('c').filter((line) => line.includes('CONNECT '))).toHaveLength(1);
        expect(urlOf(client)).toBe('mqtt://b:1883');
      },
      [A],
    );
  });

  it('shows why, and first waits for what was published to be acknowledged', () => {
    among(
      { ...options, clean: false, sessionExpiry: 60 },
      ({ t, client, down }) => {
        let isDone = false;
        t.at(1000, () => down.clear());
        t.at(1101, () => void client.publish('a', 'x', { qos: 2 }).subscribe({ complete: () => (isDone = true) }));
        t.expectSent(client).toBe('100ms C 1000ms P-R-(DC)', {
          C: 'CONNECT v5',
          P: 'PUBLISH #1 a "x" q2',
          R: 'PUBREL #1',
          D: 'DISCONNECT',
        });
        const told: string[] = [];
        client.state$.subscribe((state) => state.status === 'reconnecting' && told.push(state.reason.message));
        t.to(3000);
        expect(isDone).toBe(true);
        expect(told.at(-1)).toBe('the connection was left to return to mqtt://a:1883');
      },
      [A],
    );
  });

  it('waits for no acknowledgement longer than 5 s', () => {
    among(
      { ...options, clean: false, sessionExpiry: 60 },
      ({ t, client, dials, down }) => {
        t.broker.line('c').drop('< puback');
        t.at(1000, () => down.clear());
        t.at(1101, () => void client.publish('a', 'x', { qos: 1 }).subscribe());
        t.expectObservable(dials).toBe('a 99ms b 1001ms a 4999ms a', URLS);
        t.to('1m');
        expect(t.broker.published.length).toBeGreaterThan(0);
      },
      [A],
    );
  });

  it('doubles the time with each return that fails', () => {
    mqttTest((t) => {
      const dials: string[] = [];
      // a can be reached and does not answer CONNECT, as a process that was stopped; at first it cannot even be reached.
      const silent = memory().transport;
      const transport = (target: ConnectTarget) => {
        dials.push(`${target.url} ${t.now}`);
        if (target.url === B) return t.broker.transport(target);
        return t.now === 0 ? throwError(() => new Error('nothing listens')) : silent(target);
      };
      const options = { servers: [A, B], returnAfter: 10_000, connectTimeout: 500, transport, reconnect: flat };
      t.connect({ clientId: 'c', ...options });
      t.to('2m');
      expect(dials.filter((dial) => dial.startsWith(B))).toEqual([
        `${B} 100`,
        `${B} 10602`,
        `${B} 31104`,
        `${B} 71606`,
      ]);
    });
  });

  it('is up to half as long again with jitter', () => {
    const reconnect = { ...flat, jitter: 'full', random: () => 0.5 } as const;
    among({ ...options, reconnect }, ({ t, dials }) => t.expectObservable(dials).toBe('a 49ms b 1251ms a', URLS), [A]);
  });

  it('is not put off by connections that are shorter', () => {
    among(
      { ...options, lazy: true, linger: 0 },
      ({ t, client, dials, down }) => {
        // 300 ms of use every 600 ms.
        for (let from = 0; from < 3000; from += 600) {
          t.at(from, () =>
            client
              .subscribe('x')
              .pipe(takeUntil(timer(300)))
              .subscribe(),
          );
        }
        t.at(150, () => down.clear());
        t.expectObservable(dials).toBe('a 99ms b 499ms b 599ms a 599ms a 599ms a', URLS);
      },
      [A],
    );
  });

  it('does not start a mechanism of authentication to see whether a server is up', () => {
    mqttTest(
      (t) => {
        let starts = 0;
        const dials: string[] = [];
        const transport = (target: ConnectTarget) => {
          dials.push(target.url);
          return target.url === A ? throwError(() => new Error('nothing listens')) : t.broker.transport(target);
        };
        t.answer('connect', () => connack({ properties: { authenticationMethod: 'PIN' } }));
        const auth = { method: 'PIN', start: () => String(++starts) };
        t.connect({ clientId: 'c', transport, reconnect: flat, auth, keepalive: 0, ...options });
        t.to(3500);
        expect(dials).toEqual([A, B, A, A, A]);
        expect(starts).toBe(2);
      },
      { broker: false },
    );
  });

  it('keeps a server that the broker has redirected to', () => {
    among({ ...options, followRedirect: true }, ({ t, client }) => {
      t.broker.line('c').redirect('other');
      t.to('5m');
      expect(urlOf(client)).toBe('mqtt://other:1883');
    });
  });

  it('is over when the client ends', () => {
    among(
      options,
      ({ t, client, dials }) => {
        t.at(500, () => void client.end());
        t.expectObservable(dials).toBe('a 99ms b 9m', URLS);
      },
      [A],
    );
  });
});

describe("startWith: 'sticky'", () => {
  const first = (clientId: string, servers: readonly string[]): string => {
    let url = '';
    mqttTest((t) => {
      const transport = (target: ConnectTarget) => {
        url ||= target.url;
        return t.broker.transport(target);
      };
      t.connect({ clientId, servers, startWith: 'sticky', transport });
      t.to(10);
    });
    return url;
  };

  it('dials the server of the client identifier first, in whatever order the servers are given', () => {
    const chosen = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((clientId) => first(clientId, [A, B, C]));
    expect(new Set(chosen).size).toBeGreaterThan(1);
    expect(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((clientId) => first(clientId, [C, B, A]))).toEqual(chosen);
  });

  it('goes on in its own order, and after a lost connection begins with the best of the others', () => {
    among({ servers: [A, B, C], startWith: 'sticky' }, ({ t, dials, client, down }) => {
      const seen: string[] = [];
      dials.subscribe((url) => seen.push(url));
      t.to(10);
      const [home = ''] = seen;
      down.add(home);
      t.broker.line('c').cut();
      t.to(1000);
      const [, second = ''] = seen;
      expect(urlOf(client)).toBe(`${second}:1883`);
      t.broker.line('c').cut();
      t.to(3000);
      // Home is tried before the third.
      const third = [A, B, C].find((url) => url !== home && url !== second);
      expect(seen).toEqual([home, second, home, third]);
    });
  });

  it('returns home with returnAfter', () => {
    among({ servers: [A, B, C], startWith: 'sticky', returnAfter: 5000 }, ({ t, client, dials, down }) => {
      const seen: string[] = [];
      dials.subscribe((url) => seen.push(url));
      t.to(10);
      const [home = ''] = seen;
      down.add(home);
      t.broker.line('c').cut();
      t.at(20_000, () => down.clear());
      t.to('1m');
      expect(urlOf(client)).toBe(`${home}:1883`);
    });
  });
});

describe('mqtt+srv://', () => {
  const record = (name: string, priority = 0): SrvRecord => ({ name, port: 1883, priority, weight: 0 });
  const at = (name: string): string => `mqtt://${name}:1883`;
  const NAMES = { a: at('a'), b: at('b'), c: at('c'), s: 'mqtt+srv://example.org' };

  /** A client of a service; `answers` are those of the name server, in turn, the last one for ever. */
  function ofService(
    answers: readonly (readonly SrvRecord[] | Error)[],
    test: (world: Among & { readonly asked: Observable<string> }) => void,
    down: readonly string[] = [],
    options: ClientOptions = {},
  ): void {
    const asked = new ReplaySubject<string>();
    let questions = 0;
    const resolveSrv = (name: string) => {
      asked.next(name);
      const answer = answers[Math.min(questions++, answers.length - 1)] ?? [];
      return answer instanceof Error ? throwError(() => answer) : of(answer);
    };
    among(
      { servers: ['mqtt+srv://example.org'], socket: { resolveSrv }, ...options },
      (world) => test({ ...world, asked }),
      down,
    );
  }

  it('dials the servers by their priority, and asks again for each round', () => {
    const records = [record('b', 2), record('a', 1)];
    ofService(
      [records, records, [record('c')]],
      ({ t, dials, asked }) => {
        t.expectObservable(dials).toBe('a 99ms b 99ms a 99ms b 99ms c 1s', NAMES);
        t.expectObservable(asked).toBe('q 199ms q 199ms q 1s', { q: '_mqtt._tcp.example.org' });
      },
      [at('a'), at('b')],
    );
  });

  it('asks again after a lost connection, and tries the others first', () => {
    ofService([[record('a'), record('b', 1)]], ({ t, dials, asked }) => {
      t.at(1000, () => t.broker.line('c').cut());
      t.expectObservable(dials).toBe('a 1099ms b 1s', NAMES);
      t.expectObservable(asked).toBe('q 1099ms q 1s', { q: '_mqtt._tcp.example.org' });
    });
  });

  it('shows the service while it is looked up, and then the server', () => {
    ofService([[record('a')]], ({ t, client }) => {
      const seen: string[] = [];
      client.state$.subscribe((state) => seen.push(`${state.status} ${'url' in state ? state.url : ''}`));
      t.to(10);
      expect(seen).toEqual(['idle ', `connecting ${NAMES.s}`, `connecting ${NAMES.a}`, `connected ${NAMES.a}`]);
    });
  });

  it('retries when the name server fails, and goes on with the last answer once it had one', () => {
    const down = Object.assign(new Error('queryetimeout'), { code: 'ETIMEOUT' });
    ofService([down, [record('a')], down], ({ t, client, dials }) => {
      t.at(1000, () => t.broker.line('c').cut());
      t.expectObservable(dials).toBe('100ms a 999ms a 1s', NAMES);
      const told: string[] = [];
      client.state$.subscribe((state) => state.status === 'reconnecting' && told.push(state.reason.message));
      t.to(2000);
      expect(told[0]).toContain('DNS: the name server did not answer (ETIMEOUT)');
      expect(urlOf(client)).toBe(NAMES.a);
    });
  });

  it('stands beside other servers, which are dialled when there is no answer', () => {
    const down = Object.assign(new Error('queryetimeout'), { code: 'ETIMEOUT' });
    const said: string[] = [];
    const options = { servers: [NAMES.s, C], log: { warn: (text: string) => said.push(text) } };
    ofService([down], ({ t, dials }) => t.expectObservable(dials).toBe('c 1s', { c: C }), [], options);
    expect(said).toEqual([expect.stringContaining('the name server did not answer') as string]);
  });

  it('gives a silent name server connectTimeout', () => {
    const resolveSrv = () => new Observable<never>();
    among({ servers: [NAMES.s], socket: { resolveSrv }, connectTimeout: 300 }, ({ t, client }) => {
      t.expectState(client).toBe('c 299ms r', {
        c: 'connecting 1',
        r: { status: 'reconnecting', delay: 100 },
      });
    });
  });

  it('has as many preferred servers as have the best priority', () => {
    const options = { returnAfter: 1000 };
    const records = [record('a'), record('b'), record('c', 1)];
    // Of weight 0, they come in the order in which they are given.
    ofService([records], ({ t, dials }) => t.expectObservable(dials).toBe('a 99ms b 9m', NAMES), [at('a')], options);
    const both = [at('a'), at('b')];
    ofService(
      [records],
      ({ t, dials }) => t.expectObservable(dials).toBe('a 99ms b 99ms c 1001ms (ab)', NAMES),
      both,
      options,
    );
  });

  it('returns to any server of the best priority, and tries that one first', () => {
    const records = [record('a'), record('b'), record('c', 1)];
    ofService(
      [records],
      ({ t, dials, down }) => {
        t.at(500, () => down.delete(at('b')));
        t.expectObservable(dials).toBe('a 99ms b 99ms c 1001ms (abb) 9m', NAMES);
      },
      [at('a'), at('b')],
      { returnAfter: 1000 },
    );
  });

  it('names a server twice without making others as good as it', () => {
    const twice = [record('a'), { ...record('A.'), weight: 5 }, record('b', 1)];
    ofService(
      [twice],
      ({ t, dials, down }) => {
        t.at(500, () => down.clear());
        t.expectObservable(dials).toBe('a 99ms b 1001ms (aa) 9m', NAMES);
      },
      [at('a')],
      { returnAfter: 1000 },
    );
  });

  it('asks for the servers to return to: the record of the preferred one has changed', () => {
    const before = [record('a'), record('b', 1)];
    const after = [record('c'), record('b', 1)];
    ofService(
      [before, after],
      ({ t, dials, asked }) => {
        t.expectObservable(dials).toBe('a 99ms b 1001ms (cc) 9m', NAMES);
        t.expectObservable(asked).toBe('q 1101ms q 9m', { q: '_mqtt._tcp.example.org' });
      },
      [at('a')],
      { returnAfter: 1000 },
    );
  });

  it('stays when the present server has become one of the preferred ones', () => {
    const before = [record('a'), record('b', 1)];
    ofService(
      [before, [record('a'), record('b')]],
      ({ t, dials, down }) => {
        t.at(500, () => down.clear());
        t.expectObservable(dials).toBe('a 99ms b 9m', NAMES);
      },
      [at('a')],
      { returnAfter: 1000 },
    );
  });

  it('is returned to once DNS answers', () => {
    const fails = Object.assign(new Error('queryetimeout'), { code: 'ETIMEOUT' });
    const options = { servers: [NAMES.s, C], returnAfter: 1000, log: false as const };
    ofService(
      [fails, fails, [record('a')]],
      ({ t, dials }) => t.expectObservable(dials).toBe('c 2001ms (aa) 9m', { ...NAMES, c: C }),
      [],
      options,
    );
  });

  describe('of which the name server is silent', () => {
    /** Answers in turn; undefined: none, ever. */
    const silentAfter = (answers: readonly (readonly SrvRecord[] | undefined)[]) => {
      let questions = 0;
      return () => {
        const answer = answers[Math.min(questions++, answers.length - 1)];
        return answer === undefined ? NEVER : of(answer);
      };
    };
    const options = { servers: [NAMES.s], connectTimeout: 3000, log: false as const };

    it('holds to the last answer', () => {
      const socket = { resolveSrv: silentAfter([[record('a'), record('b', 1)], undefined]) };
      among({ ...options, socket }, ({ t, dials, client }) => {
        t.at(1000, () => t.broker.line('c').cut());
        t.expectObservable(dials).toBe('a 2599ms b 1s', NAMES);
        t.to(5000);
        expect(urlOf(client)).toBe(at('b'));
      });
    });

    it('does not keep the client from other servers', () => {
      const socket = { resolveSrv: silentAfter([undefined]) };
      among({ ...options, servers: [NAMES.s, C], socket }, ({ t, dials }) =>
        t.expectObservable(dials).toBe('1500ms c 1s', { c: C }),
      );
    });
  });

  it('is looked up for a connection after a pause, and after reconnect()', () => {
    const options = { lazy: true, linger: 0 };
    ofService(
      [[record('a')], [record('b')], [record('c')]],
      ({ t, dials, client }) => {
        client
          .subscribe('x')
          .pipe(takeUntil(timer(100)))
          .subscribe();
        t.at(200, () => client.subscribe('x').subscribe());
        t.at(300, () => client.reconnect().subscribe());
        t.expectObservable(dials).toBe('a 199ms b 99ms c 1s', NAMES);
      },
      [],
      options,
    );
  });

  it("is spread by 'sticky' over its servers of the best priority", () => {
    const chosen = new Set<string>();
    for (const clientId of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8']) {
      const options: ClientOptions = { clientId, startWith: 'sticky' };
      ofService(
        [[record('a', 5), record('b', 5), record('c', 9)]],
        ({ t, client }) => {
          t.to(10);
          chosen.add(urlOf(client));
        },
        [],
        options,
      );
    }
    expect([...chosen].sort()).toEqual([at('a'), at('b')]);
  });

  it('takes a redirect to one of its servers for a server of the options, which may learn the password', () => {
    const options: ClientOptions = { followRedirect: true, username: 'ann', password: 'secret' };
    ofService(
      [[record('a'), record('b', 1)]],
      ({ t, client }) => {
        t.broker.line('c').redirect('b');
        t.expectSent(client).toBe('C-D', { C: /CONNECT .*user=ann/, D: /CONNECT .*user=ann/ });
      },
      [],
      options,
    );
  });
});
