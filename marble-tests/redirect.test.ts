import { ReasonCode, type ConnectPacket, type ConnectProperties } from '../src/index.js';
import { decodeUtf8 } from '../src/utf8.js';
import { connack, inVirtualTime, type World, type WorldOptions } from './support.js';

const { USE_ANOTHER_SERVER, SERVER_MOVED } = ReasonCode;

/** What each dialled URL answers a CONNECT with: a reference, or 'ok'. */
type Map = Readonly<Record<string, string>>;

const target = (world: World): string => world.line.peer.target.url;
const dialled = (world: World): string[] => world.lines.map(({ peer }) => peer.target.url);

/** A client among brokers that refer to each other. */
function among(map: Map, options: WorldOptions, test: (world: World) => void): void {
  let world: World | undefined;
  const connect = () => {
    const [code, reference] = (map[world === undefined ? '' : target(world)] ?? 'ok').split('>');
    if (reference === undefined) return connack();
    const reasonCode = code === 'moved' ? SERVER_MOVED : USE_ANOTHER_SERVER;
    return connack({ reasonCode, properties: { serverReference: reference } });
  };
  inVirtualTime(
    { url: 'mqtt://home', reconnect: { minDelay: 100, jitter: 'none' }, ...options, answers: { connect } },
    (made) => {
      world = made;
      test(made);
    },
  );
}

const follow = { followRedirect: true };

describe('server redirect', () => {
  it('is a refusal like any other by default', () => {
    among({ 'mqtt://home': '>other:2000' }, {}, (world) => {
      world.to(150);
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://home']);
      expect(world.states).toContain('0 reconnecting 2 in 100');
    });
  });

  it('[v5 row 41] goes to the server that CONNACK names, at once', () => {
    among({ 'mqtt://home': '>other:2000' }, follow, (world) => {
      world.to(0);
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://other:2000']);
      expect(world.states).toEqual([
        '0 idle',
        '0 connecting 1',
        '0 reconnecting 1 in 0',
        '0 connecting 1',
        '0 connected',
      ]);
      expect(world.client.state).toMatchObject({ url: 'mqtt://other:2000' });
    });
  });

  it('goes to the server that DISCONNECT names, and home again after it', () => {
    among({}, follow, (world) => {
      world.to(50);
      const properties = { serverReference: 'other' };
      world.line.send({ cmd: 'disconnect', reasonCode: USE_ANOTHER_SERVER, properties });
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://other']);
      expect(world.client.state.status).toBe('connected');
      world.line.peer.fail();
      world.to(200);
      expect(target(world)).toBe('mqtt://home');
    });
  });

  it('stays with the server that the broker moved to', () => {
    among({ 'mqtt://home': 'moved>new:2000' }, follow, (world) => {
      world.to(0);
      world.line.peer.fail();
      world.to(150);
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://new:2000', 'mqtt://new:2000']);
    });
  });

  it('tries the servers of a list in turn, then goes home', () => {
    const dial = { refuse: (_attempt: number, url: string) => url.includes('down') };
    among({ 'mqtt://home': '>down:1 [::1]:2' }, { ...follow, dial }, (world) => {
      world.to(150);
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://[::1]:2']);
    });
  });

  it('follows maxHops redirects in a row, then waits as after any failure', () => {
    among({ 'mqtt://home': '>a', 'mqtt://a': '>b', 'mqtt://b': '>a' }, { followRedirect: { maxHops: 3 } }, (world) => {
      world.to(50);
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://a', 'mqtt://b', 'mqtt://a']);
      world.to(100);
      expect(dialled(world).slice(4)).toEqual(['mqtt://home', 'mqtt://a', 'mqtt://b', 'mqtt://a']);
    });
  });

  it('does not go round in circles between brokers that accept and then disconnect', () => {
    among({}, follow, (world) => {
      world.to(0);
      for (let hop = 0; hop < 20 && world.client.state.status === 'connected'; hop++) {
        const serverReference = target(world) === 'mqtt://a' ? 'b' : 'a';
        world.line.send({ cmd: 'disconnect', reasonCode: USE_ANOTHER_SERVER, properties: { serverReference } });
      }
      expect(world.lines).toHaveLength(6);
      expect(world.client.state.status).toBe('reconnecting');
    });
  });

  it('counts anew after a connection that was stable', () => {
    among({}, { followRedirect: { maxHops: 1 }, keepalive: 0 }, (world) => {
      world.to(0);
      for (const [host, ms] of [
        ['a', 30_000],
        ['b', 60_000],
      ] as const) {
        world.to(ms);
        world.line.send({
          cmd: 'disconnect',
          reasonCode: USE_ANOTHER_SERVER,
          properties: { serverReference: host },
        });
        expect(target(world)).toBe(`mqtt://${host}`);
      }
    });
  });

  it.each([
    ['a URL', 'mqtt://evil'],
    ['a path', 'host/path'],
    ['user name and host', 'user@host'],
    ['a port that is none', 'host:99999999'],
    ['nothing', ''],
  ])('does not follow a reference that is %s', (_title, reference) => {
    among({ 'mqtt://home': `>${reference}` }, follow, (world) => {
      world.to(50);
      expect(dialled(world)).toEqual(['mqtt://home']);
    });
  });

  it('follows where allow() lets it', () => {
    const asked: string[] = [];
    const allow = (url: string): boolean => asked.push(url) > 0 && url.endsWith('.example:1883');
    among({ 'mqtt://home': '>evil ok.example' }, { followRedirect: { allow } }, (world) => {
      world.to(0);
      expect(asked).toEqual(['mqtt://evil:1883', 'mqtt://ok.example:1883']);
      expect(dialled(world)).toEqual(['mqtt://home', 'mqtt://ok.example']);
    });
  });

  it('does not follow once end() was called', () => {
    among({}, follow, (world) => {
      world.to(0);
      world.watch(world.client.publish('a', '0', { qos: 1 }));
      void world.client.end();
      world.line.send({ cmd: 'disconnect', reasonCode: USE_ANOTHER_SERVER, properties: { serverReference: 'other' } });
      expect(dialled(world)).toEqual(['mqtt://home']);
    });
  });

  describe('and credentials', () => {
    const secret = {
      url: 'wss://u:p@home/mqtt?token=s3cret',
      ws: { headers: { authorization: 'Bearer s3cret' } },
      username: 'u',
      password: 'p',
      auth: { method: 'PIN', start: () => 's3cret' },
    } as const;
    const shownOf = (world: World): unknown => {
      const [connect] = world.line.packets as [ConnectPacket];
      const properties: ConnectProperties = connect.properties ?? {};
      return {
        url: target(world),
        headers: world.line.peer.target.ws?.headers,
        username: connect.username,
        password: connect.password && decodeUtf8(connect.password),
        method: properties.authenticationMethod,
      };
    };
    const redirected = (options: WorldOptions, reference: string, test: (world: World) => void): void => {
      let first = true;
      const connect = () => {
        if (!first) return undefined;
        first = false;
        return connack({ reasonCode: USE_ANOTHER_SERVER, properties: { serverReference: reference } });
      };
      inVirtualTime({ ...secret, ...options, answers: { connect } }, (world) => {
        world.to(0);
        expect(world.lines).toHaveLength(2);
        test(world);
      });
    };

    it('keeps them from other hosts', () => {
      redirected(follow, 'other:2000', (world) => {
        expect(shownOf(world)).toEqual({ url: 'wss://other:2000/mqtt', headers: {} });
      });
    });

    it('keeps from other hosts also what beforeConnect gives, unless it names the URL', () => {
      redirected({ ...follow, beforeConnect: () => ({ username: 'x', password: 'y' }) }, 'other', (world) => {
        expect(shownOf(world)).toMatchObject({ username: undefined, password: undefined });
      });
    });

    it('sends them to another port of a host that the options name', () => {
      redirected(follow, 'home:2000', (world) => {
        expect(shownOf(world)).toEqual({
          url: 'wss://u:p@home:2000/mqtt?token=s3cret',
          headers: { authorization: 'Bearer s3cret' },
          username: 'u',
          password: 'p',
          method: 'PIN',
        });
      });
    });

    it('sends them everywhere where that is allowed', () => {
      redirected({ followRedirect: { credentials: 'always' } }, 'other', (world) => {
        expect(shownOf(world)).toMatchObject({ username: 'u', password: 'p', method: 'PIN' });
      });
    });
  });
});
