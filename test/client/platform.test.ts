import type { connect } from '../../src/browser.js';
import type { ClientOptions } from '../../src/client/client-options.js';
import { ConnectError, ErrorCode } from '../../src/errors.js';
import { memory } from '../../src/transport/memory.js';

/** A client with the globals of another platform, as the modules find them when they are loaded there. */
function connectOn(globals: Record<string, unknown>, options: ClientOptions = {}): unknown {
  const kept = new Map(Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  try {
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
    }
    let thrown: unknown;
    jest.isolateModules(() => {
      const face = require('../../src/browser') as { readonly connect: typeof connect };
      try {
        face.connect('wss://broker.example/mqtt', { lazy: true, ...options });
      } catch (error) {
        thrown = error;
      }
    });
    return thrown;
  } finally {
    for (const [name, descriptor] of kept) {
      Reflect.deleteProperty(globalThis, name);
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

/** The URL of React Native, which reads http alone. */
class HttpUrl {
  readonly host: string;
  constructor(url: string) {
    this.host = /^https?:\/\/([^:/?#]+)/.exec(url)?.[1] ?? '';
  }
}
/** That of its earlier versions. */
class UnfinishedUrl {
  get host(): string {
    throw new Error('URL.host is not implemented');
  }
}

const BARE = { Buffer: undefined, TextDecoder: undefined, URL: HttpUrl, crypto: undefined };

describe('a client on a platform that lacks what it needs', () => {
  it('is refused with one error that names everything that is missing, and what brings it', () => {
    const error = connectOn(BARE);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({
      code: ErrorCode.UNSUPPORTED_PLATFORM,
      message:
        "connect: this platform lacks TextDecoder (import 'fast-text-encoding'), URL (import 'react-native-url-polyfill/auto'), " +
        "crypto.getRandomValues (import 'react-native-get-random-values', or give a clientId); import it first",
    });
  });

  it.each([
    ['TextDecoder and TextEncoder', { Buffer: undefined, TextDecoder: undefined, TextEncoder: undefined }],
    ['URL', { URL: undefined }],
    ['URL', { URL: UnfinishedUrl }],
    ['crypto.getRandomValues', { crypto: undefined }],
    ['crypto.getRandomValues', { crypto: {} }],
  ])('names %s', (names, globals) => {
    const { message } = connectOn(globals) as Error;
    for (const name of names.split(' and ')) expect(message).toContain(`${name} (import '`);
    expect(message.match(/\(import/g)).toHaveLength(names.split(' and ').length);
  });

  it('needs no random values for a clientId of the application', () => {
    expect(connectOn({ crypto: undefined }, { clientId: 'hall-7' })).toBeUndefined();
  });

  it('needs the rest with a transport of the application, too', () => {
    expect((connectOn(BARE, { transport: memory().transport }) as Error).message).toMatch(/lacks TextDecoder/);
  });
});
