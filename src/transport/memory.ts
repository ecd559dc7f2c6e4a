import { catchError, EMPTY, Observable, of, Subject, timer } from 'rxjs';
import { ConnectError } from '../errors.js';
import { concatChunks } from './chunks.js';
import { ConnectionBase } from './connection-base.js';
import type { Connection, ConnectTarget, PeerInfo, Transport } from './transport.js';
import { displayUrl } from './url.js';

/**
 * One end of a line inside the process. A commit is delivered to the other end before it returns, as one chunk, so
 * that a marble test sees each packet in its own frame.
 */
export class MemoryConnection extends ConnectionBase {
  readonly peer: PeerInfo;
  private other: MemoryConnection | undefined = undefined;
  private hungUp = false;

  constructor(address: string) {
    super(4096);
    this.peer = { address };
  }

  /** True once either end has closed the line, or it was broken. */
  get closed(): boolean {
    return this.hungUp;
  }

  /** Makes these two the ends of one line. */
  join(other: MemoryConnection): void {
    this.other = other;
    other.other = this;
  }

  override commit(): void {
    this.flush();
  }

  override end(): void {
    if (!this.open) return this.resume();
    this.flush();
    this.hangUp(undefined);
    this.resume();
  }

  /** Breaks the line: both ends error. */
  fail(failure: ConnectError): void {
    this.hangUp(failure);
  }

  /** Plays a socket that is full, or has room again. */
  setCongested(congested: boolean): void {
    if (congested) this.congested = true;
    else this.drained();
  }

  protected send(chunks: Uint8Array[]): void {
    this.other?.received(concatChunks(chunks));
  }

  protected unsent(): number {
    return 0;
  }

  protected closeSocket(): void {
    this.hangUp(undefined);
  }

  protected destroySocket(): void {
    this.hangUp(undefined);
  }

  protected pauseSocket(): void {
    // The base keeps the chunks that come in meanwhile.
  }

  protected resumeSocket(): void {
    // Nothing was stopped.
  }

  private hangUp(failure: ConnectError | undefined): void {
    if (this.hungUp) return;
    this.hungUp = true;
    this.open = false;
    const { other } = this;
    if (other !== undefined) {
      other.hungUp = true;
      other.finish(failure);
    }
    this.finish(failure);
  }
}

/** The two ends of a new line. */
export function memoryPair(address = 'memory'): [client: MemoryConnection, server: MemoryConnection] {
  const client = new MemoryConnection(address);
  const server = new MemoryConnection(address);
  client.join(server);
  return [client, server];
}

/** What a test holds of a connection that a client dialled: the other end of the line. */
export class MemoryPeer {
  /**
   * The bytes from the client; for one observer. Completes when the line is gone, also after {@link fail}, which is no
   * news to the side that called it; `connection.incoming$` errors then.
   */
  readonly incoming$: Observable<Uint8Array>;

  constructor(
    /** The URL that was dialled. */
    readonly url: string,
    /** Our end as a connection, for a broker to serve. */
    readonly connection: MemoryConnection,
    private readonly client: MemoryConnection,
    /** What else the client asked for. */
    readonly target: ConnectTarget,
  ) {
    this.incoming$ = connection.incoming$.pipe(catchError(() => EMPTY));
  }

  /** True once either side has closed, or the line was broken. */
  get closed(): boolean {
    return this.connection.closed;
  }

  /** Delivers bytes to the client at once, as one chunk. */
  write(bytes: Uint8Array): void {
    this.connection.out.append(bytes);
    this.connection.commit();
  }

  /** Closes the line in order: `incoming$` completes on both sides. */
  end(): void {
    this.connection.end();
  }

  /** Breaks the line: the client's `incoming$` errors, with this error or with a `ConnectError` around it. */
  fail(cause?: unknown): void {
    const message = `connection to ${displayUrl(this.url)} lost: the line broke; it was broken on purpose`;
    this.connection.fail(cause instanceof ConnectError ? cause : new ConnectError(message, { cause }));
  }

  /** Makes the client's socket look full, or as if it had room again. */
  setCongested(congested: boolean): void {
    this.client.setCongested(congested);
  }
}

export interface MemoryOptions {
  /** Time that a dial takes, in ms. Default: it is open before `subscribe` returns. */
  readonly delay?: number;
  /** Refuse the dial, given its number (from 1) and its URL: true, or the error to refuse it with. */
  readonly refuse?: boolean | ((attempt: number, url: string) => boolean | ConnectError);
}

export interface MemoryTransport {
  readonly transport: Transport;
  /** The other end of each connection, just before the client gets its own; hot. */
  readonly connections$: Observable<MemoryPeer>;
}

/** A transport inside the process, for tests and for brokers that are embedded beside their clients. */
export function memory(options: MemoryOptions = {}): MemoryTransport {
  const connections = new Subject<MemoryPeer>();
  let attempts = 0;

  const transport: Transport = (target) =>
    new Observable<Connection>((subscriber) => {
      const attempt = ++attempts;
      const [client, server] = memoryPair(displayUrl(target.url));
      subscriber.add(() => client.destroy());
      const opening = options.delay === undefined ? of(0) : timer(options.delay);
      subscriber.add(
        opening.subscribe(() => {
          const failure = refusal(options, attempt, target.url);
          if (failure !== undefined) {
            subscriber.error(failure);
            return;
          }
          connections.next(new MemoryPeer(target.url, server, client, target));
          subscriber.next(client);
        }),
      );
    });

  return { transport, connections$: connections.asObservable() };
}

function refusal(options: MemoryOptions, attempt: number, url: string): ConnectError | undefined {
  const answer = typeof options.refuse === 'function' ? options.refuse(attempt, url) : options.refuse;
  if (answer === undefined || answer === false) return undefined;
  if (answer !== true) return answer;
  return new ConnectError(`connecting to ${displayUrl(url)} failed: connection refused; is a broker listening there?`);
}
