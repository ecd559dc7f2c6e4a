import type { Subject } from 'rxjs';
import { ErrorCode, MqttError } from '../../errors.js';
import type { StoreRecord } from '../../session/store.js';
import { asideKey } from './keys.js';

/** The size of a queue. */
export interface QueueSize {
  readonly messages: number;
  /** Payload and topic. */
  readonly bytes: number;
}

/** The record of a session; its queue size is exact to within {@link DRIFT}. */
export interface SessionRecord extends QueueSize {
  /** Seconds; -1 for ever. */
  readonly expiryInterval: number;
  /** When its connection ended, ms since 1970; -1 while connected. */
  readonly leftAt: number;
  /** Who may open it; missing in stores of 0.1.0. */
  readonly owner?: string | undefined;
  /** Where its topics begin; missing where they begin nowhere. */
  readonly mountPoint?: string | undefined;
}

/** How far the queue size may drift before the record is written again. */
export const DRIFT = { messages: 1000, bytes: 1 << 20 } as const;

/** The record of a subscription. */
export interface SubscriptionRecord {
  readonly filter: string;
  /** The filter that brings its messages; missing where it is the same. */
  readonly effective?: string | undefined;
  readonly qos: 0 | 1 | 2;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
  readonly identifier: number;
  /** Its retained messages are still to be sent. */
  readonly owed: boolean;
}

/** The record of one message for one session. */
export interface MessageRecord {
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** The subscription identifiers. */
  readonly identifiers?: number | readonly number[] | undefined;
  /** The shared subscription that it came by. */
  readonly group?: readonly [name: string, filter: string] | undefined;
}

/** The count record of a message that several sessions wait for. */
export interface CountRecord {
  readonly sessions: number;
}

/** The record of the store. */
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

/** Reads records, and sets damaged ones aside. */
export class RecordReader {
  constructor(
    private readonly writer: Writer,
    private readonly faults: Subject<MqttError>,
  ) {}

  /** The content of a record; undefined when it is damaged: it is then set aside and reported. */
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
  return new MqttError(
    `the store of the broker cannot be ${what}; free some space, or end another process that has it open`,
    {
      code: ErrorCode.STORE,
      cause,
    },
  );
}

/** The records below `<prefix><client>/`: for each client identifier, by the rest of their keys. */
export function byClientId(records: readonly StoreRecord[], prefix: string): Map<string, Map<string, StoreRecord>> {
  const all = new Map<string, Map<string, StoreRecord>>();
  for (const record of records) {
    const [client = '', name = ''] = record.key.slice(prefix.length).split('/');
    const clientId = decodeURIComponent(client);
    const ofClient = all.get(clientId) ?? new Map<string, StoreRecord>();
    all.set(clientId, ofClient.set(name, record));
  }
  return all;
}
