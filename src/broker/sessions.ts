import { asyncScheduler, Subscription } from 'rxjs';
import type { WillPacket } from '../packet/packets.js';
import { ReasonCode } from '../packet/reason-codes.js';
import type { ByteTotal } from '../session/backlog.js';
import type { Outgoing } from '../session/outgoing.js';
import { BrokerSession } from './broker-session.js';
import type { Client } from './client.js';
import type { BrokerCounters } from './counters.js';
import { deadline } from './deadline.js';
import type { BrokerLimits } from './limits.js';
import type { SharedGroup } from './shared-group.js';
import type { Subscriptions } from './subscriptions.js';

/** What the sessions ask of the rest of the broker. */
export interface SessionsPort {
  publishWill(will: WillPacket, session: BrokerSession): void;
  /** A message was meant for a member of a shared group whose session has ended. */
  redistribute(message: Outgoing, group: SharedGroup): void;
}

/** A session without a connection: its will and its own end are still to come. */
class Absence {
  will: WillPacket | undefined = undefined;
  readonly timers = new Subscription();
}

/** The sessions by client identifier [MQTT-3.1.3-2]: opened, taken over, left, resumed and expired. */
export class Sessions {
  private readonly byClientId = new Map<string, BrokerSession>();
  private readonly absences = new Map<BrokerSession, Absence>();
  private connected = 0;
  private readonly queued: ByteTotal = { bytes: 0 };

  constructor(
    private readonly limits: BrokerLimits,
    private readonly counters: BrokerCounters,
    private readonly subscriptions: Subscriptions,
    private readonly port: SessionsPort,
  ) {}

  get size(): number {
    return this.byClientId.size;
  }

  /** Sessions with a connection. */
  get connectedSize(): number {
    return this.connected;
  }

  /** Bytes that wait in the queues of all of them. */
  get queuedBytes(): number {
    return this.queued.bytes;
  }

  get(clientId: string): BrokerSession | undefined {
    return this.byClientId.get(clientId);
  }

  has(clientId: string): boolean {
    return this.byClientId.has(clientId);
  }

  /** Whether a client with this identifier can be given a session. */
  hasRoomFor(clientId: string): boolean {
    return this.byClientId.has(clientId) || this.byClientId.size < this.limits.sessions;
  }

  /**
   * The session of a client that connects. Another connection with the same identifier is ended first [MQTT-3.1.4-3];
   * a clean start discards what there is [MQTT-3.1.2-4].
   */
  open(clientId: string, clean: boolean): { readonly session: BrokerSession; readonly present: boolean } {
    this.byClientId.get(clientId)?.client?.depart(ReasonCode.SESSION_TAKEN_OVER);
    const earlier = this.byClientId.get(clientId);
    if (earlier !== undefined) {
      if (!clean) {
        // Back in time: neither the will nor the end of the session comes [MQTT-3.1.3-9].
        this.absences.get(earlier)?.timers.unsubscribe();
        this.absences.delete(earlier);
        return { session: earlier, present: true };
      }
      this.discard(earlier);
    }
    return { session: this.revive(clientId), present: false };
  }

  /** A session that is new, or that an earlier process left. */
  revive(clientId: string): BrokerSession {
    const session = new BrokerSession(clientId, this.limits, this.counters, this.queued);
    this.byClientId.set(clientId, session);
    return session;
  }

  attach(session: BrokerSession, client: Client): void {
    this.connected++;
    session.attach(client);
  }

  /** The connection has ended: the session waits for the next one, and the will for its delay [MQTT-3.1.2-8]. */
  release(client: Client): void {
    const { session, will } = client;
    if (session.client !== client) return;
    this.connected--;
    session.detach();
    const now = asyncScheduler.now();
    const delay = will?.properties?.willDelayInterval ?? 0;
    if (session.expiryInterval <= 0) {
      const absence = new Absence();
      absence.will = will;
      this.absences.set(session, absence);
      return this.discard(session);
    }
    session.stored?.absent(session.expiryInterval, now, delay === 0 ? undefined : will, now + delay * 1000);
    this.await(session, now, will, now + delay * 1000);
  }

  /** Lets a session without a connection wait: for its client, for the end of its time, and for that of its will. */
  await(session: BrokerSession, leftAt: number, will: WillPacket | undefined, willDueAt: number): void {
    const now = asyncScheduler.now();
    const absence = new Absence();
    absence.will = will;
    this.absences.set(session, absence);
    absence.timers.add(
      deadline(Math.max(0, session.expiryInterval - (now - leftAt) / 1000)).subscribe(() => {
        this.counters.expiredSessions++;
        this.discard(session);
      }),
    );
    if (will === undefined) return;
    if (willDueAt === leftAt) this.publishWill(session, absence);
    else {
      absence.timers.add(
        deadline(Math.max(0, willDueAt - now) / 1000).subscribe(() => this.publishWill(session, absence)),
      );
    }
  }

  /** Ends a session without a connection: its will goes out at last, its subscriptions go. */
  discard(session: BrokerSession): void {
    const absence = this.absences.get(session);
    this.absences.delete(session);
    absence?.timers.unsubscribe();
    this.byClientId.delete(session.clientId);
    for (const subscription of session.subscriptions.values()) {
      this.subscriptions.remove(subscription);
      session.stored?.unsubscribed(subscription.filter);
    }
    session.subscriptions.clear();
    for (const { message, group } of session.end()) this.port.redistribute(message, group);
    if (absence !== undefined) this.publishWill(session, absence);
  }

  /** Forgets everything, and publishes nothing. */
  close(): void {
    for (const { timers } of this.absences.values()) timers.unsubscribe();
    this.absences.clear();
    for (const session of this.byClientId.values()) session.close();
    this.byClientId.clear();
  }

  private publishWill(session: BrokerSession, absence: Absence): void {
    const { will } = absence;
    absence.will = undefined;
    if (will === undefined) return;
    if (!session.ended) session.stored?.willPublished();
    this.port.publishWill(will, session);
  }
}
