import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';
import { TimeoutError } from '../../errors.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { Client } from './connected-client.js';

/** Calls back when nothing has arrived from the client for one and a half times its keep-alive [MQTT-3.1.2-22]. */
export function watchKeepAlive({ keepalive, writer }: Client, onSilence: (reason: TimeoutError) => void): Subscription {
  const { connection } = writer;
  const timeout = keepalive * 1500;
  return asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
    const left = connection.lastReceived + timeout - asyncScheduler.now();
    if (left > 0) this.schedule(undefined, left);
    else onSilence(new TimeoutError('the client was silent', { reasonCode: ReasonCode.KEEP_ALIVE_TIMEOUT }));
  }, timeout);
}
