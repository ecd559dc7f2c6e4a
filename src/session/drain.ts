import { Observable } from 'rxjs';
import type { Sender, SendPort } from './sender.js';

/**
 * Lets the session send on a connection for as long as it is subscribed: at once what is sent again and what waits in
 * the outbox, then each time the socket has room. Never emits, never completes.
 */
export function drain(
  sender: Sender,
  port: SendPort,
  sessionPresent: boolean,
  drained$: Observable<void>,
): Observable<never> {
  return new Observable<never>((subscriber) => {
    subscriber.add(() => sender.detach());
    subscriber.add(drained$.subscribe(() => sender.pump()));
    sender.attach(port, sessionPresent);
  });
}
