import { encodeBody, decodeBody, type MessageBody } from '../../session/message-record.js';
import { decodeJson, encodeJson } from '../../session/sealed-record.js';
import type { FanOut } from '../routing/fan-out.js';
import type { RecordJournal } from './record-journal.js';
import { bodyPrefix } from './keys.js';
import type { CountRecord } from './records.js';

/** A message in the store. */
export class StoredBody {
  /** How many sessions are to get it. */
  sessions = 0;
  /** How many of them have it in memory. */
  holders = 0;
  /** The store says how many sessions are to get it. Where it does not, it is one. */
  counted = false;
  /** It was read, so that the count is known. */
  known = true;

  constructor(readonly number: number) {}
}

/**
 * The messages of a store: one that goes to many sessions is written once, and deleted with the last of them. The
 * sessions whose queues were not read count as well, although no object in memory stands for them.
 */
export class MessageBodies {
  private readonly byFanOut = new WeakMap<FanOut, StoredBody>();
  /** Those that a session has in memory: should another one read the same message, both must count together. */
  private readonly held = new Map<number, StoredBody>();

  constructor(private readonly journal: RecordJournal) {}

  /** One session more is to get a message. The first writes it. */
  add(fanOut: FanOut): StoredBody {
    let body = this.byFanOut.get(fanOut);
    if (body === undefined) {
      body = new StoredBody(this.journal.nextNumber());
      this.byFanOut.set(fanOut, body);
      const { acceptedAt, message } = fanOut;
      const { topic, payload, qos, properties } = message;
      const record = encodeBody({ topic, payload, qos, retain: false, properties, acceptedAt });
      this.journal.put(`${bodyPrefix(body.number)}m`, record);
    }
    body.sessions++;
    if (body.sessions > 1) this.writeCount(body);
    return body;
  }

  /** A session has it in memory. */
  hold(body: StoredBody): void {
    body.holders++;
    this.held.set(body.number, body);
  }

  /** A session that had it in memory is done with it. */
  release(body: StoredBody): void {
    body.sessions--;
    if (body.sessions <= 0) {
      const prefix = bodyPrefix(body.number);
      this.journal.delete(`${prefix}m`);
      if (body.counted) this.journal.delete(`${prefix}c`);
    } else {
      this.writeCount(body);
    }
    this.letGo(body);
  }

  /** Reads a message for a session, which holds it from then on. Undefined where it is lost or damaged. */
  async read(number: number): Promise<{ readonly body: StoredBody; readonly content: MessageBody } | undefined> {
    const body = this.held.get(number) ?? unknown(number);
    this.hold(body);
    try {
      const { reader, store } = this.journal;
      const prefix = bodyPrefix(number);
      const records = new Map((await store.load(prefix)).map((record) => [record.key.slice(prefix.length), record]));
      const message = records.get('m');
      const content = message === undefined ? undefined : reader.read(message, decodeBody);
      if (content === undefined) {
        if (records.has('c')) this.journal.delete(`${prefix}c`);
        this.letGo(body);
        return undefined;
      }
      const count = records.get('c');
      // Another session may have read it in the meantime, and have changed the count since.
      if (!body.known) {
        body.known = true;
        body.counted = count !== undefined;
        body.sessions = count === undefined ? 1 : (reader.read(count, decodeJson<CountRecord>)?.sessions ?? Infinity);
      }
      return { body, content };
    } catch (cause) {
      this.letGo(body);
      throw cause;
    }
  }

  /** It is not in memory any more. */
  letGo(body: StoredBody): void {
    body.holders--;
    if (body.holders > 0) return;
    if (body.sessions <= 0 || !body.known) {
      this.held.delete(body.number);
      return;
    }
    // Until the store has the count, it is read from here.
    this.journal.whenDurable(() => {
      if (body.holders === 0) this.held.delete(body.number);
    });
  }

  private writeCount(body: StoredBody): void {
    if (body.sessions === Infinity) return;
    body.counted = true;
    const record: CountRecord = { sessions: body.sessions };
    this.journal.put(`${bodyPrefix(body.number)}c`, encodeJson(record));
  }
}

function unknown(number: number): StoredBody {
  const body = new StoredBody(number);
  body.known = false;
  return body;
}
