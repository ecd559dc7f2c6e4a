import { connect as connectInBrowser } from '../../src/browser.js';
import { connect } from '../../src/index.js';
import type { ClientOptions, MqttClient } from '../../src/common.js';

/** The error of a call that must not make a client. */
function refusal(call: () => { end: () => Promise<void> }): Error {
  try {
    void call().end();
  } catch (error) {
    return error as Error;
  }
  throw new Error('a client was made');
}

describe('connect refuses an address that no attempt can reach, with a TypeError', () => {
  it.each([
    ['localhost', 'did you mean mqtt://localhost?'],
    ['localhost:1883', 'did you mean mqtt://localhost:1883?'],
    ['127.0.0.1:1883', 'did you mean mqtt://127.0.0.1:1883?'],
    ['[::1]:1883', 'did you mean mqtt://[::1]:1883?'],
    ['//broker.example', 'did you mean mqtt://broker.example?'],
    ['mqtt:broker.example', 'did you mean mqtt://broker.example?'],
    ['mqtts//broker.example', 'did you mean mqtts://broker.example?'],
    ['https://broker.example/mqtt', 'did you mean wss://broker.example/mqtt?'],
    ['http://broker.example', 'did you mean ws://broker.example?'],
    ['amqp://broker.example', 'use one of mqtt:'],
    ['mqtt://', 'no host'],
    ['mqtt://host:99999', 'not a URL'],
    ['/mqtt', 'use one of mqtt:'],
    ['', 'the URL is empty'],
    [' ', 'the URL is empty'],
  ])('on Node: %j', (url, hint) => {
    const error = refusal(() => connect(url));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(hint);
    expect(refusal(() => connect({ url })).message).toBe(error.message);
    expect(refusal(() => connect({ servers: [url, url] })).message).toBe(error.message);
  });

  it.each([
    ['mqtt://broker.example', 'browsers, which can only open WebSockets; did you mean ws://broker.example?'],
    ['mqtts://broker.example:8883', 'did you mean wss://broker.example:8883?'],
    ['https://broker.example/mqtt', 'did you mean wss://broker.example/mqtt?'],
    ['localhost', 'did you mean ws://localhost?'],
    ['localhost:8083/mqtt', 'did you mean ws://localhost:8083/mqtt?'],
    ['broker.example/mqtt', 'did you mean ws://broker.example/mqtt?'],
    ['', 'the URL is empty'],
  ])('in browsers: %j', (url, hint) => {
    const error = refusal(() => connectInBrowser(url));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(hint);
  });

  it.each(['https://me:secret@broker.example/mqtt?token=secret', 'me:secret@broker.example', 'mqtt://me:secret@'])(
    'without the secrets of %s',
    (url) => {
      for (const call of [connect, connectInBrowser]) {
        const error = refusal(() => call(url));
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).not.toContain('secret');
      }
    },
  );

  it.each<[string, unknown[]]>([
    ['undefined', [undefined]],
    ['null', [null]],
    ['a number', [1883]],
    ['undefined with options', [undefined, {}]],
    ['url: a number', [{ url: 1883 }]],
    ['url: null', [{ url: null }]],
    ['url: an object', [{ url: { host: 'x' } }]],
    ['url: undefined', [{ url: undefined }]],
    ['servers: a text', [{ servers: 'mqtt://a' }]],
    ['servers: nothing in it', [{ servers: [] }]],
    ['servers: undefined in it', [{ servers: [undefined] }]],
    ['servers: a number in it', [{ servers: ['mqtt://a', 1883] }]],
  ])('what is no address at all: %s', (_, given) => {
    const error = refusal(() => Reflect.apply(connect, undefined, given) as MqttClient);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^connect: /);
    expect(error.message).not.toMatch(/cannot read/i);
  });
});

describe('connect makes a client', () => {
  const lazy = { lazy: true } as const;

  it.each<[string, ClientOptions]>([
    ['where beforeConnect may bring another address', { url: 'localhost', beforeConnect: () => ({ url: 'mqtt://x' }) }],
    ['where another of the servers can be dialled', { servers: ['localhost', 'mqtt://localhost'] }],
    [
      'where a transport of the application makes something of the address',
      { url: 'serial', transport: () => [] as never },
    ],
  ])('%s', async (_, options) => {
    await connect({ ...lazy, ...options }).end();
  });

  it.each(['/mqtt', './mqtt', 'mqtt', '//broker.example/mqtt', '?x=1', 'ws://localhost', 'WSS://localhost'])(
    'in browsers for %s',
    async (url) => {
      await connectInBrowser(url, lazy).end();
    },
  );

  it.each([
    'mqtt://localhost',
    'MQTT://LOCALHOST',
    'unix:/run/mqtt.sock',
    'ws+unix:/run/mqtt.sock:/mqtt',
    'tcp://[fe80::1%eth0]',
  ])('on Node for %s', async (url) => {
    await connect(url, lazy).end();
  });
});

describe('a key that cannot be used', () => {
  it.each<[string, NonNullable<ClientOptions['tls']>]>([
    ['is no key', { key: 'not a key', cert: 'nor a certificate' }],
    ['is no authority', { ca: './ca.crt' }],
    ['is broken', { key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }],
  ])('ends the client at the first attempt: %s', async (_, tls) => {
    const client = connect('mqtts://127.0.0.1:1', { tls, log: false });
    const states: string[] = [];
    await new Promise<void>((resolve) =>
      client.state$.subscribe({ next: ({ status }) => states.push(status), complete: resolve }),
    );
    expect(states).toEqual(['idle', 'connecting', 'ended']);
    expect(client.state).toMatchObject({ reason: { code: 'INVALID_OPTION' } });
  });
});
