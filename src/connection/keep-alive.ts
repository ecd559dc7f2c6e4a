import { asyncScheduler, Observable, type SchedulerAction } from 'rxjs';
import { TimeoutError } from '../errors.js';

export interface KeepAliveOptions {
  /** Seconds without a packet from us after which the broker may hang up; 0 turns keep-alive off. */
  readonly keepalive: number;
  /** ms that PINGRESP may take. Default: half of the keep-alive, so that a dead line is noticed within 1.5 of it. */
  readonly pingTimeout: number | undefined;
}

/** The connection as keep-alive sees it. */
export interface KeepAlivePort {
  readonly connection: { readonly lastSent: number; readonly lastReceived: number };
  send(packet: { cmd: 'pingreq' }): void;
}

/** Timers fire late rather than early, and the broker counts from what reached it. */
const margin = (period: number): number => Math.min(period / 10, 1000);

/**
 * Sends PINGREQ when we were silent for a keep-alive period [MQTT-3.1.2-20], and also when the broker was. Any byte
 * that comes in proves life. Errors with `TimeoutError` when none comes within `pingTimeout` of a ping. Never emits.
 *
 * One timer, set to the next moment at which something could be due; sending and receiving only move time stamps.
 * What is due is decided by the clock, so a machine that slept finds out at its first wake-up.
 */
export function keepAlive(port: KeepAlivePort, options: KeepAliveOptions): Observable<never> {
  return new Observable<never>((subscriber) => {
    const period = options.keepalive * 1000;
    if (period === 0) return undefined;
    const silence = period - margin(period);
    const patience = options.pingTimeout ?? period / 2;
    const { connection } = port;
    /** When the ping that is not answered yet was sent. */
    let pinged: number | undefined;

    return asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
      const now = asyncScheduler.now();
      if (pinged !== undefined && connection.lastReceived >= pinged) pinged = undefined;
      if (pinged !== undefined && now - pinged >= patience) {
        subscriber.error(
          new TimeoutError(`the broker sent nothing for ${now - connection.lastReceived} ms, not even PINGRESP`),
        );
        return;
      }
      if (pinged === undefined && now - Math.min(connection.lastSent, connection.lastReceived) >= silence) {
        pinged = now;
        port.send({ cmd: 'pingreq' });
      }
      const due =
        pinged === undefined ? Math.min(connection.lastSent, connection.lastReceived) + silence : pinged + patience;
      this.schedule(undefined, Math.max(due - now, 1));
    }, silence);
  });
}
