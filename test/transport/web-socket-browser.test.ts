import { Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { ConnectError, ErrorCode } from '../../src/errors.js';
import { browserTransport } from '../../src/transport/browser-transport.js';
import type { Connection, ConnectTarget } from '../../src/transport/transport.js';

/** What a page sees of a WebSocket, driven by the test. */
class PageWebSocket {
  static made: PageWebSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  binaryType = 'blob';
  bufferedAmount: number | undefined = 0;
  protocol = '';
  readonly sent: Uint8Array[] = [];
  readonly closed: unknown[] = [];

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    if (protocols.includes('not a token')) throw new SyntaxError('invalid subprotocol');
    PageWebSocket.made.push(this);
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(code?: number): void {
    this.closed.push(code);
  }

  open(protocol = this.protocols[0] ?? ''): void {
    this.protocol = protocol;
    this.onopen?.();
  }

  message(data: unknown): void {
    this.onmessage?.({ data });
  }

  closeWith(code: number, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

const page = globalThis as { WebSocket?: unknown; location?: unknown };
const { WebSocket: original } = page;
let keep: Subscription;

beforeEach(() => {
  PageWebSocket.made = [];
  page.WebSocket = PageWebSocket;
  page.location = { href: 'https://page.example/app/' };
  keep = new Subscription();
});
afterEach(() => {
  keep.unsubscribe();
  page.WebSocket = original;
  delete page.location;
});

interface Dial {
  readonly socket: PageWebSocket;
  readonly events: unknown[];
  readonly connection: () => Connection;
  readonly hangUp: () => void;
}

function dial(url = 'wss://broker.example/mqtt', options: Partial<ConnectTarget> = {}): Dial {
  const events: unknown[] = [];
  let connection: Connection | undefined;
  const subscription = browserTransport({ url, subprotocol: 'mqtt', ...options }).subscribe({
    next: (opened) => (connection = opened),
    error: (error) => events.push(error),
    complete: () => events.push('complete'),
  });
  keep.add(subscription);
  const [socket] = PageWebSocket.made;
  return {
    socket: socket ?? new PageWebSocket('none', []),
    events,
    connection: () => {
      if (connection === undefined) throw new Error('the dial did not open');
      return connection;
    },
    hangUp: () => subscription.unsubscribe(),
  };
}

function open(options: Partial<ConnectTarget> = {}): Dial & { readonly seen: unknown[] } {
  const dialled = dial(undefined, options);
  dialled.socket.open();
  const seen: unknown[] = [];
  dialled.connection().incoming$.subscribe({
    next: (chunk) => seen.push([...chunk]),
    error: (error) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return { ...dialled, seen };
}

function write(connection: Connection, bytes: Uint8Array): void {
  connection.out.append(bytes);
  connection.commit();
}

describe('dialling in a browser', () => {
  test('opens the URL with its default port and without its credentials, and offers the sub-protocol', () => {
    const { socket } = dial('wss://user:secret@broker.example/mqtt?token=t');
    expect([socket.url, socket.protocols, socket.binaryType]).toEqual([
      'wss://broker.example:443/mqtt?token=t',
      ['mqtt'],
      'arraybuffer',
    ]);
  });

  test.each([
    ['https://page.example/app/', 'wss://page.example:443/mqtt'],
    ['http://page.example:8080/', 'ws://page.example:8080/mqtt'],
  ])('/mqtt on the page %s is %s', (href, url) => {
    page.location = { href };
    expect(dial('/mqtt').socket.url).toBe(url);
  });

  test('a relative URL without a page is an error', () => {
    delete page.location;
    expect(String(dial('/mqtt').events[0])).toContain('there is no page to resolve it against');
  });

  test.each(['mqtt://broker', 'mqtts://broker', 'unix:/run/mqtt.sock'])(
    '%s is refused: browsers can only open WebSockets',
    (url) => {
      const [error] = dial(url).events;
      expect(error).toBeInstanceOf(ConnectError);
      expect(error).toMatchObject({ code: ErrorCode.INVALID_OPTION });
      expect(String(error)).toContain(
        'is not supported in browsers, which can only open WebSockets; use one of ws:, wss:',
      );
    },
  );

  test('a dial that the browser fails reports the code and what to check', () => {
    const { socket, events } = dial();
    socket.closeWith(1006);
    expect(String(events[0])).toContain(
      'connecting to wss://broker.example:443/mqtt failed: the browser closed the WebSocket (1006)',
    );
  });

  test('a platform without WebSocket is an error that says so', () => {
    page.WebSocket = undefined;
    const [error] = dial().events;
    expect(error).toMatchObject({ code: ErrorCode.UNSUPPORTED_PLATFORM });
    expect(String(error)).toContain(
      'wss://broker.example:443/mqtt failed: there is no WebSocket here; give the option transport',
    );
  });

  test('an error of the constructor becomes the error', () => {
    const { events } = dial(undefined, { ws: { protocols: 'not a token' } });
    expect(String(events[0])).toContain('failed: invalid subprotocol; check the URL and ws.protocols');
  });

  test('a server that selects no sub-protocol is refused, and the socket is closed', () => {
    const { socket, events } = dial();
    socket.open('');
    expect(String(events[0])).toContain('the server selected none of the sub-protocols mqtt');
    expect(socket.closed).toHaveLength(1);
  });

  test('unsubscribing while dialling closes the socket and ignores its events', () => {
    const { socket, events, hangUp } = dial();
    hangUp();
    expect(socket.closed).toHaveLength(1);
    socket.closeWith(1006);
    socket.open();
    expect(events).toEqual([]);
  });
});

describe('a connection in a browser', () => {
  test('sends the commits of a turn as one frame', async () => {
    const { socket, connection } = open();
    write(connection(), Uint8Array.of(1));
    write(connection(), new Uint8Array(5000));
    write(connection(), Uint8Array.of(2));
    expect(socket.sent).toHaveLength(0);
    await Promise.resolve();
    expect(socket.sent.map(({ length }) => length)).toEqual([5002]);
  });

  test('delivers the bytes of binary frames, and keeps them while paused', () => {
    const { socket, connection, seen } = open();
    socket.message(Uint8Array.of(1, 2).buffer);
    connection().pause();
    socket.message(Uint8Array.of(3).buffer);
    expect(seen).toEqual([[1, 2]]);
    connection().resume();
    expect(seen).toEqual([[1, 2], [3]]);
  });

  test('[v4 MQTT-6.0.0-1] [v5 MQTT-6.0.0-1] a text frame is an error', () => {
    const { socket, seen } = open();
    socket.message('hello');
    expect(String(seen[0])).toContain('the peer sent a text frame');
    expect(socket.closed).toEqual([1000]);
  });

  test('a close with code 1000 completes, another is an error with code and reason', () => {
    const orderly = open();
    orderly.socket.closeWith(1000);
    expect(orderly.seen).toEqual(['complete']);
    PageWebSocket.made = [];
    const broken = open();
    broken.socket.closeWith(1011, 'out of memory');
    expect(String(broken.seen[0])).toContain('WebSocket closed with 1011, "out of memory"; server error: ');
  });

  test('end() flushes, closes with 1000 and completes when the peer has closed', () => {
    const { socket, connection, seen } = open();
    write(connection(), Uint8Array.of(9));
    connection().end();
    expect([socket.sent.length, socket.closed, seen]).toEqual([1, [1000], []]);
    socket.closeWith(1006);
    expect(seen).toEqual(['complete']);
  });

  test('end() completes after 2 s if the peer does not answer', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      const { connection } = dialOpen();
      cold('10ms e').subscribe(() => connection.end());
      expectObservable(connection.incoming$).toBe('2010ms |');
    });
  });

  test('is congested by bufferedAmount, and polls every 20 ms until it has drained', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      const { socket, connection } = dialOpen({ socket: { highWaterMark: 1000 } });
      socket.bufferedAmount = 1001;
      write(connection, new Uint8Array(70_000));
      expect(connection.congested).toBe(true);
      cold('50ms d').subscribe(() => (socket.bufferedAmount = 1000));
      expectObservable(connection.drained$, '100ms !').toBe('60ms d', { d: undefined });
    });
  });

  test('is not congested where the platform does not count buffered bytes', () => {
    const { socket, connection } = open({ socket: { highWaterMark: 1000 } });
    socket.bufferedAmount = undefined;
    write(connection(), new Uint8Array(70_000));
    expect(connection().congested).toBe(false);
  });

  test('leaves no timer when it is unsubscribed while congested', () => {
    const { socket, connection, hangUp } = open({ socket: { highWaterMark: 1 } });
    const made = jest.spyOn(globalThis, 'setInterval');
    const cleared = jest.spyOn(globalThis, 'clearInterval');
    socket.bufferedAmount = 2;
    write(connection(), new Uint8Array(70_000));
    hangUp();
    const timers = made.mock.results.map(({ value }: { value?: unknown }) => value);
    const ended = cleared.mock.calls.map(([timer]) => timer);
    made.mockRestore();
    cleared.mockRestore();
    expect(timers).toHaveLength(1);
    expect(ended).toEqual(timers);
  });

  function dialOpen(options: Partial<ConnectTarget> = {}): { socket: PageWebSocket; connection: Connection } {
    const { socket, connection } = dial(undefined, options);
    socket.open();
    return { socket, connection: connection() };
  }
});
