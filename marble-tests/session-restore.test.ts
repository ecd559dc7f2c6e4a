import { distinctUntilChanged, map, of, throwError, timer, type Observable } from 'rxjs';
import type { ClientOptions, MqttClient } from 'rxmqtt';
import { connack, mqttTest, suback, unsuback, type MqttTest } from 'rxmqtt/testing';

const fire = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const CONNACKS = { A: 'CONNACK', P: 'CONNACK present' };

interface World {
  /** Whether the session is there when the client comes back. */
  readonly kept: boolean;
  /** Whether the broker answers SUBSCRIBE and UNSUBSCRIBE. Default: it does. */
  readonly answers?: boolean;
  readonly options?: ClientOptions;
}

/** A client of a session that outlives its first connection, which is cut after 9 ms; the next one is there at 1009. */
const draw = ({ kept, answers = true, options }: World, test: (t: MqttTest, client: MqttClient) => void): void =>
  void mqttTest(
    (t) => {
      t.script('A', { A: connack() });
      t.answer('connect', () => connack({ sessionPresent: kept }));
      if (answers) {
        t.answer('subscribe', ({ packetId, subscriptions }) =>
          suback(packetId, ...subscriptions.map(({ qos }) => qos)),
        );
        t.answer('unsubscribe', ({ packetId, filters }) => unsuback(packetId, ...filters.map(() => 0)));
      }
      const client = t.connect({ clean: false, sessionExpiry: 60, ...options });
      t.at(9, () => t.broker.line('client-1').cut());
      test(t, client);
    },
    { broker: false },
  );

describe('subscriptions and connections', () => {
  const C = 'CONNECT v5';
  const S = 'SUBSCRIBE #1 a:1 id=1';

  it('are asked for again when the session is lost, before anything else is sent', () => {
    draw({ kept: false }, (t, client) => {
      fire(client.subscribe('a', { qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 1 }));
      fire(client.subscribe('b/#', { qos: 2 }));
      t.at(10, () => fire(client.publish('x', '', { qos: 1 })));
      t.expectReceived().toBe('--A-K---- 1002ms A-L', { A: 'CONNACK', K: /^SUBACK #1/, L: /^SUBACK #2/ });
      t.expectSent().toBe('    C-S------ 1s   C-(Tp)', {
        C,
        S: 'SUBSCRIBE #1 a:1nph1 b/#:2 id=1',
        T: 'SUBSCRIBE #2 a:1nph1 b/#:2 id=2',
        p: 'PUBLISH #3 x "" q1',
      });
    });
  });

  it('are not asked for again when the broker kept the session', () => {
    draw({ kept: true }, (t, client) => {
      const seen$ = client.subscribe('a').pipe(map((message) => message.text()));
      t.publish('                    1013ms           m', { m: ['a', '1'] });
      t.expectReceived().toBe('    --A-K---- 1002ms P--m', { ...CONNACKS, K: /^SUBACK/, m: 'PUBLISH a "1" q0' });
      t.expectSent().toBe('        C-S------ 1s   C-----', { C, S: 'SUBSCRIBE #1 a:0 id=1' });
      t.expectObservable(seen$).toBe('--------- 1002ms ---1', { 1: '1' });
    });
  });

  it('what changed meanwhile is brought up to date in a kept session', () => {
    draw({ kept: true }, (t, client) => {
      t.expectObservable(client.subscribe('one'), '^---------!').toBe('');
      fire(client.subscribe('two'));
      t.at(10, () => fire(client.subscribe('three')));
      t.expectReceived().toBe('--A-K---- 1002ms P-(UL)', {
        ...CONNACKS,
        K: /^SUBACK/,
        U: /^UNSUBACK #2/,
        L: /^SUBACK #3/,
      });
      t.expectSent().toBe('    C-S------ 1s   C-(UT)', {
        C,
        S: /^SUBSCRIBE #1/,
        U: 'UNSUBSCRIBE #2 one',
        T: 'SUBSCRIBE #3 three:0 id=2',
      });
    });
  });

  it('a SUBSCRIBE that was not answered is sent again also in a kept session', () => {
    draw({ kept: true, answers: false }, (t, client) => {
      fire(client.subscribe('a', { qos: 1 }));
      t.expectReceived().toBe('--A------ 1002ms P-', CONNACKS);
      t.expectSent().toBe('    C-S------ 1s   C-T-', { C, S, T: 'SUBSCRIBE #2 a:1 id=2' });
    });
  });

  it('an unanswered SUBSCRIBE is taken back in a kept session once it has no observer', () => {
    draw({ kept: true, answers: false }, (t, client) => {
      t.expectObservable(client.subscribe('a', { qos: 1 }), '^---------!').toBe('');
      t.expectReceived().toBe('--A------ 1002ms P-', CONNACKS);
      t.expectSent().toBe('    C-S------ 1s   C-U-', { C, S, U: 'UNSUBSCRIBE #2 a' });
    });
  });

  it('an UNSUBSCRIBE that was not answered is sent again', () => {
    draw({ kept: true, answers: false }, (t, client) => {
      t.answer('unsubscribe', ({ packetId }) => (packetId === 2 ? unsuback(2, 0x11) : undefined));
      t.expectReceived().toBe('                   --A------ 1002ms P-K', { ...CONNACKS, K: 'UNSUBACK #2 0x11' });
      t.expectSent().toBe('                       C----U--- 1s   C-V--', {
        C,
        U: 'UNSUBSCRIBE #1 a',
        V: 'UNSUBSCRIBE #2 a',
      });
      t.expectObservable(client.unsubscribe('a'), '-----^').toBe('1013ms (k|)', { k: [0x11] });
    });
  });

  it('with `resubscribe: false` stay lost with the session until subscribed to again', () => {
    draw({ kept: false, options: { resubscribe: false } }, (t, client) => {
      fire(client.subscribe('a'));
      t.at(1015, () => t.broker.line('client-1').cut());
      t.at(5000, () => {
        fire(client.subscribe('b'));
        fire(client.subscribe('a'));
      });
      t.expectReceived().toBe('--A-K---- 1002ms A--- 2002ms A 1984ms L', {
        A: 'CONNACK',
        K: /^SUBACK #1/,
        L: /^SUBACK #2/,
      });
      t.expectSent().toBe('    C-S------ 1s   C----- 2s   C 1984ms T--', {
        C,
        S: 'SUBSCRIBE #1 a:0 id=1',
        T: 'SUBSCRIBE #2 b:0 a:0 id=2',
      });
    });
  });

  it('show where they stand in subscriptions$', () => {
    draw({ kept: false }, (t, client) => {
      const shown$ = client.subscriptions$.pipe(
        map((all) => [...all].map(([filter, { status, qos }]) => `${filter} ${status} ${String(qos)}`).join(', ')),
        distinctUntilChanged(),
      );
      t.at(5, () => fire(client.subscribe('a', { qos: 1 })));
      t.expectReceived().toBe('    --A----K- 1002ms A-L', { A: 'CONNACK', K: 'SUBACK #1 0x01', L: 'SUBACK #2 0x01' });
      t.expectObservable(shown$).toBe('n----p-a-l 1001ms p-a', {
        n: '',
        p: 'a pending undefined',
        a: 'a active 1',
        l: 'a lost 1',
      });
    });
  });
});

describe('beforeConnect', () => {
  /** The broker is scripted: it answers CONNECT and PINGREQ, and says nothing else. */
  const drawHook = (options: ClientOptions, test: (t: MqttTest, client: MqttClient) => void): void =>
    void mqttTest((t) => test(t, t.connect(options)), { broker: false });

  it('is asked anew at each attempt, and may answer at once', () => {
    let token = 0;
    const contexts: unknown[] = [];
    const beforeConnect = (context: unknown) => {
      contexts.push(context);
      return { username: `token-${++token}` };
    };
    drawHook({ beforeConnect }, (t) => {
      t.at(4, () => t.broker.line('client-1').cut());
      t.expectSent().toBe('C--- 1000ms D', {
        C: 'CONNECT v5 clean user=token-1',
        D: 'CONNECT v5 clean user=token-2',
      });
      t.to(1010);
      expect(contexts).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
    });
  });

  it('may answer later, with an Observable', () => {
    const dialled: string[] = [];
    const beforeConnect = () => timer(70).pipe(map(() => ({ username: 'late', url: 'mqtt://elsewhere' })));
    mqttTest(
      (t) => {
        t.connect({
          clientId: 'c',
          beforeConnect,
          transport: (target) => {
            dialled.push(`${t.now} ${target.url}`);
            return t.broker.transport(target);
          },
        });
        t.expectSent().toBe('70ms C', { C: 'CONNECT v5 clean user=late' });
        t.to(100);
        expect(dialled).toEqual(['70 mqtt://elsewhere']);
      },
      { broker: false },
    );
  });

  it.each([
    ['undefined', () => undefined],
    ['an Observable of undefined', () => of(undefined)],
    ['an Observable that is empty', () => of<undefined[]>()],
  ])('may answer with %s: then nothing changes', (_, beforeConnect) => {
    drawHook({ username: 'me', beforeConnect: beforeConnect as () => undefined }, (t) => {
      t.expectSent().toBe('C', { C: 'CONNECT v5 clean user=me' });
    });
  });

  it.each([
    ['throws', () => { throw new RangeError('no token'); }], // prettier-ignore
    ['errors', () => throwError(() => new RangeError('no token'))],
  ])('that %s fails the attempt, which is retried', (_, beforeConnect) => {
    drawHook({ beforeConnect }, (t) => {
      const reason = expect.objectContaining({
        name: 'ConnectError',
        cause: expect.objectContaining({ message: 'no token' }),
      });
      t.expectState().toBe('(c2) 996ms (d3)', {
        c: 'connecting 1',
        d: 'connecting 2',
        2: { status: 'reconnecting', attempt: 2, reason },
        3: { status: 'reconnecting', attempt: 3, reason },
      });
    });
  });

  it('is part of what connectTimeout measures', () => {
    const beforeConnect = () => timer(1e6).pipe(map(() => ({})));
    drawHook({ beforeConnect, connectTimeout: 100, reconnect: false }, (t) => {
      t.expectState().toBe('c 99ms e', { c: 'connecting 1', e: 'ended TimeoutError TIMEOUT' });
    });
  });
});
