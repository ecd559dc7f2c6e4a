import { concat, defer, ignoreElements, merge, Observable, repeat, take, takeWhile, tap, timer } from 'rxjs';
import type { SendPort } from './sender-options.js';
import type { Sender } from './sender.js';

export interface DrainOptions {
  readonly sessionPresent: boolean;
  /** Emits when the socket has room again. */
  readonly drained$: Observable<void>;
  /** Messages per second that leave the outbox. Default: as fast as window and socket allow. */
  readonly rate?: number | undefined;
}

/**
 * Lets the session send on a connection for as long as it is subscribed: at once what is sent again and what waits in
 * the outbox, then each time the socket has room. Never emits, never completes.
 */
export function drain(sender: Sender, port: SendPort, options: DrainOptions): Observable<never> {
  const { sessionPresent, drained$, rate } = options;
  const attached$ = new Observable<never>((subscriber) => {
    subscriber.add(() => sender.detach());
    subscriber.add(drained$.subscribe(() => sender.pump()));
    sender.attach(port, sessionPresent);
  });
  return rate === undefined ? attached$ : merge(attached$, paced(sender, rate));
}

/** So many messages a second while any waits; what comes when none waits is not slowed down. */
function paced(sender: Sender, rate: number): Observable<never> {
  // No timer fires more often than once a ms: above that, several messages go out together.
  const period = Math.max(1, 1000 / rate);
  const each = Math.max(1, rate / 1000);
  let credit = 0;
  const waits$ = concat(
    defer(() => (sender.outbox.size > 0 ? [undefined] : [])),
    sender.queued$,
  ).pipe(take(1));
  const sending$ = timer(0, period).pipe(
    takeWhile(() => sender.outbox.size > 0),
    tap(() => {
      for (credit += each; credit >= 1; credit--) sender.sendPaced();
    }),
  );
  return concat(waits$, sending$).pipe(repeat(), ignoreElements());
}
