import { ReplaySubject, throwError, type Observable } from 'rxjs';
import {
  ReasonCode,
  type ClientOptions,
  type ConnectPacket,
  type DisconnectPacket,
  type MqttClient,
  type ConnectTarget,
} from 'rxmqtt';
import { connack, mqttTest, type Move, type MqttTest } from 'rxmqtt/testing';

const { USE_ANOTHER_SERVER, SERVER_MOVED } = ReasonCode;
const MOVES_ON = { c: 'connecting 1', C: 'connected', r: 'reconnecting 1 in 0', w: 'reconnecting 1 in 100' };
const URLS = { h: 'mqtt://home', o: 'mqtt://other', a: 'mqtt://a', b: 'mqtt://b' };

/** What each dialled URL answers a CONNECT with: a reference, or 'ok'. */
type Map = Readonly<Record<string, string>>;

interface Among {
  readonly t: MqttTest;
  readonly client: MqttClient;
  /** The servers that the client dials, when it does. */
  readonly dials: Observable<string>;
  /** The server that it has dialled last. */
  here(): string;
}

/** A client among brokers that refer to each other. Each way takes 2 ms, so that an answer takes 4. */
function among(map: Map, options: ClientOptions, test: (world: Among) => void): void {
  mqttTest(
    (t) => {
      const dials = new ReplaySubject<string>();
      let here = '';
      const transport = (target: ConnectTarget) => {
        here = target.url;
        dials.next(here);
        return here.includes('down') ? throwError(() => new Error('nothing listens')) : t.broker.transport(target);
      };
      t.answer('connect', () => {
        const [code, reference] = (map[here] ?? 'ok').split('>');
        if (reference === undefined) return connack();
        const reasonCode = code === 'moved' ? SERVER_MOVED : USE_ANOTHER_SERVER;
        return connack({ reasonCode, properties: { serverReference: reference } });
      });
      const client = t.connect({ clientId: 'c', url: URLS.h, transport, reconnect: { minDelay: 100 }, ...options });
      test({ t, client, dials, here: () => here });
    },
    { broker: false, latency: 2 },
  );
}

const follow = { followRedirect: true };
const leave = (serverReference: string): DisconnectPacket => ({
  cmd: 'disconnect',
  reasonCode: USE_ANOTHER_SERVER,
  properties: { serverReference },
});

describe('server redirect', () => {
  it('is a refusal like any other by default', () => {
    among({ [URLS.h]: '>other:2000' }, {}, ({ t, dials }) => {
      t.expectReceived().toBe('      ----A 103ms A', { A: 'CONNACK 0x9c' });
      t.expectState().toBe('         c---r 99ms  c---', { ...MOVES_ON, c: /^connecting/, r: 'reconnecting 2 in 100' });
      t.expectObservable(dials).toBe('h---- 99ms  h---', URLS);
    });
  });

  it('[v5 row 41] goes to the server that CONNACK names, at once', () => {
    among({ [URLS.h]: '>other:2000' }, follow, ({ t, dials }) => {
      t.expectReceived().toBe('      ----A---B', { A: 'CONNACK 0x9c', B: 'CONNACK' });
      t.expectState().toBe('         c---(rc)C', { ...MOVES_ON, C: { status: 'connected', url: 'mqtt://other:2000' } });
      t.expectObservable(dials).toBe('h---o----', { ...URLS, o: 'mqtt://other:2000' });
    });
  });

  it('goes to the server that DISCONNECT names, and home again after it', () => {
    among({}, follow, ({ t, dials }) => {
      t.script('                            A 45ms D', { A: connack(), D: leave('other') });
      t.at(60, () => t.broker.line('c').cut());
      t.expectReceived().toBe('      ----A 45ms D---A 109ms       A', { A: 'CONNACK', D: 'DISCONNECT 0x9c' });
      t.expectState().toBe('         c---C 45ms (rc)C-----w 99ms  c---C', MOVES_ON);
      t.expectObservable(dials).toBe('h 49ms     o 109ms           h----', URLS);
    });
  });

  it('stays with the server that the broker moved to', () => {
    among({ [URLS.h]: 'moved>new:2000' }, follow, ({ t, dials }) => {
      t.at(10, () => t.broker.line('c').cut());
      t.expectReceived().toBe('      ----A---B 105ms B', { A: 'CONNACK 0x9d', B: 'CONNACK' });
      t.expectObservable(dials).toBe('h---n 105ms     n----', { ...URLS, n: 'mqtt://new:2000' });
    });
  });

  it('goes home when the place that the broker moved to is dead, and there again when the broker says so', () => {
    among({ [URLS.h]: 'moved>down:2000' }, follow, ({ t, dials }) => {
      t.expectObservable(dials).toBe('h---d 99ms h---d 199ms h', { ...URLS, d: 'mqtt://down:2000' });
    });
  });

  it('tries each server that the broker moved to, then goes home', () => {
    among({ [URLS.h]: 'moved>down:1 down:2' }, follow, ({ t, dials }) => {
      t.expectObservable(dials).toBe('h---d 99ms e 199ms h', { ...URLS, d: 'mqtt://down:1', e: 'mqtt://down:2' });
    });
  });

  it.each(['>down', 'moved>down'])(
    'goes on to the next server when the place that a server names is dead: %s',
    (named) => {
      const servers = [URLS.a, URLS.b];
      among({ [URLS.a]: named }, { ...follow, servers }, ({ t, dials }) => {
        t.expectObservable(dials).toBe('a---d 99ms b 9s', { ...URLS, d: 'mqtt://down' });
      });
    },
  );

  it('goes to a server, and not to a service, when beforeConnect has named a service', () => {
    const beforeConnect = ({ url }: { readonly url: string }) =>
      url.includes('home') ? { url: 'mqtt+srv://example.org' } : {};
    among({ 'mqtt+srv://example.org': '>other:2000' }, { ...follow, beforeConnect }, ({ t, dials }) => {
      t.expectObservable(dials).toBe('s---o', { s: 'mqtt+srv://example.org', o: 'mqtt://other:2000' });
    });
  });

  it('goes home when the new place was good once and is dead now', () => {
    let isUp = true;
    mqttTest(
      (t) => {
        const dials = new ReplaySubject<string>();
        const transport = (target: ConnectTarget) => {
          dials.next(target.url);
          const isDead = target.url === 'mqtt://new' && !isUp;
          return isDead ? throwError(() => new Error('nothing listens')) : t.broker.transport(target);
        };
        const moved = connack({ reasonCode: SERVER_MOVED, properties: { serverReference: 'new' } });
        t.script('A', { A: moved });
        t.script('A', { A: connack() });
        t.script('A', { A: connack() });
        t.connect({ clientId: 'c', url: URLS.h, transport, reconnect: { minDelay: 100 }, ...follow });
        t.at(10, () => {
          isUp = false;
          t.broker.line('c').cut();
        });
        t.expectObservable(dials).toBe('h---n 105ms n 199ms h 9ms', { ...URLS, n: 'mqtt://new' });
      },
      { broker: false, latency: 2 },
    );
  });

  it('goes home when the new place itself refers to one that is dead', () => {
    const map = { [URLS.h]: 'moved>a', [URLS.a]: '>down' };
    among(map, follow, ({ t, dials }) => {
      t.expectObservable(dials).toBe('h---a---d 99ms h', { ...URLS, d: 'mqtt://down' });
    });
  });

  it('is not ended by the refusal of a server that only the broker has named', () => {
    among({ [URLS.h]: '>a' }, follow, ({ t, here, dials }) => {
      const refers = connack({ reasonCode: USE_ANOTHER_SERVER, properties: { serverReference: 'a' } });
      t.answer('connect', () => (here() === URLS.a ? connack({ reasonCode: ReasonCode.BANNED }) : refers));
      t.expectObservable(dials).toBe('h---a 103ms h---a 203ms h', URLS);
    });
  });

  it('is ended by the refusal of a server that is trusted with everything', () => {
    among({}, { followRedirect: { credentials: 'always' } }, ({ t, client, here }) => {
      const refers = connack({ reasonCode: USE_ANOTHER_SERVER, properties: { serverReference: 'a' } });
      t.answer('connect', () => (here() === URLS.a ? connack({ reasonCode: ReasonCode.BANNED }) : refers));
      t.to(20);
      expect(client.state).toMatchObject({ status: 'ended', reason: { reasonCode: ReasonCode.BANNED } });
    });
  });

  it('tries the servers of a list in turn, then goes home', () => {
    among({ [URLS.h]: '>down:1 [::1]:2' }, follow, ({ t, dials }) => {
      t.at(120, () => t.broker.line('c').cut());
      t.expectObservable(dials).toBe('h---d 99ms e 215ms h', { ...URLS, d: 'mqtt://down:1', e: 'mqtt://[::1]:2' });
    });
  });

  it('follows maxHops redirects in a row, then waits as after any failure', () => {
    const map = { [URLS.h]: '>a', [URLS.a]: '>b', [URLS.b]: '>a' };
    among(map, { followRedirect: { maxHops: 3 } }, ({ t, dials }) => {
      t.expectObservable(dials).toBe('h---a---b---a 103ms h---a---b---a', URLS);
    });
  });

  it('does not go round in circles between brokers that accept and then disconnect', () => {
    among({}, follow, ({ t, client, dials, here }) => {
      t.answer('connect', () => [connack(), leave(here() === URLS.a ? 'b' : 'a')]);
      t.expectObservable(dials).toBe('h---a---b---a---b---a 100ms', URLS);
      t.to(24);
      expect(client.state.status).toBe('reconnecting');
    });
  });

  it('counts anew after a connection that was stable', () => {
    among({}, { followRedirect: { maxHops: 1 }, keepalive: 0 }, ({ t, dials }) => {
      t.script('                            A 29999ms D', { A: connack(), D: leave('a') });
      t.script('                                        A 29999ms D', { A: connack(), D: leave('b') });
      t.expectReceived().toBe('      ----A 29999ms D---A 29999ms D', { A: 'CONNACK', D: 'DISCONNECT 0x9c' });
      t.expectObservable(dials).toBe('h 30003ms     a 30003ms     b', URLS);
    });
  });

  it.each([
    ['a URL', 'mqtt://evil'],
    ['a path', 'host/path'],
    ['user name and host', 'user@host'],
    ['a port that is none', 'host:99999999'],
    ['nothing', ''],
  ])('does not follow a reference that is %s', (_title, reference) => {
    among({ [URLS.h]: `>${reference}` }, follow, ({ t, dials }) => {
      t.expectReceived().toBe('      ----A 103ms A', { A: 'CONNACK 0x9c' });
      t.expectObservable(dials).toBe('h 103ms     h----', URLS);
    });
  });

  it('follows where allow() lets it', () => {
    const asked: string[] = [];
    const allow = (url: string): boolean => asked.push(url) > 0 && url.endsWith('.example:1883');
    among({ [URLS.h]: '>evil ok.example' }, { followRedirect: { allow } }, ({ t, dials }) => {
      t.expectObservable(dials).toBe('h---e', { ...URLS, e: 'mqtt://ok.example' });
      t.to(10);
      expect(asked).toEqual(['mqtt://evil:1883', 'mqtt://ok.example:1883']);
    });
  });

  it('does not follow once end() was called', () => {
    among({}, follow, ({ t, client, dials }) => {
      t.script('                            A-----D', { A: connack(), D: leave('other') });
      t.at(5, () => client.publish('a', '0', { qos: 1 }).subscribe({ error: () => undefined }));
      t.at(6, () => void client.end());
      t.expectReceived().toBe('      ----A-----D', { A: 'CONNACK', D: 'DISCONNECT 0x9c' });
      t.expectState().toBe('         c---C-----e', { ...MOVES_ON, e: 'ended' });
      t.expectObservable(dials).toBe('h---------- 500ms', URLS);
    });
  });

  describe('and credentials', () => {
    const secret = {
      url: 'wss://u:p@home/mqtt?token=s3cret',
      ws: { headers: { authorization: 'Bearer s3cret' } },
      username: 'u',
      password: 'p',
      auth: { method: 'PIN', start: () => 's3cret' },
      will: { topic: 'gone', payload: 's3cret' },
    } as const;

    /** What the second server is shown, to which the first one refers the client. */
    function shownAfter(options: ClientOptions, reference: string): unknown {
      const targets: ConnectTarget[] = [];
      const connects: ConnectPacket[] = [];
      mqttTest(
        (t) => {
          t.answer('connect', (connect): Move | undefined => {
            if (connects.push(connect) > 1) return undefined;
            return connack({ reasonCode: USE_ANOTHER_SERVER, properties: { serverReference: reference } });
          });
          const transport = (target: ConnectTarget) => {
            targets.push(target);
            return t.broker.transport(target);
          };
          const { url, ...others } = secret;
          const where = options.servers === undefined ? { url } : {};
          t.connect({ clientId: 'c', ...where, ...others, ...options, transport });
          t.to(5);
        },
        { broker: false },
      );
      expect(connects).toHaveLength(2);
      const [, { username, password, properties, will } = {} as ConnectPacket] = connects;
      return {
        url: targets[1]?.url,
        headers: targets[1]?.ws?.headers,
        username,
        password: password && new TextDecoder().decode(password),
        method: properties?.authenticationMethod,
        will: will?.topic,
      };
    }

    const everything = {
      headers: { authorization: 'Bearer s3cret' },
      username: 'u',
      password: 'p',
      method: 'PIN',
      will: 'gone',
    };

    it('keeps them from other hosts', () => {
      expect(shownAfter(follow, 'other:2000')).toEqual({ url: 'wss://other:2000/mqtt', headers: {} });
    });

    it('keeps them from other ports of the same host', () => {
      expect(shownAfter(follow, 'home:2000')).toEqual({ url: 'wss://home:2000/mqtt', headers: {} });
    });

    it('keeps from other hosts also what beforeConnect gives, unless it names the URL', () => {
      const beforeConnect = () => ({ username: 'x', password: 'y', will: { topic: 'gone', payload: 's3cret' } });
      expect(shownAfter({ ...follow, beforeConnect }, 'other')).toMatchObject({
        username: undefined,
        password: undefined,
        will: undefined,
      });
      const named = () => ({ ...beforeConnect(), url: 'wss://mine' });
      expect(shownAfter({ ...follow, beforeConnect: named }, 'other')).toMatchObject({
        url: 'wss://mine',
        username: 'x',
        password: 'y',
        will: 'gone',
      });
    });

    it('sends them to a host and port that the options name', () => {
      const servers = ['wss://u:p@home/mqtt?token=s3cret', 'wss://second:2000/mqtt'];
      expect(shownAfter({ ...follow, servers }, 'SECOND:2000')).toEqual({
        url: 'wss://u:p@SECOND:2000/mqtt?token=s3cret',
        ...everything,
      });
      expect(shownAfter(follow, 'home:443')).toEqual({ url: 'wss://u:p@home:443/mqtt?token=s3cret', ...everything });
    });

    it('keeps them from the plain text port of a server that the options name with TLS', () => {
      const servers = ['ws://u:p@home/mqtt', 'wss://second:2000/mqtt'];
      expect(shownAfter({ ...follow, servers }, 'second:2000')).toEqual({
        url: 'ws://second:2000/mqtt',
        headers: {},
      });
    });

    it('sends them everywhere where that is allowed', () => {
      expect(shownAfter({ followRedirect: { credentials: 'always' } }, 'other')).toMatchObject(everything);
    });
  });
});
