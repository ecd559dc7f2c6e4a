import { defer, ignoreElements, type Observable, tap } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { DurableSession } from '../session/durable-session.js';
import { Journal } from '../session/journal.js';
import type { Sender } from '../session/sender.js';
import type { Store } from '../session/store.js';

export interface DurableOptions {
  readonly store: Store;
  readonly clientId: string;
  readonly sender: Sender;
  readonly openIds: Set<number>;
  /** A record is damaged; it was set aside. */
  readonly onDamage: (error: MqttError) => void;
  /** The store failed: what is not remembered cannot be sent. */
  readonly onFailure: (error: MqttError) => void;
}

/** A session that survives the process. */
export interface Durable {
  readonly log: DurableSession;
  /** Takes over what an earlier process left, then completes; must be done before the first connection. */
  readonly restored$: Observable<never>;
}

export function durable(options: DurableOptions): Durable {
  const { store, clientId, sender, openIds, onDamage, onFailure } = options;
  const journal = new Journal(store, (cause) => onFailure(failed('written', cause)));
  const log = new DurableSession(journal, clientId);
  sender.remember(log);
  // Where this part had to be loaded, some may wait already.
  for (const message of sender.outbox) log.accepted(message);
  let done = false;
  const restored$ = defer(() => (done ? [] : log.restore(store, onDamage))).pipe(
    tap({
      next: ({ open, queued, openIds: ids }) => {
        done = true;
        for (const id of ids) openIds.add(id);
        sender.restore(open, queued);
      },
      error: (cause: unknown) => onFailure(failed('read', cause)),
    }),
    ignoreElements(),
  );
  return { log, restored$ };
}

function failed(what: string, cause: unknown): MqttError {
  return new MqttError(`the store cannot be ${what}; is there room, and does no other process hold it?`, {
    code: ErrorCode.STORE,
    cause,
  });
}
