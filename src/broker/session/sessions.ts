import { catchError, concat, defer, EMPTY, ignoreElements, of, share, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { timeOfDay } from '../../rx/clock.js';
import { ErrorCode, MqttError } from '../../errors.js';
import type { ConnectedClient } from '../access/connected-client.js';
import { type MountPoint, NO_MOUNT_POINT } from '../access/mount-point.js';
import { type Principal, UNKNOWN } from '../access/principal.js';
import { Quota } from '../access/quota.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { SubscriptionIndex } from '../routing/subscription-index.js';
import type { ClientPort } from './client-port.js';
import { DisconnectedSession } from './disconnected-session.js';
import { Drops } from './drops.js';
import { queueLimits } from './queue-limits.js';
import { Redistribution } from './redistribution.js';
import { Session } from './session.js';
import type { SessionContext } from './session-context.js';
import type { SessionInfo } from './session-info.js';
import type { SessionSnapshots } from './session-snapshots.js';
import type { OpenedSession, OpenOptions, SessionDirectory } from './session-directory.js';
import { sessionSize, willSize } from './session-size.js';
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

/** The sessions of one process. With a log, queued messages are read when their client connects. */
export class Sessions implements SessionDirectory {
  private readonly byClientId = new Map<string, Session>();
  private readonly disconnected = new Map<Session, DisconnectedSession>();
  /** Ended sessions whose log is still being read before it is deleted. */
  private readonly endings = new Map<string, { readonly session: Session; readonly done$: Observable<never> }>();
  private readonly context: SessionContext;
  private readonly quota: Quota;

  constructor(private readonly options: SessionsOptions) {
    const { limits, counters } = options;
    this.context = {
      limits,
      queue: queueLimits(limits),
      counters,
      drops: new Drops(counters),
      total: { bytes: 0 },
      sessionBytes: new Quota(limits.sessionBytes, limits.ownerShare),
      slices: new Slices(),
    };
    this.quota = new Quota(limits.sessions, limits.ownerShare);
  }

  get size(): number {
    return this.byClientId.size;
  }

  open(clientId: string, options: OpenOptions): Observable<OpenedSession> {
    return defer(() => {
      this.check(clientId, options);
      const pending = this.pending(clientId, options);
      // Start again: another connection may have been faster, or the session may have expired.
      return pending === undefined ? of(this.take(clientId, options)) : concat(pending, this.open(clientId, options));
    });
  }

  attach(session: Session, port: ClientPort): void {
    session.attach(port);
  }

  end(clientId: string): boolean {
    const session = this.byClientId.get(clientId);
    if (session === undefined) return false;
    session.expiryInterval = 0;
    session.port?.disconnect(ReasonCode.ADMINISTRATIVE_ACTION);
    // With a connection, it has ended with that.
    if (this.byClientId.get(clientId) === session) this.discard(session);
    return true;
  }

  unsubscribe(clientId: string, filter: string): boolean {
    const session = this.byClientId.get(clientId);
    const subscription = session?.subscriptions.get(filter);
    if (session === undefined || subscription === undefined) return false;
    session.unsubscribe(filter);
    this.options.subscriptions.remove(subscription);
    return true;
  }

  release(session: Session, port: ClientPort, will: WillPacket | undefined, sender?: ConnectedClient): void {
    if (session.port !== port) return;
    session.detach();
    if (session.expiryInterval <= 0) {
      this.disconnected.set(session, new DisconnectedSession(session, this.options.wills, will, sender));
      return this.discard(session);
    }
    const willDelay = (will?.properties?.willDelayInterval ?? 0) * 1000;
    const now = timeOfDay();
    session.log?.disconnected(session.expiryInterval, now, willDelay === 0 ? undefined : will, now + willDelay, sender);
    this.scheduleExpiry(session, 0, will, willDelay, sender);
  }

  /** Takes over a session of an earlier process. */
  restore(
    clientId: string,
    log: SessionLog,
    expiryInterval: number,
    owner?: Principal,
    mountPoint?: MountPoint,
  ): Session {
    const session = this.create(clientId, owner, owner === UNKNOWN ? undefined : owner, mountPoint);
    session.expiryInterval = expiryInterval;
    session.remember(log);
    return session;
  }

  /**
   * Keeps a session without a connection until its client returns or it expires; publishes its will when due.
   * @param absentFor - ms since its connection ended.
   * @param willDelay - ms from there to the will.
   */
  scheduleExpiry(
    session: Session,
    absentFor: number,
    will: WillPacket | undefined,
    willDelay: number,
    sender?: ConnectedClient,
  ): void {
    const entry = new DisconnectedSession(session, this.options.wills, will, sender);
    this.disconnected.set(session, entry);
    entry.schedule(absentFor, willDelay, () => {
      this.options.counters.expiredSessions++;
      this.discard(session);
    });
  }

  /** All sessions as they are now. */
  snapshot(snapshots: SessionSnapshots): ReadonlyMap<string, SessionInfo> {
    return snapshots.take(this.byClientId.values(), (session) => this.disconnected.get(session)?.expiresAt);
  }

  /** Drops everything and publishes nothing. */
  close(): void {
    for (const entry of this.disconnected.values()) entry.cancel();
    this.disconnected.clear();
    for (const session of this.byClientId.values()) session.close();
    this.byClientId.clear();
    for (const { session } of this.endings.values()) session.close();
    this.endings.clear();
    this.context.slices.close();
  }

  /** @throws MqttError when another principal owns the session, or when there is no room for one more. */
  private check(clientId: string, { owner = UNKNOWN, payer, will }: OpenOptions): void {
    const earlier = this.byClientId.get(clientId);
    if (earlier?.owner !== undefined && earlier.owner !== owner) {
      throw refused('it belongs to another user', ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
    }
    const hasRoom =
      earlier === undefined
        ? this.quota.hasRoomFor(payer, 1) &&
          this.context.sessionBytes.hasRoomFor(payer, sessionSize(clientId, owner) + willSize(will))
        : earlier.hasRoomForWill(will);
    if (!hasRoom) throw refused('there is no room for it', ReasonCode.QUOTA_EXCEEDED);
  }

  /** Must complete before the session can be opened; undefined when nothing must. */
  private pending(clientId: string, options: OpenOptions): Observable<never> | undefined {
    const ending = this.endings.get(clientId);
    if (ending !== undefined) return ending.done$;
    const earlier = this.byClientId.get(clientId);
    if (earlier?.log?.unread === undefined) return undefined;
    if (goesOn(earlier, options)) return earlier.load();
    this.discard(earlier);
    return this.endings.get(clientId)?.done$;
  }

  private take(clientId: string, options: OpenOptions): OpenedSession {
    const { expiryInterval, owner = UNKNOWN, payer, mountPoint = NO_MOUNT_POINT, maxQos = 2, queue } = options;
    this.byClientId.get(clientId)?.port?.disconnect(ReasonCode.SESSION_TAKEN_OVER);
    const earlier = this.byClientId.get(clientId);
    const present = earlier !== undefined && goesOn(earlier, options);
    if (earlier !== undefined && !present) this.discard(earlier);
    const session = present ? earlier : this.create(clientId, owner, payer, mountPoint);
    session.owner = owner;
    session.queue = queue ?? this.context.queue;
    session.maxQos = maxQos;
    session.keepWill(options.will);
    this.disconnected.get(session)?.cancel();
    this.disconnected.delete(session);
    session.expiryInterval = expiryInterval;
    const { logs } = this.options;
    if (logs !== undefined && session.log === undefined && expiryInterval > 0) session.remember(logs.create(clientId));
    session.log?.connected(expiryInterval, owner, mountPoint);
    return { session, present };
  }

  private create(
    clientId: string,
    owner: Principal | undefined,
    payer: string | undefined,
    mountPoint: MountPoint = NO_MOUNT_POINT,
  ): Session {
    const session = new Session(clientId, this.context, mountPoint);
    session.owner = owner;
    session.paidBy(payer);
    this.quota.add(payer, 1);
    this.byClientId.set(clientId, session);
    return session;
  }

  /** Ends a session without a connection: removes its subscriptions and publishes its will. */
  private discard(session: Session): void {
    const { clientId } = session;
    const entry = this.disconnected.get(session);
    this.disconnected.delete(session);
    entry?.cancel();
    this.byClientId.delete(clientId);
    this.quota.add(session.payer, -1);
    session.release();
    for (const subscription of session.subscriptions.values()) this.options.subscriptions.remove(subscription);
    const done$ = session.end().pipe(
      tap((orphans) => new Redistribution(orphans, this.options.dispatcher, this.context.slices).proceed()),
      ignoreElements(),
      // The log has reported the error. What could not be read stays, and is ended again by the next process.
      catchError(() => EMPTY),
      share({ resetOnRefCountZero: false }),
    );
    this.endings.set(clientId, { session, done$ });
    done$.subscribe({ complete: () => this.endings.delete(clientId) });
    entry?.publishWill();
  }
}

/** Below another mount point, nothing of a session is for its client. */
function goesOn({ mountPoint }: Session, options: OpenOptions): boolean {
  return !options.clean && mountPoint === (options.mountPoint ?? NO_MOUNT_POINT);
}

function refused(why: string, reasonCode: number): MqttError {
  return new MqttError(`the session cannot be opened: ${why}`, { code: ErrorCode.CONNECTION_REFUSED, reasonCode });
}
