import type { Subject } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import type { AckCommand } from '../packet/packets.js';
import type { AckPort } from '../session/ack-queue.js';
import { Journal } from '../session/journal.js';
import { encodeBody } from '../session/message-record.js';
import type { Store } from '../session/store.js';
import type { BrokerSession } from './broker-session.js';
import type { FanOut } from './fan-out.js';
import type { RetainedMessage } from './retained-messages.js';
import { StoredSession } from './stored-session.js';

/** A message in the store, and how many sessions are still to get it. */
export interface StoredBody {
  readonly number: number;
  references: number;
}

/**
 * What a broker with a store writes: sessions that outlive their connection, and retained messages. A message that
 * goes to many sessions is written once (`b`), and once more for each of them what is its own.
 */
export class BrokerStorage {
  readonly prefix = 'broker/';
  private readonly journal: Journal;
  private last = 0;
  private failed = false;
  private readonly flushes: (() => void)[] = [];

  /**
   * @param faults - hears of damaged records that were set aside, and of a store that fails.
   * @param onFailure - nothing can be written any more: what waits for the store waits for ever.
   */
  constructor(
    readonly store: Store,
    readonly faults: Subject<MqttError>,
    onFailure: () => void,
  ) {
    this.journal = new Journal(store, (cause) => {
      this.failed = true;
      faults.next(storeFailed('written', cause));
      onFailure();
      for (const flushed of this.flushes.splice(0)) flushed();
    });
  }

  put(key: string, value: Uint8Array): void {
    this.journal.put(key, value);
  }

  delete(key: string): void {
    this.journal.delete(key);
  }

  whenDurable(listener: () => void): void {
    this.journal.whenDurable(listener);
  }

  /** A number that no record has yet; later ones are greater. */
  nextNumber(): number {
    return ++this.last;
  }

  /** Numbers up to this one are in use. */
  reserve(number: number): void {
    if (number > this.last) this.last = number;
  }

  /** Remembers a session from now on, if it outlives its connection; says that it is connected. */
  opened(session: BrokerSession): void {
    if (session.stored === undefined && session.expiryInterval <= 0) return;
    if (session.stored === undefined) session.remember(new StoredSession(this, session.clientId));
    session.stored?.present(session.expiryInterval);
  }

  /** The record of a message, written for the first session that is to get it. */
  bodyOf(fanOut: FanOut): StoredBody {
    const body = (fanOut.stored ??= { number: this.nextNumber(), references: 0 });
    if (body.references++ === 0) {
      const { topic, payload, qos, properties } = fanOut.message;
      const { acceptedAt } = fanOut;
      this.put(this.bodyKey(body.number), encodeBody({ topic, payload, qos, retain: false, properties, acceptedAt }));
    }
    return body;
  }

  /** One session less is to get it. */
  release(body: StoredBody): void {
    if (--body.references === 0) this.delete(this.bodyKey(body.number));
  }

  kept({ topic, payload, qos, properties, storedAt }: RetainedMessage): void {
    const record = encodeBody({ topic, payload, qos, retain: true, properties, acceptedAt: storedAt });
    this.put(this.retainedKey(topic), record);
  }

  removed(topic: string): void {
    this.delete(this.retainedKey(topic));
  }

  /** Acknowledgements of one connection: each leaves when everything that was written before it is durable. */
  writeAhead(port: AckPort): AckPort {
    return new WriteAheadPort(port, this.journal);
  }

  /** Settles when everything is durable, or the store has failed. */
  flush(): Promise<void> {
    if (this.failed || this.journal.isClean) return Promise.resolve();
    return new Promise((resolve) => {
      this.flushes.push(resolve);
      this.journal.whenDurable(resolve);
    });
  }

  private bodyKey(number: number): string {
    return `${this.prefix}b/${String(number).padStart(15, '0')}`;
  }

  private retainedKey(topic: string): string {
    return `${this.prefix}r/${encodeURIComponent(topic)}`;
  }
}

/** Holds acknowledgements back, in their order, for as long as the store has something to write. */
class WriteAheadPort implements AckPort {
  private waiting = 0;

  constructor(
    private readonly port: AckPort,
    private readonly journal: Journal,
  ) {}

  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void {
    if (this.waiting === 0 && this.journal.isClean) return this.port.acknowledge(cmd, packetId, reasonCode);
    this.waiting++;
    this.journal.whenDurable(() => {
      this.waiting--;
      this.port.acknowledge(cmd, packetId, reasonCode);
    });
  }
}

export function storeFailed(what: 'read' | 'written', cause: unknown): MqttError {
  return new MqttError(`the store of the broker cannot be ${what}; is there room, and does no other process hold it?`, {
    code: ErrorCode.STORE,
    cause,
  });
}
