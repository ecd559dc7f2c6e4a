import { Subscription } from 'rxjs';
import { TimeoutError } from '../../errors.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { afterElapsed, elapsed } from '../../rx/clock.js';
import type { Client } from './connected-client.js';

/** Calls back when nothing has arrived from the client for one and a half times its keep-alive [MQTT-3.1.2-22]. */
export function watchKeepAlive({ keepalive, writer }: Client, onSilence: (reason: TimeoutError) => void): Subscription {
  const { connection } = writer;
  const patience = keepalive * 1500;
  const watch = new Subscription();
  const look = (): void => {
    const left = connection.lastReceived + patience - elapsed();
    if (left > 0) wait(left);
    else onSilence(new TimeoutError('the client was silent', { reasonCode: ReasonCode.KEEP_ALIVE_TIMEOUT }));
  };
  let timer = Subscription.EMPTY;
  const wait = (ms: number): void => {
    watch.remove(timer);
    timer = afterElapsed(ms, look);
    watch.add(timer);
  };
  wait(patience);
  return watch;
}
