import { encodeBody, decodeBody, storedTime, type MessageBody } from '../../session/message-record.js';
import { decodeJson, encodeJson } from '../../session/sealed-record.js';
import type { StoreRecord } from '../../session/store.js';
import type { FanOut } from '../routing/fan-out.js';
import type { RecordJournal } from './record-journal.js';
import { bodyBlock, bodyPrefix } from './keys.js';
import type { CountRecord } from './records.js';

/** When this many bodies of a block of a hundred are needed, the whole block is read. */
const BLOCK_FROM = 12;

/** A message in the store. */
export class StoredBody {
  /** How many sessions wait for it. */
  sessions = 0;
  /** How many of them have it in memory. */
  holders = 0;
  /** The store has a count record. Without one, the count is one. */
  counted = false;

  constructor(
    readonly number: number,
    /** The count is known: it was read, or written by this process. */
    public known: boolean,
  ) {}
}

/** A message that was read. */
export interface ReadBody {
  readonly body: StoredBody;
  readonly content: MessageBody;
}

/**
 * The messages of a store. A message for many sessions is written once, and deleted with the last of them. Sessions
 * whose queues were not read count as well.
 */
export class MessageBodies {
  private readonly byFanOut = new WeakMap<FanOut, StoredBody>();
  /** The bodies in memory: sessions that read the same message must share its count. */
  private readonly held = new Map<number, StoredBody>();

  constructor(private readonly journal: RecordJournal) {}

  /** One more session waits for a message. The first one writes it. */
  add(fanOut: FanOut): StoredBody {
    let body = this.byFanOut.get(fanOut);
    if (body === undefined) {
      body = new StoredBody(this.journal.nextNumber(), true);
      this.byFanOut.set(fanOut, body);
      const { acceptedAt, message } = fanOut;
      const { topic, payload, qos, properties } = message;
      const record = encodeBody({ topic, payload, qos, retain: false, properties, acceptedAt: storedTime(acceptedAt) });
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

  /** A session that held it no longer needs it. */
  release(body: StoredBody): void {
    body.sessions--;
    if (body.sessions <= 0) {
      const prefix = bodyPrefix(body.number);
      this.journal.delete(`${prefix}m`);
      if (body.counted) this.journal.delete(`${prefix}c`);
    } else {
      this.writeCount(body);
    }
    this.unhold(body);
  }

  /** Reads messages and holds them for a session. Lost and damaged ones are left out. */
  async read(numbers: readonly number[]): Promise<ReadonlyMap<number, ReadBody>> {
    // A session may wait for one twice: for itself, and as a member of a group.
    const bodies = numbers.map((number) => {
      const body = this.held.get(number) ?? new StoredBody(number, false);
      this.hold(body);
      return body;
    });
    let records: ReadonlyMap<string, StoreRecord>;
    try {
      records = await this.load(numbers);
    } catch (cause) {
      for (const body of bodies) this.unhold(body);
      throw cause;
    }
    const found = new Map<number, ReadBody>();
    for (const body of new Set(bodies)) {
      const content = this.take(body, records);
      if (content !== undefined) found.set(body.number, { body, content });
    }
    for (const body of bodies) if (!found.has(body.number)) this.unhold(body);
    return found;
  }

  /** The message in a body's records. */
  private take(body: StoredBody, records: ReadonlyMap<string, StoreRecord>): MessageBody | undefined {
    const { reader } = this.journal;
    const prefix = bodyPrefix(body.number);
    const [message, count] = [records.get(`${prefix}m`), records.get(`${prefix}c`)];
    const content = message === undefined ? undefined : reader.read(message, decodeBody);
    if (content === undefined) {
      if (count !== undefined) this.journal.delete(count.key);
      return undefined;
    }
    // Another session may have read it in the meantime and changed the count.
    if (!body.known) {
      body.known = true;
      body.counted = count !== undefined;
      body.sessions = count === undefined ? 1 : (reader.read(count, decodeJson<CountRecord>)?.sessions ?? Infinity);
    }
    return content;
  }

  /** The records of these bodies, and perhaps of others: one by one, or by blocks where that is cheaper. */
  private async load(numbers: readonly number[]): Promise<ReadonlyMap<string, StoreRecord>> {
    const blocks = new Map<string, string[]>();
    for (const number of numbers) {
      const block = bodyBlock(number);
      const others = blocks.get(block);
      if (others === undefined) blocks.set(block, [bodyPrefix(number)]);
      else others.push(bodyPrefix(number));
    }
    const prefixes = [...blocks].flatMap(([block, single]) => (single.length < BLOCK_FROM ? single : [block]));
    const loaded = await Promise.all(prefixes.map((prefix) => this.journal.store.load(prefix)));
    return new Map(loaded.flat().map((record) => [record.key, record]));
  }

  unhold(body: StoredBody): void {
    body.holders--;
    if (body.holders > 0) return;
    if (body.sessions <= 0 || !body.known) {
      this.held.delete(body.number);
      return;
    }
    // Until the store has the count, other sessions read it here.
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
