import { inspect } from 'node:util';
import { throwError } from 'rxjs';
import { type ConnectionState, MqttError, type QueueFullError } from '../../src/index.js';
import { connackWith, inVirtualTime, type World, type WorldOptions } from '../../marble-tests/support.js';

/** The reason of the state, which the client is in after so many ms. */
function reasonAfter(ms: number, options: WorldOptions): MqttError {
  let reason: MqttError | undefined;
  inVirtualTime(options, (world) => {
    world.by(ms);
    const { state } = world.client;
    if ('reason' in state) ({ reason } = state);
  });
  if (!(reason instanceof MqttError)) throw new Error('the state has no reason');
  return reason;
}

const refusing = (hex: string): NonNullable<WorldOptions['answers']> => ({
  connect: (_, line) => (line.sendHex(hex), undefined),
});

describe('a refused connection', () => {
  const secrets = { username: 'hall', password: 'secret', clientId: 'hall-7' } as const;

  it.each([
    [5, '20 03 00 86 00', 'as user "hall": BAD_USER_NAME_OR_PASSWORD; check username and password'],
    [
      5,
      '20 03 00 87 00',
      'as user "hall": NOT_AUTHORIZED; check username and password, and their permissions at the broker',
    ],
    [4, '20 02 00 04', 'as user "hall": BAD_USER_NAME_OR_PASSWORD; check username and password'],
    [
      4,
      '20 02 00 05',
      'as user "hall": NOT_AUTHORIZED; check username and password, and their permissions at the broker',
    ],
    [4, '20 02 00 02', 'as user "hall": IDENTIFIER_REJECTED; check clientId'],
    [5, '20 03 00 8a 00', 'as user "hall": BANNED'],
  ] as const)('[v%i] %s names server, client and user, and says what to look at', (protocolVersion, hex, rest) => {
    const { message } = reasonAfter(1, { protocolVersion, answers: refusing(hex), ...secrets });
    expect(message).toMatch(/^the broker at mqtt:\/\/\S+:1883 refused the connection of client "hall-7" /);
    expect(message.endsWith(rest)).toBe(true);
    expect(message).not.toContain('secret');
  });

  it('without a user name says so', () => {
    expect(reasonAfter(1, { protocolVersion: 5, answers: refusing('20 03 00 87 00') }).message).toContain(
      'without a user name: NOT_AUTHORIZED',
    );
  });

  it('shows no parameter of a user name, where services take signatures', () => {
    const username = 'u?x-amz-customauthorizer-signature=secret';
    const { message } = reasonAfter(1, { protocolVersion: 5, answers: refusing('20 03 00 87 00'), username });
    expect(message).toContain('as user "u": ');
  });
});

describe('a connection that fails names its server', () => {
  it.each<[string, WorldOptions]>([
    ['a packet before CONNACK', { answers: refusing('d0 00') }],
    ['a malformed CONNACK', { answers: refusing('20 03 ff 00 00') }],
    ['no CONNACK in time', { answers: { connect: () => undefined }, connectTimeout: 5 }],
    ['a refused dial', { dial: { refuse: true } }],
    [
      'an error of beforeConnect',
      {
        beforeConnect: () => {
          throw new Error('no token');
        },
      },
    ],
  ])('%s', (_, options) => {
    expect(reasonAfter(10, { protocolVersion: 5, ...options }).message).toMatch(/mqtt:\/\/[\w.]+:1883/);
  });

  it('and says that it was beforeConnect that failed, not the connecting', () => {
    const beforeConnect = () => throwError(() => new Error('no token'));
    expect(reasonAfter(10, { beforeConnect }).message).toMatch(
      /^connection to mqtt:\/\/[^ ]+:1883: beforeConnect failed: no token$/,
    );
  });

  it('once, also after it gave up', () => {
    const { message } = reasonAfter(10_000, {
      protocolVersion: 5,
      answers: refusing('d0 00'),
      reconnect: { maxAttempts: 2, jitter: 'none' },
    });
    expect(message).toMatch(
      /^gave up after 3 attempts: connection to mqtt:\/\/[^ ]+:1883: the broker sent PINGRESP before CONNACK/,
    );
  });

  it('a client that does not retry says nothing of attempts', () => {
    expect(reasonAfter(1, { dial: { refuse: true }, reconnect: false }).message).not.toContain('gave up');
  });
});

describe('a full outbox', () => {
  const drop = (world: World): string => {
    const errors: QueueFullError[] = [];
    for (const topic of ['a', 'b']) {
      world.client.publish(topic, '', { qos: 1 }).subscribe({ error: (error: QueueFullError) => errors.push(error) });
    }
    expect(errors).toMatchObject([{ code: 'QUEUE_FULL' }]);
    return errors[0]?.message ?? '';
  };

  it('says since when there has been no connection', () => {
    inVirtualTime({ dial: { refuse: true }, offline: { maxMessages: 1 } }, (world) => {
      world.by(3_600_000);
      expect(drop(world)).toContain(
        'the outbox is full (at most 1 messages and 67108864 bytes); there has been no connection since ' +
          '1970-01-01T00:00:00.000Z, see state$, or raise offline.maxMessages',
      );
    });
  });

  it('counts from the loss of the connection', () => {
    inVirtualTime(
      { reconnect: { minDelay: 7_200_000, maxDelay: 7_200_000, jitter: 'none' }, offline: { maxMessages: 1 } },
      (world) => {
        world.by(60_000);
        world.line.peer.fail(new Error('cut'));
        world.by(3_600_000);
        expect(drop(world)).toContain('no connection since 1970-01-01T00:01:00.000Z');
      },
    );
  });

  it('of a connected client asks to publish more slowly', () => {
    const answers = { connect: () => connackWith({ receiveMaximum: 1 }), publish: () => undefined };
    inVirtualTime({ protocolVersion: 5, answers, offline: { maxMessages: 1 } }, (world) => {
      world.to(0);
      world.fire(world.client.publish('first', '', { qos: 1 }));
      expect(drop(world)).toContain('publish more slowly, or raise offline.maxMessages');
    });
  });
});

describe('printing a client', () => {
  const options: WorldOptions = {
    url: 'mqtt://hall:secret@h.example?token=secret',
    clientId: 'hall-7',
    username: 'hall',
    password: 'secret',
    will: { topic: 'w', payload: 'secret' },
    properties: { authenticationMethod: 'm', userProperties: { token: 'secret' } },
    reconnect: false,
  };
  const forms = (value: unknown): string[] => [
    inspect(value, { depth: 12, showHidden: true }),
    JSON.stringify(value),
    String(value),
  ];

  it('is its state, its server and its identifier', () => {
    inVirtualTime({ url: 'mqtt://u:secret@h.example', clientId: 'hall-7', password: 'secret' }, (world) => {
      world.to(0);
      const { client } = world;
      const shown = { status: 'connected', url: 'mqtt://h.example:1883', clientId: 'hall-7' };
      expect(inspect(client)).toBe(`MqttClient ${inspect(shown)}`);
      expect(JSON.parse(JSON.stringify(client))).toEqual(shown);
      expect(forms(client)[2]).toBe(`MqttClient ${JSON.stringify(shown)}`);
      expect(inspect({ client })).not.toContain('secret');
    });
  });

  it.each<[string, WorldOptions]>([
    ['a client that is connected', {}],
    ['a client that was refused', { answers: refusing('20 03 00 87 00') }],
    ['a client that cannot dial', { dial: { refuse: true } }],
  ])('holds no secret, nor do its state, its errors and what it hands out: %s', (_, more) => {
    inVirtualTime({ protocolVersion: 5, ...options, ...more }, (world) => {
      const states: ConnectionState[] = [];
      world.client.state$.subscribe((state) => states.push(state));
      const errors: unknown[] = [];
      world.client.publish('t', 'secret').subscribe({ error: (error: unknown) => errors.push(error) });
      world.by(100);
      const { client } = world;
      const all = [client, ...states, ...errors, client.state$, client.subscribe('a'), client.stats()];
      for (const value of all) for (const form of forms(value)) expect(form).not.toContain('secret');
      expect(states.length).toBeGreaterThan(1);
    });
  });
});
