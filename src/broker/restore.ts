import { asyncScheduler } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import type { WillPacket } from '../packet/packets.js';
import { decodeBody, decodeState, type MessageBody } from '../session/message-record.js';
import { type Outgoing, Phase } from '../session/outgoing.js';
import { decodeJson } from '../session/sealed-record.js';
import type { StoreRecord } from '../session/store.js';
import type { BrokerCore } from './broker-core.js';
import type { BrokerSession } from './broker-session.js';
import { storeFailed, type BrokerStorage, type StoredBody } from './broker-storage.js';
import { ClientSubscription } from './client-subscription.js';
import { StoredSession, type MessageRecord, type SessionRecord, type SubscriptionRecord } from './stored-session.js';

/** A message of the store that sessions refer to. */
interface LoadedBody extends StoredBody {
  readonly body: MessageBody;
}

/** The records of one session by what follows its prefix. */
type SessionRecords = Map<string, StoreRecord>;

/**
 * Takes over what an earlier process left: retained messages, sessions with their subscriptions, messages and open
 * identifiers. Damaged records are moved below `broker/q/` and reported.
 */
export async function restore(core: BrokerCore, storage: BrokerStorage): Promise<void> {
  const loader = new Loader(core, storage);
  try {
    const records = await storage.store.load(storage.prefix);
    if (core.closing) return;
    loader.take(records);
  } catch (cause) {
    throw storeFailed('read', cause);
  }
  loader.finish();
}

class Loader {
  private readonly bodies = new Map<number, LoadedBody>();
  private readonly sessions = new Map<string, SessionRecords>();
  private readonly now = asyncScheduler.now();

  constructor(
    private readonly core: BrokerCore,
    private readonly storage: BrokerStorage,
  ) {}

  /** Sorts the records; what stands alone is decoded at once. */
  take(records: readonly StoreRecord[]): void {
    const { prefix } = this.storage;
    for (const record of records) {
      const [kind = '', first = '', rest = ''] = record.key.slice(prefix.length).split('/');
      if (kind === 'b') this.takeBody(Number(first), record);
      else if (kind === 'r') this.takeRetained(record);
      else if (kind === 's') {
        const ofSession = this.sessions.get(first) ?? new Map<string, StoreRecord>();
        this.sessions.set(first, ofSession.set(rest, record));
      }
    }
  }

  finish(): void {
    for (const [name, records] of this.sessions) this.restoreSession(decodeURIComponent(name), records);
    // A crash between two writes of one message leaves none; what nobody refers to is of sessions that were damaged.
    for (const { number, references } of this.bodies.values()) {
      if (references === 0) this.storage.release({ number, references: 1 });
    }
  }

  private takeBody(number: number, record: StoreRecord): void {
    this.storage.reserve(number);
    const body = this.read(record, decodeBody);
    if (body !== undefined) this.bodies.set(number, { number, references: 0, body });
  }

  private takeRetained(record: StoreRecord): void {
    const body = this.read(record, decodeBody);
    if (body !== undefined) this.core.retained.restore({ ...body, storedAt: body.acceptedAt });
  }

  private restoreSession(clientId: string, records: SessionRecords): void {
    const { core, storage } = this;
    const described = records.get('m');
    const record = described === undefined ? undefined : this.read(described, decodeJson<SessionRecord>);
    const session = core.sessions.revive(clientId);
    // Of a session whose own record is lost, the rest is kept for as long as any may last.
    const interval = record === undefined || record.expiryInterval < 0 ? Infinity : record.expiryInterval;
    session.expiryInterval = Math.min(interval, core.limits.sessionExpiry);
    const stored = new StoredSession(storage, clientId);
    session.remember(stored);
    this.restoreSubscriptions(session, records);
    this.restoreMessages(session, stored, records);
    for (const name of records.keys()) if (name.startsWith('i')) session.openIds.add(Number(name.slice(1)));
    // It had a connection when the process died: that ended then, or at the latest now.
    const leftAt = record === undefined || record.leftAt < 0 ? this.now : record.leftAt;
    const willRecord = records.get('w');
    const will = willRecord === undefined ? undefined : this.read(willRecord, decodeBody);
    core.sessions.await(session, leftAt, will === undefined ? undefined : willOf(will), will?.acceptedAt ?? 0);
  }

  private restoreSubscriptions(session: BrokerSession, records: SessionRecords): void {
    for (const [name, record] of records) {
      const asked = name.startsWith('f') ? this.read(record, decodeJson<SubscriptionRecord>) : undefined;
      if (asked === undefined) continue;
      const subscription = new ClientSubscription(session, asked, asked.identifier);
      session.subscriptions.set(asked.filter, subscription);
      this.core.subscriptions.add(subscription);
      if (asked.owed) session.replay(subscription, this.core.retained);
    }
  }

  private restoreMessages(session: BrokerSession, stored: StoredSession, records: SessionRecords): void {
    const open: Outgoing[] = [];
    const queued: Outgoing[] = [];
    for (const [name, record] of records) {
      if (!name.startsWith('r')) continue;
      const key = Number(name.slice(1));
      this.storage.reserve(key);
      const reference = this.read(record, decodeJson<MessageRecord>);
      const stateRecord = records.get(`s${name.slice(1)}`);
      const state = stateRecord === undefined ? undefined : this.read(stateRecord, decodeState);
      const found = reference === undefined ? undefined : this.bodies.get(reference.body);
      // Sent anew without its packet identifier, a QoS 2 message could come twice.
      const inDoubt = stateRecord !== undefined && state === undefined && reference?.qos === 2;
      if (reference === undefined || found === undefined || inDoubt) {
        if (inDoubt) this.setAside(record);
        // Without its body there is nothing to deliver; the body was reported where it was found damaged.
        else if (reference !== undefined) this.storage.delete(record.key);
        if (stateRecord !== undefined) this.storage.delete(stateRecord.key);
        continue;
      }
      found.references++;
      const message = this.messageOf(session, reference, found.body);
      stored.restored(message, key, found);
      if (state === undefined || state.packetId === 0) {
        queued.push(message);
        continue;
      }
      message.phase = state.phase === Phase.RELEASED ? Phase.RELEASED : Phase.PUBLISHED;
      message.packetId = state.packetId;
      message.sent = true;
      open.push(message);
    }
    session.sender.restore(open, queued);
  }

  private messageOf(session: BrokerSession, reference: MessageRecord, body: MessageBody): Outgoing {
    const { identifiers, group, qos, retain } = reference;
    const properties =
      identifiers === undefined ? body.properties : { ...body.properties, subscriptionIdentifier: identifiers };
    const shared = group === undefined ? undefined : this.core.subscriptions.group(...group);
    return session.outgoing(body.topic, body.payload, body.acceptedAt, qos, retain, properties, shared);
  }

  /** Decodes a record, or sets it aside and reports it. */
  private read<T>(record: StoreRecord, decode: (value: Uint8Array) => T | undefined): T | undefined {
    try {
      const decoded = decode(record.value);
      if (decoded === undefined) this.setAside(record);
      return decoded;
    } catch (cause) {
      this.setAside(record, cause);
      return undefined;
    }
  }

  private setAside({ key, value }: StoreRecord, cause?: unknown): void {
    const { prefix, faults } = this.storage;
    const aside = `${prefix}q/${key.slice(prefix.length)}`;
    this.storage.put(aside, value);
    this.storage.delete(key);
    faults.next(
      new MqttError(`the stored record ${key} is damaged; it was set aside under ${aside}`, {
        code: ErrorCode.STORE,
        cause,
      }),
    );
  }
}

function willOf({ topic, payload, qos, retain, properties }: MessageBody): WillPacket {
  return { topic, payload, qos, retain, properties };
}
