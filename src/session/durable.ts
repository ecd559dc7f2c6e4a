import { defer, EMPTY, ignoreElements, type Observable, tap } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { DurableSession } from './durable-session.js';
import { Journal } from './journal.js';
import type { IncomingLog, OutgoingLog } from './message-log.js';
import type { Sender } from './sender.js';
import { isStore, type Store } from './store.js';

/** The session of one client, to be persisted. */
export interface SessionToKeep {
  readonly clientId: string;
  readonly sender: Sender;
  readonly openIds: Set<number>;
  /** A record is damaged and was set aside. */
  readonly onDamage: (error: MqttError) => void;
  /** The store failed. Messages that cannot be recorded cannot be sent. */
  readonly onFailure: (error: MqttError) => void;
}

/** A persisted session. */
export interface KeptSession {
  readonly log: OutgoingLog & IncomingLog;
  /** Restores the records of an earlier process, then completes. Must finish before the first connection. */
  readonly restored$: Observable<never>;
}

/** Persists the session of a client; made by {@link durable}. */
export interface SessionStore {
  /** Internal: called by the client with its session. */
  readonly keepSession: (session: SessionToKeep) => KeptSession;
}

/**
 * Persists a client's session in a store: outgoing QoS 1 and 2 messages, the outbox, and the packet identifiers of
 * incoming QoS 2 messages. Each step is stored before it goes on the wire.
 *
 * Messages are delivered before they are recorded. If the process dies in between, it receives the message again, even
 * at QoS 2.
 *
 * @example
 * ```ts
 * const store = durable(levelStore(new ClassicLevel('./queue')));
 * const client = connect(url, { clientId: 'hall-7', clean: false, sessionExpiry: 86400, store });
 * ```
 *
 * @throws TypeError for what is no store.
 */
export function durable(store: Store): SessionStore {
  if (!isStore(store)) throw new TypeError('durable: this is no store; give one such as levelStore(database)');
  return { keepSession: (session) => keepSession(store, session) };
}

function keepSession(store: Store, session: SessionToKeep): KeptSession {
  const { clientId, sender, openIds, onDamage, onFailure } = session;
  const journal = new Journal(store, (cause) => onFailure(storeFailed('written', cause)));
  const log = new DurableSession(journal, clientId);
  sender.remember(log);
  let done = false;
  const restored$ = defer(() => (done ? EMPTY : log.restore(store, onDamage))).pipe(
    tap({
      next: ({ open, queued, openIds: ids }) => {
        done = true;
        for (const id of ids) openIds.add(id);
        sender.restore(open, queued);
      },
      error: (cause: unknown) => onFailure(storeFailed('read', cause)),
    }),
    ignoreElements(),
  );
  return { log, restored$ };
}

function storeFailed(what: string, cause: unknown): MqttError {
  return new MqttError(`the store cannot be ${what}; is there room, and does no other process hold it?`, {
    code: ErrorCode.STORE,
    cause,
  });
}
