import { defer, ignoreElements, tap, type Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { fromTimeOfDay, timeOfDay } from '../../rx/clock.js';
import { decodeBody, type MessageBody } from '../../session/message-record.js';
import { decodeJson } from '../../session/sealed-record.js';
import type { StoreRecord } from '../../session/store.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { RetainedMessages } from '../routing/retained-messages.js';
import type { SubscriptionIndex } from '../routing/subscription-index.js';
import { Subscription } from '../routing/subscription.js';
import type { Session } from '../session/session.js';
import type { WillSender } from '../session/session-log.js';
import type { Sessions } from '../session/sessions.js';
import type { BrokerStorage } from './broker-storage.js';
import { RETAINED, SESSIONS } from './keys.js';
import { openLayout } from './open-layout.js';
import type { RecordJournal } from './record-journal.js';
import { byClientId, storeFailed, type SessionRecord, type SubscriptionRecord } from './records.js';

/** The fields of a will's sender that earlier versions did not store. */
const UNKNOWN_SENDER = { mountPoint: '', maxQos: 2, expiresAt: undefined, data: undefined } as const;

/** Where the restored sessions and messages go. */
export interface RestoreTarget {
  readonly limits: BrokerLimits;
  readonly retained: RetainedMessages;
  readonly subscriptions: SubscriptionIndex;
  readonly sessions: Sessions;
}

/**
 * Restores what must be known before the first client connects: retained messages, and sessions with their
 * subscriptions, wills and times. Damaged records are set aside and reported. Completes when everything is restored;
 * errors with an `MqttError` of code `STORE`.
 */
export function restoreSessions(storage: BrokerStorage, target: RestoreTarget): Observable<never> {
  return defer(() => load(storage.journal)).pipe(
    tap(({ retained, sessions }) => {
      const restore = new Restore(storage, target);
      for (const record of retained) restore.retained(record);
      for (const [clientId, records] of byClientId(sessions, SESSIONS)) restore.session(clientId, records);
    }),
    ignoreElements(),
  );
}

interface LoadedRecords {
  readonly retained: readonly StoreRecord[];
  readonly sessions: readonly StoreRecord[];
}

async function load(journal: RecordJournal): Promise<LoadedRecords> {
  try {
    await openLayout(journal);
    return { retained: await journal.store.load(RETAINED), sessions: await journal.store.load(SESSIONS) };
  } catch (cause) {
    throw storeFailed('read', cause);
  }
}

class Restore {
  private readonly now = timeOfDay();

  constructor(
    private readonly storage: BrokerStorage,
    private readonly target: RestoreTarget,
  ) {}

  retained(record: StoreRecord): void {
    const body = this.storage.journal.reader.read(record, decodeBody);
    if (body !== undefined) this.target.retained.restore({ ...body, storedAt: fromTimeOfDay(body.acceptedAt) });
  }

  session(clientId: string, records: ReadonlyMap<string, StoreRecord>): void {
    const { reader } = this.storage.journal;
    const { sessions, limits } = this.target;
    const described = records.get('m');
    // When a session's own record is lost, the rest is kept for the longest expiry.
    const record = (described && reader.read(described, decodeJson<SessionRecord>)) ?? {
      owner: undefined,
      mountPoint: undefined,
      expiryInterval: -1,
      leftAt: -1,
      messages: 0,
      bytes: 0,
    };
    const interval = record.expiryInterval < 0 ? Infinity : record.expiryInterval;
    const log = this.storage.restore(clientId, record);
    const session = sessions.restore(
      clientId,
      log,
      Math.min(interval, limits.sessionExpiry),
      record.owner,
      record.mountPoint,
    );
    this.subscriptions(session, records);
    // It was connected when the process died: its connection ended now at the latest.
    let leftAt = record.leftAt < 0 ? this.now : record.leftAt;
    if (interval > session.expiryInterval) {
      // The limit is news to it, and must not end what was to stay: its time begins now.
      leftAt = this.now;
      log.disconnected(session.expiryInterval, leftAt, undefined, 0, undefined);
    }
    const willRecord = records.get('w');
    const will = willRecord && reader.read(willRecord, decodeBody);
    // A clock that was set back in between makes nothing live longer than it may.
    const absentFor = Math.max(0, this.now - leftAt);
    const senderRecord = records.get('c');
    const known = senderRecord && reader.read(senderRecord, decodeJson<WillSender>);
    const sender = known && { ...UNKNOWN_SENDER, ...known };
    sessions.scheduleExpiry(
      session,
      absentFor,
      will && willOf(will),
      will === undefined ? 0 : will.acceptedAt - leftAt,
      sender,
    );
  }

  private subscriptions(session: Session, records: ReadonlyMap<string, StoreRecord>): void {
    const { reader } = this.storage.journal;
    const { subscriptions, retained } = this.target;
    for (const [name, record] of records) {
      const asked = name.startsWith('f') ? reader.read(record, decodeJson<SubscriptionRecord>) : undefined;
      if (asked === undefined) continue;
      const subscription = new Subscription(session, asked, asked.identifier, asked.effective);
      session.resubscribe(subscription);
      subscriptions.add(subscription);
      if (asked.owed) session.replay(subscription, retained);
    }
  }
}

function willOf({ topic, payload, qos, retain, properties }: MessageBody): WillPacket {
  return { topic, payload, qos, retain, properties };
}
