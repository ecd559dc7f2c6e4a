import type { Subject } from 'rxjs';
import type { MqttError } from '../../errors.js';
import { toTimeOfDay } from '../../rx/clock.js';
import type { AckPort } from '../../session/ack-queue.js';
import { encodeBody } from '../../session/message-record.js';
import type { Store } from '../../session/store.js';
import type { RetainedLog, RetainedMessage } from '../routing/retained-messages.js';
import type { SessionLog, SessionLogs } from '../session/session-log.js';
import { retainedKey } from './keys.js';
import { MessageBodies } from './message-bodies.js';
import { RecordJournal } from './record-journal.js';
import type { SessionRecord } from './records.js';
import { StoredSession } from './stored-session.js';

/** The memory of a broker with a store: sessions that outlive their connection, and retained messages. */
export class BrokerStorage implements SessionLogs, RetainedLog {
  readonly journal: RecordJournal;
  private readonly bodies: MessageBodies;

  /** See {@link RecordJournal}. */
  constructor(store: Store, faults: Subject<MqttError>, onFailure: () => void) {
    this.journal = new RecordJournal(store, faults, onFailure);
    this.bodies = new MessageBodies(this.journal);
  }

  create(clientId: string): SessionLog {
    return new StoredSession(this.journal, this.bodies, clientId);
  }

  /** The log of a session of an earlier process. */
  restore(clientId: string, left: SessionRecord): SessionLog {
    return new StoredSession(this.journal, this.bodies, clientId, left);
  }

  writeAhead(port: AckPort): AckPort {
    return this.journal.writeAhead(port);
  }

  kept({ topic, payload, qos, properties, storedAt }: RetainedMessage): void {
    const record = encodeBody({ topic, payload, qos, retain: true, properties, acceptedAt: toTimeOfDay(storedAt) });
    this.journal.put(retainedKey(topic), record);
  }

  removed(topic: string): void {
    this.journal.delete(retainedKey(topic));
  }
}
