import { asyncScheduler, catchError, concat, defer, EMPTY, ignoreElements, of, share, Subscription, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { PublishPacket } from '../../packet/publish-packet.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { SubscriptionIndex } from '../routing/subscription-index.js';
import type { ClientPort } from './client-port.js';
import type { Orphan, SessionContext } from './client-queue.js';
import { deadline } from './deadline.js';
import { Drops } from './drops.js';
import { Session } from './session.js';
import type { OpenedSession, OpenOptions, SessionDirectory } from './session-directory.js';
import type { SessionLog, SessionLogs } from './session-log.js';
import { Slices } from './slices.js';
import type { WillPublisher } from './will-publisher.js';

export interface SessionsOptions {
  readonly limits: BrokerLimits;
  readonly counters: BrokerCounters;
  readonly subscriptions: SubscriptionIndex;
  readonly dispatcher: Dispatcher;
  readonly wills: WillPublisher;
  /** Remembers sessions beyond the process. Default: nothing does. */
  readonly logs?: SessionLogs | undefined;
}

/** A session without a connection, with its pending will and expiry. */
class DisconnectedSession {
  readonly timers = new Subscription();

  constructor(public will: WillPacket | undefined) {}
}

/** The sessions of one process. With a log, queued messages are read when their client connects. */
export class Sessions implements SessionDirectory {
  private readonly byClientId = new Map<string, Session>();
  private readonly disconnected = new Map<Session, DisconnectedSession>();
  /** Ended sessions whose log is still being read before it is deleted. */
  private readonly endings = new Map<string, { readonly session: Session; readonly done$: Observable<never> }>();
  private readonly context: SessionContext;

  constructor(private readonly options: SessionsOptions) {
    const { limits, counters } = options;
    const { queuedMessages: maxMessages, queuedBytes: maxBytes } = limits;
    this.context = {
      limits,
      outboxLimits: { maxMessages, maxBytes, overflow: 'drop-newest' },
      counters,
      drops: new Drops(counters),
      total: { bytes: 0 },
      slices: new Slices(),
    };
  }

  get size(): number {
    return this.byClientId.size;
  }

  hasRoomFor(clientId: string): boolean {
    return this.byClientId.has(clientId) || this.byClientId.size < this.options.limits.sessions;
  }

  open(clientId: string, options: OpenOptions): Observable<OpenedSession> {
    return defer(() => {
      const pending = this.pending(clientId, options);
      // Start again: another connection may have been faster, or the session may have expired.
      return pending === undefined ? of(this.take(clientId, options)) : concat(pending, this.open(clientId, options));
    });
  }

  attach(session: Session, port: ClientPort): void {
    session.attach(port);
  }

  release(session: Session, port: ClientPort, will: WillPacket | undefined): void {
    if (session.port !== port) return;
    session.detach();
    const now = asyncScheduler.now();
    if (session.expiryInterval <= 0) {
      this.disconnected.set(session, new DisconnectedSession(will));
      return this.discard(session);
    }
    const dueAt = now + (will?.properties?.willDelayInterval ?? 0) * 1000;
    session.log?.disconnected(session.expiryInterval, now, dueAt === now ? undefined : will, dueAt);
    this.scheduleExpiry(session, now, will, dueAt);
  }

  /** Takes over a session of an earlier process. */
  restore(clientId: string, log: SessionLog, expiryInterval: number): Session {
    const session = this.create(clientId);
    session.expiryInterval = expiryInterval;
    session.remember(log);
    return session;
  }

  /** Keeps a session without a connection until its client returns or it expires; publishes its will when due. */
  scheduleExpiry(session: Session, leftAt: number, will: WillPacket | undefined, willDueAt: number): void {
    const now = asyncScheduler.now();
    const entry = new DisconnectedSession(will);
    this.disconnected.set(session, entry);
    entry.timers.add(
      deadline(Math.max(0, session.expiryInterval - (now - leftAt) / 1000)).subscribe(() => {
        this.options.counters.expiredSessions++;
        this.discard(session);
      }),
    );
    if (will === undefined) return;
    if (willDueAt === leftAt) this.publishWill(session, entry);
    else {
      entry.timers.add(deadline(Math.max(0, willDueAt - now) / 1000).subscribe(() => this.publishWill(session, entry)));
    }
  }

  /** Drops everything and publishes nothing. */
  close(): void {
    for (const { timers } of this.disconnected.values()) timers.unsubscribe();
    this.disconnected.clear();
    for (const session of this.byClientId.values()) session.close();
    this.byClientId.clear();
    for (const { session } of this.endings.values()) session.close();
    this.endings.clear();
    this.context.slices.close();
  }

  /** What must complete before the session can be opened; undefined when nothing must. */
  private pending(clientId: string, { clean }: OpenOptions): Observable<never> | undefined {
    const ending = this.endings.get(clientId);
    if (ending !== undefined) return ending.done$;
    const earlier = this.byClientId.get(clientId);
    if (earlier?.log?.unread === undefined) return undefined;
    if (!clean) return earlier.load();
    this.discard(earlier);
    return this.endings.get(clientId)?.done$;
  }

  private take(clientId: string, { clean, expiryInterval }: OpenOptions): OpenedSession {
    this.byClientId.get(clientId)?.port?.disconnect(ReasonCode.SESSION_TAKEN_OVER);
    const earlier = this.byClientId.get(clientId);
    if (earlier !== undefined && clean) this.discard(earlier);
    const present = earlier !== undefined && !clean;
    const session = present ? earlier : this.create(clientId);
    // The client is back in time: its will and the expiry are canceled [MQTT-3.1.3-9].
    this.disconnected.get(session)?.timers.unsubscribe();
    this.disconnected.delete(session);
    session.expiryInterval = expiryInterval;
    const { logs } = this.options;
    if (logs !== undefined && session.log === undefined && expiryInterval > 0) session.remember(logs.create(clientId));
    session.log?.connected(expiryInterval);
    return { session, present };
  }

  private create(clientId: string): Session {
    const session = new Session(clientId, this.context);
    this.byClientId.set(clientId, session);
    return session;
  }

  /** Ends a session without a connection: removes its subscriptions and publishes its will. */
  private discard(session: Session): void {
    const { clientId } = session;
    const entry = this.disconnected.get(session);
    this.disconnected.delete(session);
    entry?.timers.unsubscribe();
    this.byClientId.delete(clientId);
    for (const subscription of session.subscriptions.values()) this.options.subscriptions.remove(subscription);
    const done$ = session.end().pipe(
      tap((orphans) => this.redistribute(orphans)),
      ignoreElements(),
      // The log has reported the error. What could not be read stays, and is ended again by the next process.
      catchError(() => EMPTY),
      share({ resetOnRefCountZero: false }),
    );
    this.endings.set(clientId, { session, done$ });
    done$.subscribe({ complete: () => this.endings.delete(clientId) });
    if (entry !== undefined) this.publishWill(session, entry);
  }

  private redistribute(orphans: readonly Orphan[]): void {
    for (const { message, group } of orphans) {
      const { topic, payload, qos, retain, properties, acceptedAt } = message;
      const again = new PublishPacket(topic, payload, qos, retain, false, 0, properties);
      this.options.dispatcher.redistribute(again, acceptedAt, group);
    }
  }

  private publishWill(session: Session, entry: DisconnectedSession): void {
    const { will } = entry;
    entry.will = undefined;
    if (will === undefined) return;
    session.log?.willPublished();
    this.options.wills.publish(will, session);
  }
}
