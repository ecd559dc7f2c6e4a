import { Observable, Subject, type Subscriber, type Subscription } from 'rxjs';
import { ConnectError, ErrorCode } from '../errors.js';
import { WriteBuffer } from '../packet/write-buffer.js';
import { elapsed } from '../rx/clock.js';
import { safeInterval } from '../rx/safe-interval.js';
import type { AcceptedConnection, PeerInfo } from './transport.js';
import type { Flushing, Writes } from './writes.js';

/** Limits the size of a WebSocket frame, unless one packet is larger. */
const FLUSH_AT = 64 * 1024;

/**
 * How many bytes may be written to a congested socket before reading pauses. No messages are sent on a congested
 * socket, so these bytes are answers to the peer's own packets, which it does not read. The answers to 65 535 packet
 * identifiers are fewer bytes than this, so two peers cannot both stop reading and wait for each other.
 */
const MOST_UNREAD = 512 * 1024;

/** How long to wait for the peer to close after us, in ms, while it accepts none of the unsent bytes. */
const CLOSE_TIMEOUT = 2000;

/**
 * The common part of all connections: one write per turn, one observer of the chunks, terminal events that never
 * overtake data, and an orderly end that cannot hang. A subclass provides the socket.
 */
export abstract class ConnectionBase implements AcceptedConnection, Flushing {
  abstract readonly peer: PeerInfo;
  readonly out: WriteBuffer;
  congested = false;
  protected closeTimeout = CLOSE_TIMEOUT;
  /** A commit with this many bytes writes at once instead of at the end of the turn. */
  protected flushAt = FLUSH_AT;
  lastSent: number;
  lastReceived: number;
  acceptedAt: number;
  mostHeld = Infinity;
  overTcp = false;
  /** `end()` was called. */
  protected ended = false;
  /** The socket still accepts bytes. */
  protected open = true;
  private observer: Subscriber<Uint8Array> | undefined = undefined;
  private readonly waiting: Uint8Array[] = [];
  private paused = false;
  /** Bytes written since the socket became congested. */
  private unread = 0;
  /** Reading is paused until the socket has drained; see {@link MOST_UNREAD}. */
  private choked = false;
  private delivering = false;
  private flushScheduled = false;
  private finished = false;
  private failure: ConnectError | undefined = undefined;
  private gone = false;
  private closing: Subscription | undefined = undefined;
  private drains: Subject<void> | undefined = undefined;
  // Not `schedule`: `of(connection)` would take it for a scheduler.
  readonly scheduleFlush: (flushing: Flushing) => void;

  constructor({ blockSize, schedule = atEndOfMicrotasks }: Writes = {}) {
    this.out = new WriteBuffer(blockSize);
    this.scheduleFlush = schedule;
    this.lastSent = elapsed();
    this.lastReceived = this.lastSent;
    this.acceptedAt = this.lastSent;
  }

  // Made when they are subscribed to: a broker has thousands of connections, which need them once or never.
  get incoming$(): Observable<Uint8Array> {
    return new Observable((subscriber) => this.attach(subscriber));
  }

  get drained$(): Observable<void> {
    this.drains ??= new Subject();
    if (this.finished) this.drains.complete();
    return this.drains.asObservable();
  }

  commit(): void {
    if (this.out.length >= this.flushAt || !this.open) {
      this.flush();
      return;
    }
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    this.scheduleFlush(this);
  }

  flushCommitted(): void {
    this.flushScheduled = false;
    this.flush();
  }

  end(): void {
    if (this.ended) return;
    // The peer closed first; a reader that paused must see that now.
    if (!this.open) return this.resume();
    this.flush();
    this.ended = true;
    this.open = false;
    this.closeAfterUnsent();
    this.closeSocket();
    // Keep reading, to see the peer close.
    this.paused = false;
    this.choked = false;
    this.deliver();
    this.resumeSocket();
  }

  pause(): void {
    if (this.paused || this.ended) return;
    this.paused = true;
    this.pauseSocket();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.readOn();
  }

  destroy(): void {
    this.released();
    this.waiting.length = 0;
    this.destroySocket();
    this.finish();
  }

  /** Writes chunks to the socket, in order, as one write. */
  protected abstract send(chunks: Uint8Array[]): void;
  /** Bytes buffered in the socket. */
  abstract unsent(): number;

  inWrite(): number {
    return 0;
  }

  /** Closes our side after the buffered bytes. */
  protected abstract closeSocket(): void;
  /** Destroys the socket at once; may be called repeatedly. */
  protected abstract destroySocket(): void;
  protected abstract pauseSocket(): void;
  protected abstract resumeSocket(): void;

  protected flush(): void {
    const chunks = this.out.take();
    if (chunks.length === 0 || !this.open) return;
    this.lastSent = elapsed();
    if (this.congested) this.chokeAbove(chunks);
    this.send(chunks);
  }

  protected drained(): void {
    if (!this.congested) return;
    this.congested = false;
    this.unread = 0;
    this.drains?.next();
    if (!this.choked) return;
    this.choked = false;
    this.readOn();
  }

  /** Records a sign of life from the peer. */
  protected heard(): void {
    this.lastReceived = elapsed();
  }

  protected received(chunk: Uint8Array): void {
    this.heard();
    if (this.finished || (this.ended && this.observer === undefined)) return;
    const { observer } = this;
    if (observer === undefined || this.isStopped || this.delivering || this.waiting.length > 0) {
      this.waiting.push(chunk);
      this.deliver();
      return;
    }
    // The common case: nothing waits, and a list that never held anything takes no memory.
    this.delivering = true;
    try {
      observer.next(chunk);
    } finally {
      this.delivering = false;
    }
    if (this.finished || this.waiting.length > 0) this.deliver();
  }

  /** No more data will arrive: the connection closed in order or broke. The first call counts. */
  protected finish(failure?: ConnectError): void {
    if (this.finished) return;
    this.finished = true;
    this.failure = failure;
    this.open = false;
    this.deliver();
    this.drains?.complete();
  }

  /** Destroys the socket unless it closes by itself; waits as long as the peer keeps accepting bytes. */
  protected closeAfterUnsent(): void {
    if (this.closing !== undefined || this.gone) return;
    let [unsent, inWrite] = [this.unsent(), this.inWrite()];
    this.closing = safeInterval(this.closeTimeout).subscribe(() => {
      // Nothing is added any more: a difference is what was taken.
      if (this.unsent() === unsent && this.inWrite() === inWrite) return this.destroy();
      [unsent, inWrite] = [this.unsent(), this.inWrite()];
    });
  }

  /** The socket is gone. */
  protected released(): void {
    this.open = false;
    this.gone = true;
    this.closing?.unsubscribe();
  }

  private attach(subscriber: Subscriber<Uint8Array>): (() => void) | undefined {
    if (this.observer !== undefined) {
      const message = 'subscribing to the bytes of a connection failed: it already has an observer; share() that one';
      subscriber.error(new ConnectError(message, { code: ErrorCode.INVALID_OPTION }));
      return undefined;
    }
    this.observer = subscriber;
    subscriber.add(() => {
      this.observer = undefined;
      if (!this.ended) this.pauseSocket();
    });
    this.deliver();
    if (!this.isStopped && !subscriber.closed) this.resumeSocket();
    return undefined;
  }

  /** Reading is paused, by the observer or because the peer does not read. */
  private get isStopped(): boolean {
    return this.paused || this.choked;
  }

  private readOn(): void {
    if (this.observer === undefined) return;
    this.deliver();
    if (!this.isStopped) this.resumeSocket();
  }

  private chokeAbove(chunks: readonly Uint8Array[]): void {
    for (const { length } of chunks) this.unread += length;
    if (this.unread <= MOST_UNREAD || this.choked) return;
    this.choked = true;
    this.pauseSocket();
  }

  /**
   * A chunk that arrives while the observer handles another one (a peer in the same process answers) waits its turn.
   */
  private deliver(): void {
    if (this.delivering) return;
    this.delivering = true;
    try {
      while (this.observer !== undefined && !this.isStopped) {
        const chunk = this.waiting.shift();
        if (chunk === undefined) break;
        this.observer.next(chunk);
      }
    } finally {
      this.delivering = false;
    }
    if (!this.finished || this.waiting.length > 0 || this.observer === undefined) return;
    if (this.failure === undefined) this.observer.complete();
    else this.observer.error(this.failure);
  }
}

function atEndOfMicrotasks(flushing: Flushing): void {
  queueMicrotask(() => flushing.flushCommitted());
}
