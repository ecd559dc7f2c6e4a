import { EMPTY, Observable, Subscription } from 'rxjs';
import { TimeoutError } from '../errors.js';
import { afterElapsed, elapsed } from '../rx/clock.js';

export interface KeepAliveOptions {
  /** Seconds without a packet from us after which the broker may hang up; 0 turns keep-alive off. */
  readonly keepalive: number;
  /**
   * How long to wait for PINGRESP, in ms. Default and maximum: half of `keepalive`, so that a dead line is noticed
   * within 1.5 periods.
   */
  readonly pingTimeout: number | undefined;
  /** Emits when the line may be dead unnoticed: a page runs again, or the network changed. */
  readonly wakeUps$?: Observable<unknown> | undefined;
  /** Whether reading is paused, so that silence proves nothing. Default: never. */
  readonly isPaused?: () => boolean;
}

/** The connection as keep-alive sees it. */
export interface KeepAlivePort {
  readonly connection: { readonly lastSent: number; readonly lastReceived: number };
  send(packet: { cmd: 'pingreq' }): void;
}

/** How long to wait for PINGRESP after a wake-up, in ms; short, because the user has just come back and waits. */
const PATIENCE_AWAKE = 5000;

/** A server closes the connection of a client that was silent for 1.5 keep-alive periods [MQTT-3.1.2-22]. */
const GIVEN_UP_AFTER = 1.5;

/** Timers fire late rather than early, and the broker counts from the last packet that reached it. */
const margin = (period: number): number => Math.min(period / 10, 1000);

/**
 * Sends PINGREQ after a keep-alive period of silence on our side [MQTT-3.1.2-20] or on the broker's. Any byte from the
 * broker proves life. Errors with `TimeoutError` when none comes within `pingTimeout` of a ping. Never emits.
 *
 * Silence counts from the last packet, at first from CONNECT, however long CONNACK takes: the broker counts from there,
 * too.
 *
 * There is one timer, set to the next moment at which something could be due; sending and receiving only update time
 * stamps. When it fires, the clock decides, so a machine that slept finds out at its first wake-up: either the broker
 * has closed the connection, or it must answer a ping soon.
 */
export function keepAlive(port: KeepAlivePort, options: KeepAliveOptions): Observable<never> {
  return new Observable<never>((subscriber) => {
    const period = options.keepalive * 1000;
    if (period === 0) return;
    const silence = period - margin(period);
    const { connection } = port;
    // The broker may have set a shorter period than the one that pingTimeout was meant for.
    const pingTimeout = Math.min(options.pingTimeout ?? period / 2, period / 2);
    let patience = pingTimeout;
    /** When the unanswered ping was sent. */
    let pinged: number | undefined;
    let timer = Subscription.EMPTY;

    const quietSince = (): number => Math.min(connection.lastSent, connection.lastReceived);
    const ping = (now: number, allowed: number): void => {
      pinged = now;
      patience = allowed;
      port.send({ cmd: 'pingreq' });
    };
    /** After so long a silence the broker has closed the session's connection, even if the socket still looks open. */
    const givenUp = (now: number): boolean => {
      const silentFor = now - connection.lastSent;
      if (silentFor < period * GIVEN_UP_AFTER) return false;
      subscriber.error(
        new TimeoutError(`the broker has given us up: nothing was sent to it for ${Math.round(silentFor)} ms`),
      );
      return true;
    };
    const dead = (now: number): void =>
      subscriber.error(
        new TimeoutError(
          `the broker sent nothing for ${Math.round(now - connection.lastReceived)} ms, not even PINGRESP`,
        ),
      );
    /** Looks at the clock, and acts. */
    const look = (): void => {
      const now = elapsed();
      if (givenUp(now)) return;
      if (pinged !== undefined && connection.lastReceived >= pinged) pinged = undefined;
      if (pinged !== undefined && options.isPaused?.() === true) pinged = now;
      if (pinged !== undefined && now - pinged >= patience) return dead(now);
      if (pinged === undefined && now - quietSince() >= silence) ping(now, pingTimeout);
      wait(now);
    };
    const wait = (now: number): void => {
      const due = pinged === undefined ? quietSince() + silence : pinged + patience;
      timer.unsubscribe();
      timer = afterElapsed(Math.max(due - now, 1), look);
    };
    const wake = (): void => {
      const now = elapsed();
      if (givenUp(now)) return;
      // An answer may have waited with the page, so a ping from before its sleep is repeated.
      if (pinged === undefined || now - pinged >= patience) ping(now, Math.min(pingTimeout, PATIENCE_AWAKE));
      look();
    };

    const now = elapsed();
    // A broker that was slow with CONNACK has not closed the connection: it has only just accepted it.
    if (now - quietSince() >= silence) ping(now, pingTimeout);
    wait(now);
    subscriber.add(() => timer.unsubscribe());
    subscriber.add((options.wakeUps$ ?? EMPTY).subscribe(wake));
  });
}
