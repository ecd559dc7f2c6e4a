import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';
import { TimeoutError } from '../../errors.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { Client } from './connected-client.js';

/** Tells when nothing has come from the client for one and a half times its keep-alive [MQTT-3.1.2-22]. */
export function watchKeepAlive({ keepalive, writer }: Client, onSilence: (reason: TimeoutError) => void): Subscription {
  const { connection } = writer;
  const patience = keepalive * 1500;
  return asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
    const left = connection.lastReceived + patience - asyncScheduler.now();
    if (left > 0) this.schedule(undefined, left);
    else onSilence(new TimeoutError('the client was silent', { reasonCode: ReasonCode.KEEP_ALIVE_TIMEOUT }));
  }, patience);
}
