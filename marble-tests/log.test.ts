import { throwError } from 'rxjs';
import { connect, type ClientOptions, type MqttClient, type Transport } from 'rxmqtt';
import { connack, mqttTest, type MqttTest } from 'rxmqtt/testing';

const down: Transport = () => throwError(() => new Error('nothing listens there'));

describe('a client without the option log', () => {
  let warn: jest.SpyInstance<void, unknown[]>;
  beforeEach(() => {
    warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => warn.mockRestore());

  /** A client whose broker is down, for a minute; the kit's own clients are watched. */
  function unreachable(options: ClientOptions, use: (client: MqttClient) => void = () => undefined): string[] {
    mqttTest((t) => {
      const client = connect({ url: 'mqtt://me:secret@broker', transport: down, ...options });
      use(client);
      t.to('1m');
      void client.end();
    });
    return warn.mock.calls.map((call) => call.map(String).join(' '));
  }

  it('warns once, at the first attempt that fails', () => {
    const said = unreachable({});
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('nothing listens there');
    expect(said[0]).not.toContain('secret');
  });

  it.each<[string, (client: MqttClient) => void]>([
    ['state$', ({ state$ }) => void state$.subscribe()],
    ['connected$', ({ connected$ }) => void connected$.subscribe({ error: () => undefined })],
  ])('says nothing while %s is observed', (_, use) => {
    expect(unreachable({}, use)).toEqual([]);
  });

  it('warns when the last observer has left', () => {
    expect(unreachable({}, ({ state$ }) => state$.subscribe().unsubscribe())).toHaveLength(1);
  });

  it('says nothing with log: false', () => {
    expect(unreachable({ log: false })).toEqual([]);
  });

  it('says nothing of a connection that was made, and lost', () => {
    mqttTest((t) => {
      const client = connect({ url: 'mqtt://broker', clientId: 'c', transport: t.broker.transport, lazy: false });
      t.to(10);
      t.broker.line('c').cut();
      t.to(20);
      void client.end();
      t.to(30);
    });
    expect(warn.mock.calls).toEqual([]);
  });
});

describe('the option log', () => {
  it.each([true, false])(
    'may end the client as it learns of the final failure, which stays the reason: force %s',
    (force) => {
      mqttTest((t) => {
        const client: MqttClient = t.connect({ log: { error: () => void client.end({ force }) } });
        t.broker.line('client-1').refuse(0x87);
        let reason: unknown;
        client.subscribe('a').subscribe({ error: (error: Error) => (reason = error.cause) });
        t.to(10);
        expect(client.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x87 } });
        expect(reason).toMatchObject({ reasonCode: 0x87 });
      });
    },
  );

  function told(options: ClientOptions, script: (t: MqttTest) => void): string[] {
    const said: string[] = [];
    const level = (name: string) => (text: string) => said.push(`${name} ${text}`);
    mqttTest(
      (t) => {
        script(t);
        t.connect({
          log: { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') },
          ...options,
        });
        t.to('10s');
      },
      { broker: false },
    );
    return said;
  }

  it('tells attempts, connections, losses and the end, each at its level', () => {
    const said = told({ username: 'me', password: 'secret', reconnect: { maxAttempts: 2 } }, (t) => {
      t.script('A', { A: connack({ reasonCode: 0x88 }) });
      t.script('A', { A: connack() });
      t.script('A', { A: connack({ reasonCode: 0x87 }) });
      t.at(5000, () => t.broker.line('client-1').cut());
    });
    expect(said.map((text) => text.split(' ', 3).join(' '))).toEqual([
      'debug connecting to',
      'warn the broker',
      'debug connecting to',
      'info connected to',
      expect.stringMatching(/^warn /),
      'debug connecting to',
      'warn the broker',
      'error the client',
    ]);
    expect(said.join()).not.toContain('secret');
  });

  it('may lack levels, and may throw, which harms nothing', () => {
    expect(told({ log: {} }, () => undefined)).toEqual([]);
  });

  it.each<[unknown]>([[true], ['console'], [{ warn: 'loud' }]])('is refused as %j', (log) => {
    expect(() => connect('mqtt://broker', { log } as ClientOptions)).toThrow(TypeError);
  });
});

describe('connected$', () => {
  const draw = (test: (t: MqttTest) => void): void => void mqttTest(test, { broker: false });
  const C = expect.objectContaining({ status: 'connected' });

  it('emits each connected state, the present one at once, and completes with end()', () => {
    draw((t) => {
      const client = t.connect();
      t.at(10, () => t.broker.line('client-1').cut());
      t.at(2000, () => void client.end());
      t.expectObservable(client.connected$).toBe('                    --c 1009ms c 987ms |', { c: C });
      t.expectObservable(client.connected$, '-----^').toBe('-----c 1006ms c 987ms |', { c: C });
    });
  });

  it('errors with the reason when the client fails for good, for all that comes after, too', () => {
    draw((t) => {
      t.answer('connect', () => connack({ reasonCode: 0x86 }));
      const client = t.connect();
      const reason = expect.objectContaining({ name: 'ConnectError', reasonCode: 0x86 });
      t.expectObservable(client.connected$).toBe('           --#', {}, reason);
      t.expectObservable(client.connected$, '-----^').toBe('-----#', {}, reason);
    });
  });

  it('errors with the reason also after it has emitted', () => {
    draw((t) => {
      t.script('A', { A: connack() });
      t.answer('connect', () => connack({ reasonCode: 0x86 }));
      const client = t.connect();
      t.at(10, () => t.broker.line('client-1').cut());
      const reason = expect.objectContaining({ name: 'ConnectError', reasonCode: 0x86 });
      t.expectObservable(client.connected$).toBe('--c 1009ms #', { c: C }, reason);
    });
  });

  it('errors with ClosedError when the client ended before it emitted', () => {
    draw((t) => {
      const client = t.connect();
      t.at(1, () => void client.end());
      const closed = expect.objectContaining({ name: 'ClosedError' });
      t.expectObservable(client.connected$).toBe('           -#', {}, closed);
      t.expectObservable(client.connected$, '-----^').toBe('-----#', {}, closed);
    });
  });

  it('is cold: a lazy client stays idle', () => {
    draw((t) => {
      const client = t.connect({ lazy: true });
      t.expectObservable(client.connected$).toBe('');
      t.expectSent().toBe('1s', {});
    });
  });
});
