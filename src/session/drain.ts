import { Observable } from 'rxjs';
import type { SendPort } from './sender-options.js';
import type { Sender } from './sender.js';

export interface DrainOptions {
  readonly sessionPresent: boolean;
  /** Emits when the socket has room again. */
  readonly drained$: Observable<void>;
}

/**
 * Lets the session send on a connection while subscribed: first the resends and the outbox, then more each time the
 * socket drains. Never emits, never completes.
 */
export function drain(sender: Sender, port: SendPort, options: DrainOptions): Observable<never> {
  const { sessionPresent, drained$ } = options;
  return new Observable<never>((subscriber) => {
    subscriber.add(() => sender.detach());
    subscriber.add(drained$.subscribe(() => sender.pump()));
    sender.attach(port, sessionPresent);
  });
}
