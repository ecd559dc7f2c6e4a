import { catchError, EMPTY, Observable, of, Subject } from 'rxjs';
import { ConnectError } from '../errors.js';
import { safeTimer } from '../rx/safe-timer.js';
import { concatChunks } from '../bytes.js';
import { ConnectionBase } from './connection-base.js';
import type { Connection, ConnectTarget, PeerInfo, Transport } from './transport.js';
import { displayUrl } from './url.js';

/**
 * One end of an in-process connection. A commit reaches the other end before it returns, as one chunk, so that a marble
 * test sees each packet in its own frame.
 */
export class MemoryConnection extends ConnectionBase {
  readonly peer: PeerInfo;
  private other: MemoryConnection | undefined = undefined;
  private hungUp = false;

  constructor(address: string) {
    super({ blockSize: 4096 });
    this.peer = { address };
  }

  /** True once either end has closed, or the line was broken. */
  get closed(): boolean {
    return this.hungUp;
  }

  /** Connects the two ends. */
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

  /** Simulates a full socket, or one that has drained. */
  setCongested(congested: boolean): void {
    if (congested) this.congested = true;
    else this.drained();
  }

  protected send(chunks: Uint8Array[]): void {
    this.other?.received(concatChunks(chunks));
  }

  unsent(): number {
    return 0;
  }

  protected closeSocket(): void {
    this.hangUp(undefined);
  }

  protected destroySocket(): void {
    this.hangUp(undefined);
  }

  protected pauseSocket(): void {
    // The base class keeps the chunks that arrive meanwhile.
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

/** Creates two connected ends. */
export function memoryPair(address = 'memory'): [client: MemoryConnection, server: MemoryConnection] {
  const client = new MemoryConnection(address);
  const server = new MemoryConnection(address);
  client.join(server);
  return [client, server];
}

/** A test's end of a connection that a client dialled. */
export class MemoryPeer {
  /**
   * The bytes from the client; for one observer. Completes when the line is gone, even after {@link fail}, which the
   * caller knows about; `connection.incoming$` errors then.
   */
  readonly incoming$: Observable<Uint8Array>;

  constructor(
    /** The dialled URL. */
    readonly url: string,
    /** Our end as a connection, for a broker to serve. */
    readonly connection: MemoryConnection,
    private readonly client: MemoryConnection,
    /** The client's other dial options. */
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

  /** Closes in order: `incoming$` completes on both sides. */
  end(): void {
    this.connection.end();
  }

  /** Breaks the line: the client's `incoming$` errors, with this error or with a `ConnectError` that wraps it. */
  fail(cause?: unknown): void {
    const message = `connection to ${displayUrl(this.url)} lost: the line broke; it was broken on purpose`;
    this.connection.fail(cause instanceof ConnectError ? cause : new ConnectError(message, { cause }));
  }

  /** Makes the client's socket congested, or lets it drain. */
  setCongested(congested: boolean): void {
    this.client.setCongested(congested);
  }
}

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** How long a dial takes, in ms. By default the connection opens before `subscribe` returns. */
  readonly delay?: number;
  /** Whether to refuse a dial, given its number (from 1) and URL: true, or the error to refuse it with. */
  readonly refuse?: boolean | ((attempt: number, url: string) => boolean | ConnectError);
}

/** An in-process transport, and the other ends of its connections; made by {@link memory}. */
export interface MemoryTransport {
  /** The option `transport` of a client. */
  readonly transport: Transport;
  /** The other end of each connection, emitted just before the client gets its own; hot. */
  readonly connections$: Observable<MemoryPeer>;
}

/** An in-process transport, for tests and for a broker embedded beside its clients. */
export function memory(options: MemoryOptions = {}): MemoryTransport {
  const connections = new Subject<MemoryPeer>();
  let attempts = 0;

  const transport: Transport = (target) =>
    new Observable<Connection>((subscriber) => {
      const attempt = ++attempts;
      const [client, server] = memoryPair(displayUrl(target.url));
      subscriber.add(() => client.destroy());
      const opening = options.delay === undefined ? of(0) : safeTimer(options.delay);
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
