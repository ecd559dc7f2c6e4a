import { type MessageBody, decodeState } from '../../session/message-record.js';
import { Phase } from '../../session/outgoing-publish.js';
import { decodeJson } from '../../session/sealed-record.js';
import type { StoreRecord } from '../../session/store.js';
import type { Grant } from '../routing/recipient.js';
import { queuePrefix, stateName } from './keys.js';
import type { MessageBodies, ReadBody, StoredBody } from './message-bodies.js';
import type { RecordJournal } from './record-journal.js';
import { storeFailed, type MessageRecord } from './records.js';

/** Messages per read. */
const BATCH_SIZE = 1000;

/** A stored message for one client. */
export interface StoredMessage {
  readonly key: number;
  readonly body: StoredBody;
  readonly content: MessageBody;
  readonly grant: Grant;
  /** Its send state; undefined when it was not sent. */
  readonly state:
    { readonly phase: typeof Phase.PUBLISHED | typeof Phase.RELEASED; readonly packetId: number } | undefined;
}

export interface StoredQueue {
  readonly messages: readonly StoredMessage[];
  /** QoS 2 messages of the client between PUBREC and PUBREL. */
  readonly openIds: readonly number[];
}

/**
 * Reads the queue of one client, in order. Damaged records are set aside and reported.
 * @param upTo - the number of the last message to read.
 */
export async function readQueue(
  journal: RecordJournal,
  bodies: MessageBodies,
  clientId: string,
  upTo: number,
): Promise<StoredQueue> {
  const reader = new QueueReader(journal, bodies, queuePrefix(clientId));
  try {
    // Messages behind it may still be on their way to the store.
    await journal.flush();
    return await reader.read(upTo);
  } catch (cause) {
    reader.unhold();
    const error = storeFailed('read', cause);
    journal.faults.next(error);
    throw error;
  }
}

class QueueReader {
  private readonly messages: StoredMessage[] = [];
  private readonly names = new Map<string, StoreRecord>();

  constructor(
    private readonly journal: RecordJournal,
    private readonly bodies: MessageBodies,
    private readonly prefix: string,
  ) {}

  async read(upTo: number): Promise<StoredQueue> {
    for (const record of await this.journal.store.load(this.prefix)) {
      this.names.set(record.key.slice(this.prefix.length), record);
    }
    const all = [...this.names];
    const waiting = all.filter(([name]) => name.startsWith('r') && numbersOf(name).key <= upTo);
    for (let at = 0; at < waiting.length; at += BATCH_SIZE) {
      const some = waiting.slice(at, at + BATCH_SIZE);
      const bodies = await this.bodies.read(some.map(([name]) => numbersOf(name).body));
      for (const [name, record] of some) {
        const message = this.messageOf(name, record, bodies);
        if (message !== undefined) this.messages.push(message);
      }
    }
    const openIds = all.filter(([name]) => name.startsWith('i')).map(([name]) => Number(name.slice(1)));
    return { messages: this.messages, openIds };
  }

  /** The read has failed: no session holds these messages. */
  unhold(): void {
    for (const { body } of this.messages) this.bodies.unhold(body);
  }

  private messageOf(
    name: string,
    record: StoreRecord,
    bodies: ReadonlyMap<number, ReadBody>,
  ): StoredMessage | undefined {
    const { reader } = this.journal;
    const { key, body: number } = numbersOf(name);
    const found = bodies.get(number);
    const stateRecord = this.names.get(stateName(key));
    // Without its body there is nothing to deliver. A damaged body was already reported.
    if (found === undefined) return this.drop(record, stateRecord);
    const described = reader.read(record, decodeJson<MessageRecord>);
    const state = stateRecord === undefined ? undefined : reader.read(stateRecord, decodeState);
    // Without its packet identifier, a QoS 2 message could arrive twice.
    const inDoubt = stateRecord !== undefined && state === undefined && described?.qos === 2;
    if (described === undefined || inDoubt) {
      if (inDoubt) reader.setAside(record);
      this.bodies.release(found.body);
      return this.drop(undefined, stateRecord);
    }
    const { content, body } = found;
    const { qos, retain, identifiers, group } = described;
    const properties =
      identifiers === undefined ? content.properties : { ...content.properties, subscriptionIdentifier: identifiers };
    const share = group === undefined ? undefined : { name: group[0], filter: group[1] };
    const phase = state?.phase === Phase.RELEASED ? Phase.RELEASED : Phase.PUBLISHED;
    return {
      key,
      body,
      content,
      grant: { qos, retain, properties, group: share },
      state: state === undefined || state.packetId === 0 ? undefined : { phase, packetId: state.packetId },
    };
  }

  private drop(record: StoreRecord | undefined, state: StoreRecord | undefined): undefined {
    if (record !== undefined) this.journal.delete(record.key);
    if (state !== undefined) this.journal.delete(state.key);
  }
}

function numbersOf(name: string): { readonly key: number; readonly body: number } {
  const [key, body] = name.slice(1).split('-').map(Number);
  return { key: key ?? 0, body: body ?? 0 };
}
