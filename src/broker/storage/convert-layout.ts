import type { Subject } from 'rxjs';
import type { MqttError } from '../../errors.js';
import { decodeBody } from '../../session/message-record.js';
import { decodeJson, encodeJson } from '../../session/sealed-record.js';
import type { Store, StoreOperation, StoreRecord } from '../../session/store.js';
import { bodyPrefix, LAYOUT, messageName, queuePrefix, RETAINED, ROOT, sessionPrefix, stateName } from './keys.js';
import { VERSION, type RecordJournal } from './record-journal.js';
import {
  byClientId,
  RecordReader,
  type CountRecord,
  type LayoutRecord,
  type MessageRecord,
  type SessionRecord,
} from './records.js';

/** Where rxmqtt 0.1.0 kept its records: bodies, retained messages, and sessions with everything of theirs. */
const [OLD_BODIES, OLD_RETAINED, OLD_SESSIONS] = [`${ROOT}b/`, `${ROOT}r/`, `${ROOT}s/`] as const;
export const OLD_PREFIXES: readonly string[] = [OLD_BODIES, OLD_RETAINED, OLD_SESSIONS];

/** Operations per write. */
const BATCH_SIZE = 1000;

/** The old record of a message, which contains the number of its body. */
type OldMessageRecord = MessageRecord & { readonly body: number };

/**
 * Writes the records of rxmqtt 0.1.0 in today's layout, then a note that it is done. The old records stay until then,
 * so that a process that dies in between can start over.
 * @returns the highest number in use; undefined when there is nothing to convert.
 */
export async function convertLayout(journal: RecordJournal): Promise<number | undefined> {
  const { store } = journal;
  const conversion = new Conversion(journal.faults);
  const bodies = await store.load(OLD_BODIES);
  const retained = await store.load(OLD_RETAINED);
  const sessions = await store.load(OLD_SESSIONS);
  if (bodies.length + retained.length + sessions.length === 0) return undefined;
  conversion.addRetained(retained);
  conversion.addSessions(sessions, bodies);
  await writeAll(store, conversion.operations);
  const record: LayoutRecord = { version: VERSION, numbers: conversion.highest };
  await store.write([{ type: 'put', key: LAYOUT, value: encodeJson(record) }]);
  return conversion.highest;
}

/** Deletes all records under these prefixes. */
export async function deleteAll(store: Store, prefixes: readonly string[]): Promise<void> {
  for (const prefix of prefixes) {
    const records = await store.load(prefix);
    await writeAll(
      store,
      records.map(({ key }) => ({ type: 'del', key })),
    );
  }
}

async function writeAll(store: Store, operations: readonly StoreOperation[]): Promise<void> {
  for (let at = 0; at < operations.length; at += BATCH_SIZE) await store.write(operations.slice(at, at + BATCH_SIZE));
}

class Conversion {
  readonly operations: StoreOperation[] = [];
  highest = 0;
  /** Payload and topic sizes of each body, and how many sessions wait for it. */
  private readonly bodies = new Map<number, { readonly bytes: number; sessions: number }>();

  private readonly reader: RecordReader;

  constructor(faults: Subject<MqttError>) {
    this.reader = new RecordReader(this, faults);
  }

  addRetained(records: readonly StoreRecord[]): void {
    for (const { key, value } of records) this.put(RETAINED + key.slice(OLD_RETAINED.length), value);
  }

  addSessions(records: readonly StoreRecord[], bodies: readonly StoreRecord[]): void {
    for (const record of bodies) {
      const body = this.reader.read(record, decodeBody);
      if (body === undefined) continue;
      const bytes = body.payload.length + body.topic.length;
      this.bodies.set(this.note(record.key.slice(OLD_BODIES.length)), { bytes, sessions: 0 });
    }
    for (const [clientId, ofClient] of byClientId(records, OLD_SESSIONS)) this.addSession(clientId, ofClient);
    for (const { key, value } of bodies) {
      const number = Number(key.slice(OLD_BODIES.length));
      const sessions = this.bodies.get(number)?.sessions ?? 0;
      if (sessions > 0) this.put(`${bodyPrefix(number)}m`, value);
      if (sessions > 1) this.putRecord<CountRecord>(`${bodyPrefix(number)}c`, { sessions });
    }
  }

  private addSession(clientId: string, records: ReadonlyMap<string, StoreRecord>): void {
    const [session, queue] = [sessionPrefix(clientId), queuePrefix(clientId)];
    let [messages, bytes] = [0, 0];
    for (const [name, record] of records) {
      if (name.startsWith('r')) {
        const size = this.addMessage(queue, name, record, records.get(`s${name.slice(1)}`));
        if (size === undefined) continue;
        messages++;
        bytes += size;
      } else if (name.startsWith('i')) this.put(queue + name, record.value);
      else if (name === 'w' || name.startsWith('f')) this.put(session + name, record.value);
    }
    const described = records.get('m');
    const old = described && this.reader.read(described, decodeJson<Pick<SessionRecord, 'expiryInterval' | 'leftAt'>>);
    // As for any session whose own record is lost.
    const { expiryInterval, leftAt } = old ?? { expiryInterval: -1, leftAt: -1 };
    this.putRecord<SessionRecord>(`${session}m`, { expiryInterval, leftAt, messages, bytes });
  }

  /** The size of the message; undefined when it is damaged or has no body. */
  private addMessage(queue: string, name: string, record: StoreRecord, state?: StoreRecord): number | undefined {
    const key = this.note(name.slice(1));
    const old = this.reader.read(record, decodeJson<OldMessageRecord>);
    const body = old && this.bodies.get(old.body);
    if (old === undefined || body === undefined) return undefined;
    body.sessions++;
    const { body: number, ...message } = old;
    this.putRecord<MessageRecord>(queue + messageName(key, number), message);
    if (state !== undefined) this.put(queue + stateName(key), state.value);
    return body.bytes;
  }

  private note(digits: string): number {
    const number = Number(digits);
    this.highest = Math.max(this.highest, number);
    return number;
  }

  private putRecord<Record extends object>(key: string, record: Record): void {
    this.put(key, encodeJson(record));
  }

  put(key: string, value: Uint8Array): void {
    this.operations.push({ type: 'put', key, value });
  }

  /** The old records stay until everything is converted. */
  delete(): void {
    // See `convertLayout`.
  }
}
