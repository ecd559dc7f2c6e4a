import { delay, map, NEVER, of, Subject, throwError, timer } from 'rxjs';
import type { AuthMechanism, AuthPacket, ConnectPacket, Packet } from '../src/index.js';
import { ReasonCode, type AuthData } from '../src/index.js';
import { connack, disconnect, inVirtualTime, publish, shown, table, type World } from './support.js';

const METHOD = 'PIN';
const data = (text: string): { authenticationMethod: string; authenticationData: Uint8Array } => ({
  authenticationMethod: METHOD,
  authenticationData: new TextEncoder().encode(text),
});
const auth = (reasonCode: number, text: string): AuthPacket => ({ cmd: 'auth', reasonCode, properties: data(text) });
const challenge = (text: string): AuthPacket => auth(ReasonCode.CONTINUE_AUTHENTICATION, text);
const accepted = (text = ''): Packet => connack({ properties: data(text) });

/** Answers each challenge with its text in capitals. */
const shouting: AuthMechanism = {
  method: METHOD,
  start: () => 'hello',
  next: (challenge$) => challenge$.pipe(map((bytes) => new TextDecoder().decode(bytes).toUpperCase())),
};

/** What a packet of the client says in its authentication properties. */
function said(packet: Packet | undefined): string {
  const { reasonCode, properties } = packet as AuthPacket;
  const { authenticationMethod, authenticationData } = properties ?? {};
  return `${packet?.cmd ?? ''} ${reasonCode ?? ''} ${authenticationMethod ?? '-'} ${new TextDecoder().decode(authenticationData ?? new Uint8Array())}`;
}

const silentBroker = { connect: () => undefined };

describe('enhanced authentication', () => {
  it('[v5 MQTT-4.12.0-3] [v5 MQTT-4.12.0-5] answers each challenge with AUTH 0x18 that names the method of CONNECT', () => {
    inVirtualTime({ auth: shouting, answers: silentBroker }, (world) => {
      world.to(0);
      expect(said(world.line.packets[0])).toBe('connect  PIN hello');
      world.line.send(challenge('one'));
      world.line.send(challenge('two'));
      expect(world.line.packets.slice(1).map(said)).toEqual(['auth 24 PIN ONE', 'auth 24 PIN TWO']);
      world.line.send(accepted());
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('[v5 MQTT-3.1.2-30] sends nothing but AUTH and DISCONNECT before CONNACK', () => {
    inVirtualTime({ auth: shouting, keepalive: 1, answers: silentBroker }, (world) => {
      world.watch(world.client.publish('a', '0'));
      world.watch(world.client.subscribe('a'));
      world.to(5000);
      world.line.send(challenge('one'));
      expect(world.take()).toEqual(['0 CONNECT v5 clean', '5000 AUTH 0x18']);
      world.line.send(accepted());
      world.by(1);
      expect(world.take()).toEqual(
        table(`
        5000 SUBSCRIBE #1 a:0 id=1
        5000 PUBLISH a "0" q0
      `),
      );
    });
  });

  it('lets answers take their time, and the connection attempt no longer than connectTimeout', () => {
    const slow: AuthMechanism = {
      ...shouting,
      next: (challenge$) =>
        challenge$.pipe(
          delay(400),
          map(() => 'late'),
        ),
    };
    inVirtualTime({ auth: slow, connectTimeout: 1000, answers: silentBroker, reconnect: false }, (world) => {
      world.to(500);
      world.line.send(challenge('one'));
      world.to(899);
      expect(world.take()).toEqual(['0 CONNECT v5 clean']);
      world.to(1000);
      expect(world.take()).toEqual(['900 AUTH 0x18', '1000 closed']);
      expect(world.states.at(-2)).toBe('1000 ended TimeoutError TIMEOUT');
    });
  });

  it('gives up an exchange that takes longer than the time-out of its mechanism', () => {
    const patient: AuthMechanism = { ...shouting, timeout: 300 };
    inVirtualTime({ auth: patient, answers: silentBroker, reconnect: { minDelay: 100, jitter: 'none' } }, (world) => {
      world.to(250);
      world.line.send(challenge('one'));
      world.to(450);
      expect(world.take()).toEqual(['0 CONNECT v5 clean', '250 AUTH 0x18', '300 closed', '400 CONNECT v5 clean']);
    });
  });

  it('asks a mechanism anew for each connection, with fresh data', () => {
    let made = 0;
    const source = (): AuthMechanism => {
      const number = ++made;
      return { method: METHOD, start: () => timer(10).pipe(map(() => `attempt ${number}`)) };
    };
    inVirtualTime(
      { auth: source, reconnect: { minDelay: 100, jitter: 'none' }, answers: { connect: () => accepted() } },
      (world) => {
        world.to(50);
        world.line.peer.fail();
        world.to(200);
        expect(world.lines.map(({ packets }) => said(packets[0]))).toEqual([
          'connect  PIN attempt 1',
          'connect  PIN attempt 2',
        ]);
      },
    );
  });

  it('[v5 row 92] rejects a broker whose last data the mechanism does not accept: 0x83, then it closes', () => {
    const strict: AuthMechanism = {
      ...shouting,
      verify: (bytes) => new TextDecoder().decode(bytes ?? new Uint8Array()) === 'proof',
    };
    inVirtualTime({ auth: strict, reconnect: false, answers: { connect: () => accepted('lie') } }, (world) => {
      world.to(0);
      expect(world.take()).toEqual(['0 CONNECT v5 clean', '0 DISCONNECT 0x83', '0 closed']);
      expect(world.states.at(-2)).toBe('0 ended ProtocolError AUTH_FAILED');
    });
  });

  it('holds what came behind CONNACK until the mechanism has looked at it', () => {
    const slow: AuthMechanism = { ...shouting, verify: () => timer(30) };
    inVirtualTime({ auth: slow, answers: { connect: () => [accepted(), publish('a', 'held')] } }, (world) => {
      const { log } = world.watch(world.client.messages$, shown);
      world.to(29);
      expect(world.client.state.status).toBe('connecting');
      world.line.send(publish('a', 'later'));
      expect(log).toEqual([]);
      world.to(30);
      expect(log).toEqual(['30 a=held', '30 a=later']);
    });
  });

  const refusals: [title: string, mechanism: AuthMechanism, answer: Packet, reasonCode: string][] = [
    [
      'AUTH names another method',
      shouting,
      { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'X' } },
      '0x82',
    ],
    ['AUTH says success before CONNACK', shouting, auth(0, ''), '0x82'],
    ['CONNACK names no method', shouting, connack(), '0x82'],
    ['CONNACK names another method', shouting, connack({ properties: { authenticationMethod: 'X' } }), '0x82'],
    ['the mechanism has no answer', { method: METHOD, start: () => undefined }, challenge('one'), '0x83'],
    ['the answer fails', { ...shouting, next: () => throwError(() => new Error('no')) }, challenge('one'), '0x83'],
    ['the mechanism answers unasked', { ...shouting, next: () => of('a', 'b') }, challenge('one'), '0x83'],
  ];
  it.each(refusals)(
    '[v5 MQTT-4.12.0-5] [v5 rows 46, 88, 90, 92] ends the attempt when %s',
    (_title, mechanism, answer, code) => {
      inVirtualTime({ auth: mechanism, reconnect: false, answers: { connect: () => answer } }, (world) => {
        world.to(0);
        expect(world.take().slice(-2)).toEqual([`0 DISCONNECT ${code}`, '0 closed']);
        expect(world.states.at(-2)).toMatch(/^0 ended ProtocolError/);
      });
    },
  );

  it('[v5 MQTT-4.12.0-6] [v5 row 47] refuses a method that it did not offer', () => {
    inVirtualTime({ reconnect: false, answers: { connect: () => accepted() } }, (world) => {
      world.to(0);
      expect(world.take()).toEqual(['0 CONNECT v5 clean', '0 DISCONNECT 0x82', '0 closed']);
    });
  });

  it('sends nothing when the mechanism cannot begin', () => {
    const broken: AuthMechanism = { ...shouting, start: () => throwError(() => new Error('no token')) };
    inVirtualTime({ auth: broken, reconnect: false }, (world) => {
      world.to(0);
      expect(world.lines).toEqual([]);
      expect(world.states.at(-2)).toBe('0 ended ProtocolError AUTH_FAILED');
    });
  });
});

describe('reauthenticate()', () => {
  const connected = (test: (world: World) => void, mechanism: AuthMechanism = shouting): void => {
    inVirtualTime({ auth: mechanism, reconnect: false, answers: { connect: () => accepted() } }, (world) => {
      world.to(10);
      world.take();
      test(world);
    });
  };

  it('[v5 MQTT-4.12.1-1] sends AUTH 0x19 with the method of CONNECT, and nothing else waits for it', () => {
    connected((world) => {
      const { log } = world.watch(world.client.reauthenticate(), () => 'content');
      expect(said(world.line.packets.at(-1))).toBe('auth 25 PIN hello');
      world.watch(world.client.publish('a', '0'));
      world.line.send(challenge('again'));
      expect(world.take()).toEqual(['10 AUTH 0x19', '10 PUBLISH a "0" q0', '10 AUTH 0x18']);
      world.to(20);
      world.line.send(auth(0, ''));
      expect(log).toEqual(['20 content', '20 done']);
      expect(world.client.state.status).toBe('connected');
    });
  });

  it('[v5 MQTT-4.12.1-2] ends the connection when the mechanism fails', () => {
    connected(
      (world) => {
        const { log } = world.watch(world.client.reauthenticate());
        world.line.send(challenge('again'));
        expect(world.take()).toEqual(['10 AUTH 0x19', '10 DISCONNECT 0x83', '10 closed']);
        expect(log).toEqual(['10 ! ProtocolError AUTH_FAILED']);
      },
      { ...shouting, next: () => throwError(() => new Error('no')) },
    );
  });

  it('[v5 MQTT-4.12.1-2] ends the connection when the exchange takes too long', () => {
    connected(
      (world) => {
        const { log } = world.watch(world.client.reauthenticate());
        world.to(509);
        expect(log).toEqual([]);
        world.to(510);
        expect(log).toEqual(['510 ! TimeoutError TIMEOUT']);
        expect(world.take()).toEqual(['10 AUTH 0x19', '510 DISCONNECT 0x80', '510 closed']);
      },
      { ...shouting, next: () => NEVER, timeout: 500 },
    );
  });

  it('runs one exchange at a time', () => {
    connected((world) => {
      world.watch(world.client.reauthenticate());
      expect(world.watch(world.client.reauthenticate()).log).toEqual(['10 ! MqttError INVALID_OPTION']);
      expect(world.take()).toEqual(['10 AUTH 0x19']);
    });
  });

  it('errors when the broker hangs up meanwhile', () => {
    connected((world) => {
      const { log } = world.watch(world.client.reauthenticate());
      world.line.send(disconnect(ReasonCode.NOT_AUTHORIZED));
      expect(log).toEqual(['10 ! ConnectError CONNECTION_LOST']);
    });
  });

  it('[v5 MQTT-4.12.0-7] sends no AUTH where CONNECT named no method', () => {
    inVirtualTime({}, (world) => {
      expect(world.watch(world.client.reauthenticate()).log).toEqual(['0 ! ConnectError CONNECTION_LOST']);
      world.to(0);
      world.take();
      expect(world.watch(world.client.reauthenticate()).log).toEqual(['0 ! MqttError NOT_SUPPORTED']);
      expect(world.take()).toEqual([]);
    });
  });

  it('forgets an exchange that was given up before its first byte', () => {
    const first = new Subject<AuthData>();
    let starts = 0;
    connected(
      (world) => {
        world.watch(world.client.reauthenticate()).subscription.unsubscribe();
        expect(first.observed).toBe(false);
        expect(world.take()).toEqual([]);
        world.watch(world.client.reauthenticate());
        expect(first.observed).toBe(true);
      },
      { ...shouting, start: () => (starts++ === 0 ? 'hello' : first) },
    );
  });

  it.each([
    ['AUTH 0x18', challenge('x')],
    ['AUTH 0x00', auth(0, '')],
  ])('[v5 row 90] takes %s for a protocol error when nothing runs', (_title, packet) => {
    connected((world) => {
      world.line.send(packet);
      expect(world.take()).toEqual(['10 DISCONNECT 0x82', '10 closed']);
    });
  });

  it.each([
    [
      '[v5 row 88] AUTH of another method',
      { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'X' } },
    ],
    [
      '[v5 row 88] AUTH success of another method',
      { cmd: 'auth', reasonCode: 0, properties: { authenticationMethod: 'X' } },
    ],
  ] as [string, AuthPacket][])('%s ends the connection', (_title, packet) => {
    connected((world) => {
      const { log } = world.watch(world.client.reauthenticate());
      world.line.send(packet);
      expect(world.take()).toEqual(['10 AUTH 0x19', '10 DISCONNECT 0x82', '10 closed']);
      expect(log).toEqual(['10 ! ConnectError CONNECTION_LOST']);
    });
  });
});

describe('the option auth', () => {
  it('needs MQTT 5, and one place for the method', () => {
    const make = (options: object) => () => inVirtualTime({ auth: shouting, ...options }, () => undefined);
    expect(make({ protocolVersion: 4 })).toThrow(TypeError);
    expect(make({ properties: { authenticationMethod: 'X' } })).toThrow(TypeError);
    expect(make({ auth: { method: 'X' } })).toThrow(TypeError);
  });

  it('is left out when the broker speaks 3.1.1 only', () => {
    const connects: ConnectPacket[] = [];
    const answers = {
      connect: (packet: ConnectPacket) => {
        connects.push(packet);
        return packet.protocolVersion === 5 ? connack({ reasonCode: 0x84 }) : connack();
      },
    };
    inVirtualTime({ auth: shouting, answers }, (world) => {
      world.to(10);
      expect(
        connects.map(({ protocolVersion, properties }) => [protocolVersion, properties?.authenticationMethod]),
      ).toEqual([
        [5, METHOD],
        [4, undefined],
      ]);
    });
  });
});
