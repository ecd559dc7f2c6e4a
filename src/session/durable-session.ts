import { ErrorCode, MqttError } from '../errors.js';
import { timeOfDay } from '../rx/clock.js';
import type { Journal } from './journal.js';
import type { IncomingLog, OutgoingLog } from './message-log.js';
import {
  decodeBody,
  decodeState,
  encodeBody,
  encodeState,
  momentOf,
  storedTime,
  type MessageBody,
} from './message-record.js';
import { OutgoingPublish, Phase } from './outgoing-publish.js';
import type { Store, StoreRecord } from './store.js';

/** A session as the store remembers it. */
export interface RestoredSession {
  /** Sent but not acknowledged, in the order of sending. */
  readonly open: readonly OutgoingPublish[];
  /** Never sent, in order. */
  readonly queued: readonly OutgoingPublish[];
  /** QoS 2 messages from the broker between PUBREC and PUBREL. */
  readonly openIds: readonly number[];
}

/**
 * Writes the session of one client identifier to a store and reads it back. Keys are `prefix` plus `b` (body) or `s`
 * (state) with a running number, `e` for messages accepted before the numbers in use were known, or `i` with the packet
 * identifier of an incoming message. Damaged records move to `q` and are reported, not dropped.
 */
export class DurableSession implements OutgoingLog, IncomingLog {
  private readonly prefix: string;
  private last = 0;
  /** Messages accepted before {@link restore} learned the numbers in use, by their name in the store. */
  private early: Map<OutgoingPublish, string> | undefined = new Map();
  /** Sorts after the keys of earlier processes. */
  private readonly run = `e${String(timeOfDay()).padStart(16, '0')}${Math.random().toString(36).slice(2)}-`;

  constructor(
    private readonly journal: Journal,
    clientId: string,
  ) {
    this.prefix = `session/${encodeURIComponent(clientId)}/`;
  }

  /** Reads the records of an earlier process. Damaged records are set aside and reported one by one. */
  async restore(store: Store, onDamage: (error: MqttError) => void): Promise<RestoredSession> {
    const records = await store.load(this.prefix);
    const values = new Map(records.map(({ key, value }) => [key.slice(this.prefix.length), value]));
    const open: { readonly message: OutgoingPublish; readonly key: number }[] = [];
    const queued: OutgoingPublish[] = [];
    for (const [name, value] of values) {
      if (!name.startsWith('b')) continue;
      const key = Number(name.slice(1));
      this.last = Math.max(this.last, key);
      const stateRecord = values.get(`s${name.slice(1)}`);
      const body = decodeBody(value);
      const state = stateRecord === undefined ? undefined : decodeState(stateRecord);
      if (body === undefined || (stateRecord !== undefined && state === undefined)) {
        this.setAside({ key: name, value }, stateRecord, onDamage);
        continue;
      }
      const message = this.toMessage(body);
      message.key = key;
      if (state === undefined || state.packetId === 0) {
        queued.push(message);
        continue;
      }
      message.phase = state.phase === Phase.RELEASED ? Phase.RELEASED : Phase.PUBLISHED;
      message.packetId = state.packetId;
      message.sent = true;
      open.push({ message, key });
    }
    for (const [name, value] of values) {
      if (!name.startsWith('e') || name.startsWith(this.run)) continue;
      const body = decodeBody(value);
      if (body === undefined) {
        this.setAside({ key: name, value }, undefined, onDamage);
        continue;
      }
      const message = this.toMessage(body);
      this.enter(message);
      this.journal.delete(this.prefix + name);
      queued.push(message);
    }
    this.enterEarly();
    const openIds = [...values.keys()].filter((name) => name.startsWith('i')).map((name) => Number(name.slice(1)));
    return { open: open.map(({ message }) => message), queued, openIds };
  }

  accepted(message: OutgoingPublish): void {
    message.log = this;
    const { early } = this;
    if (early === undefined) return this.enter(message);
    const name = `${this.prefix}${this.run}${String(early.size).padStart(12, '0')}`;
    early.set(message, name);
    this.journal.put(name, bodyOf(message));
  }

  advanced(message: OutgoingPublish, then: () => void): void {
    this.journal.put(this.name('s', message.key), encodeState(message));
    this.journal.whenDurable(then);
  }

  settled(message: OutgoingPublish): void {
    const name = this.early?.get(message);
    // Only its name goes: the number of names must keep growing.
    if (name !== undefined) return this.journal.delete(name);
    this.journal.delete(this.name('b', message.key));
    this.journal.delete(this.name('s', message.key));
  }

  received(packetId: number, then: () => void): void {
    this.journal.put(this.name('i', packetId), new Uint8Array([1]));
    this.journal.whenDurable(then);
  }

  released(packetId: number, then: () => void): void {
    this.journal.delete(this.name('i', packetId));
    this.journal.whenDurable(then);
  }

  forget(packetIds: Iterable<number>): void {
    for (const packetId of packetIds) this.journal.delete(this.name('i', packetId));
  }

  private toMessage(body: MessageBody): OutgoingPublish {
    const { topic, payload, qos, retain, properties } = body;
    const message = new OutgoingPublish(topic, payload, qos, retain, properties, undefined);
    message.acceptedAt = momentOf(body);
    message.log = this;
    return message;
  }

  private enter(message: OutgoingPublish): void {
    message.key = ++this.last;
    this.journal.put(this.name('b', message.key), bodyOf(message));
  }

  /** Once the numbers in use are known, gives the early messages numbers after them. */
  private enterEarly(): void {
    const early = this.early ?? [];
    this.early = undefined;
    for (const [message, name] of early) {
      if (message.phase === Phase.SETTLED) continue;
      this.enter(message);
      this.journal.delete(name);
    }
  }

  private setAside(body: StoreRecord, state: Uint8Array | undefined, onDamage: (error: MqttError) => void): void {
    const number = body.key.slice(1);
    this.journal.put(`${this.prefix}qb${number}`, body.value);
    this.journal.delete(this.prefix + body.key);
    if (state !== undefined) {
      this.journal.put(`${this.prefix}qs${number}`, state);
      this.journal.delete(`${this.prefix}s${number}`);
    }
    onDamage(
      new MqttError(`the stored message ${body.key} is damaged; it was set aside under ${this.prefix}qb${number}`, {
        code: ErrorCode.STORE,
      }),
    );
  }

  private name(kind: 'b' | 's' | 'i', number: number): string {
    return `${this.prefix}${kind}${String(number).padStart(12, '0')}`;
  }
}

function bodyOf({ topic, payload, qos, retain, properties, acceptedAt }: OutgoingPublish): Uint8Array {
  return encodeBody({ topic, payload, qos, retain, properties, acceptedAt: storedTime(acceptedAt) });
}
