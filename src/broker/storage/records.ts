import type { Subject } from 'rxjs';
import { ErrorCode, MqttError } from '../../errors.js';
import type { StoreRecord } from '../../session/store.js';
import { asideKey } from './keys.js';

/** What waits for a client. */
export interface QueueSize {
  readonly messages: number;
  /** Payload and topic. */
  readonly bytes: number;
}

/** What a record says of a session as such, and of what waits for its client: to within {@link DRIFT}. */
export interface SessionRecord extends QueueSize {
  /** Seconds; -1 for ever. */
  readonly expiryInterval: number;
  /** When its connection ended, ms since 1970; -1 while it has one. */
  readonly leftAt: number;
}

/** How far what waits for a session may move away from what its record says before that is written anew. */
export const DRIFT = { messages: 1000, bytes: 1 << 20 } as const;

/** What a record says of one subscription. */
export interface SubscriptionRecord {
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
  readonly identifier: number;
  /** What is retained was not sent to the end yet. */
  readonly owed: boolean;
}

/** What a record says of one message for one session. */
export interface MessageRecord {
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** The subscription identifiers. */
  readonly identifiers?: number | readonly number[] | undefined;
  /** The shared subscription that it came by. */
  readonly group?: readonly [name: string, filter: string] | undefined;
}

/** What a record says of a message that several sessions are to get. */
export interface CountRecord {
  readonly sessions: number;
}

/** What a record says of the store. */
export interface LayoutRecord {
  readonly version: number;
  /** Numbers up to this one may be in use. */
  readonly numbers: number;
}

/** Where records are written. */
interface Writer {
  put(key: string, value: Uint8Array): void;
  delete(key: string): void;
}

/** Reads records, and moves those that are damaged out of the way. */
export class RecordReader {
  constructor(
    private readonly writer: Writer,
    private readonly faults: Subject<MqttError>,
  ) {}

  /** What the record says, or undefined when it is damaged: then it was set aside and reported. */
  read<T>(record: StoreRecord, decode: (value: Uint8Array) => T | undefined): T | undefined {
    try {
      const decoded = decode(record.value);
      if (decoded === undefined) this.setAside(record);
      return decoded;
    } catch (cause) {
      this.setAside(record, cause);
      return undefined;
    }
  }

  setAside({ key, value }: StoreRecord, cause?: unknown): void {
    const aside = asideKey(key);
    this.writer.put(aside, value);
    this.writer.delete(key);
    this.faults.next(
      new MqttError(`the stored record ${key} is damaged; it was set aside under ${aside}`, {
        code: ErrorCode.STORE,
        cause,
      }),
    );
  }
}

export function storeFailed(what: 'read' | 'written', cause: unknown): MqttError {
  return new MqttError(`the store of the broker cannot be ${what}; is there room, and does no other process hold it?`, {
    code: ErrorCode.STORE,
    cause,
  });
}
