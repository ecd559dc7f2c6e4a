import { asyncScheduler, EMPTY, Observable, type SchedulerAction } from 'rxjs';
import { TimeoutError } from '../errors.js';

export interface KeepAliveOptions {
  /** Seconds of silence on our side after which the broker may close; 0 turns keep-alive off. */
  readonly keepalive: number;
  /**
   * How long to wait for PINGRESP, in ms. Default and maximum: half of the keep-alive, so that a dead line is noticed
   * within 1.5 keep-alive periods.
   */
  readonly pingTimeout: number | undefined;
  /** Emits when the line may have died unnoticed: the page resumed, or the network changed. */
  readonly wakeUps$?: Observable<unknown> | undefined;
  /** True while reading is paused, so that silence proves nothing. Default: never. */
  readonly isPaused?: () => boolean;
}

export interface KeepAlivePort {
  readonly connection: { readonly lastSent: number; readonly lastReceived: number };
  send(packet: { cmd: 'pingreq' }): void;
}

/** How long to wait for PINGRESP after a wake-up, in ms: a user has just returned and waits. */
const WAKE_UP_PING_TIMEOUT = 5000;

/** A server drops a client that was silent for one and a half keep-alive periods [MQTT-3.1.2-22]. */
const DROPPED_AFTER = 1.5;

/** Timers fire late rather than early, and the broker counts from the last packet it received. */
const margin = (period: number): number => Math.min(period / 10, 1000);

/**
 * Sends PINGREQ after a keep-alive period of silence on our side [MQTT-3.1.2-20] or on the broker's. Any incoming byte
 * proves that the line is alive. Errors with `TimeoutError` if none arrives within `pingTimeout` of a ping. Never
 * emits.
 *
 * Runs one timer, set to the next possible deadline; sending and receiving only update timestamps. The clock decides
 * what is due, so a machine that slept finds out at its first wake-up: the broker has dropped the connection, or must
 * answer a ping at once.
 */
export function keepAlive(port: KeepAlivePort, options: KeepAliveOptions): Observable<never> {
  return new Observable<never>((subscriber) => {
    const period = options.keepalive * 1000;
    if (period === 0) return;
    const silence = period - margin(period);
    const { connection } = port;
    // The broker may set a shorter period than `pingTimeout` was chosen for.
    const pingTimeout = Math.min(options.pingTimeout ?? period / 2, period / 2);
    let patience = pingTimeout;
    /** When the outstanding ping was sent. */
    let pinged: number | undefined;

    const ping = (now: number, allowed: number): void => {
      pinged = now;
      patience = allowed;
      port.send({ cmd: 'pingreq' });
    };
    /** We were silent for so long that the broker has dropped us, whatever the socket says. */
    const dropped = (now: number): boolean => {
      const silentFor = now - connection.lastSent;
      if (silentFor < period * DROPPED_AFTER) return false;
      subscriber.error(
        new TimeoutError(`the broker has dropped the connection: nothing was sent to it for ${silentFor} ms`),
      );
      return true;
    };
    const dead = (now: number): void =>
      subscriber.error(
        new TimeoutError(`the broker sent nothing for ${now - connection.lastReceived} ms, not even PINGRESP`),
      );
    /** Does what is due at this time. */
    const check = (): void => {
      const now = asyncScheduler.now();
      if (dropped(now)) return;
      if (pinged !== undefined && connection.lastReceived >= pinged) pinged = undefined;
      if (pinged !== undefined && options.isPaused?.() === true) pinged = now;
      if (pinged !== undefined && now - pinged >= patience) return dead(now);
      if (pinged === undefined && now - Math.min(connection.lastSent, connection.lastReceived) >= silence) {
        ping(now, pingTimeout);
      }
      const due =
        pinged === undefined ? Math.min(connection.lastSent, connection.lastReceived) + silence : pinged + patience;
      action.schedule(undefined, Math.max(due - now, 1));
    };
    const wake = (): void => {
      const now = asyncScheduler.now();
      if (dropped(now)) return;
      // A PINGRESP may have been missed while the page slept: repeat an old ping.
      if (pinged === undefined || now - pinged >= patience) ping(now, Math.min(pingTimeout, WAKE_UP_PING_TIMEOUT));
      check();
    };

    const action = asyncScheduler.schedule(check, silence) as SchedulerAction<unknown>;
    subscriber.add(action);
    subscriber.add((options.wakeUps$ ?? EMPTY).subscribe(wake));
  });
}
