import { Observable } from 'rxjs';
import type { MqttClient, QoS } from 'rxmqtt';
import { elapsed } from '../../rx/clock.js';
import { safeInterval } from '../../rx/safe-interval.js';
import { numberedPayload } from './numbered-payload.js';

export interface PublisherOptions {
  readonly topic: string;
  readonly qos: QoS;
  readonly size: number;
  /** Messages per second; undefined: as many as fit into the window. */
  readonly rate: number | undefined;
  /** How many messages may wait for their acknowledgements. */
  readonly window: number;
  /** Identifies the publisher. */
  readonly publisher: number;
  /** The time of day when `elapsed()` was 0, in ms. */
  readonly origin: number;
}

/** A message that was written (QoS 0) or acknowledged. */
export interface Published {
  /** When it was due, by `elapsed()`. */
  readonly sentAt: number;
  /** How long it took, in ms. */
  readonly latency: number;
}

/** How often to send the messages that are due, in ms. */
const TICK = 1;

/**
 * Publishes numbered messages until `stop$` emits, and completes when all of them are acknowledged. A message is
 * stamped with the time at which it is due, so if the broker cannot keep up with the rate, the wait counts as latency.
 */
export function publishNumbered(
  client: Pick<MqttClient, 'publish'>,
  { topic, qos, size, rate, window, publisher, origin }: PublisherOptions,
  stop$: Observable<unknown>,
  onSent: () => void,
): Observable<Published> {
  return new Observable((subscriber) => {
    const started = elapsed();
    let sequence = 0;
    let open = 0;
    /**
     * How many messages may be sent in this tick, because writing without a break would leave no time for anything
     * else.
     */
    let budget = window;
    let hasStopped = false;

    const dueAt = (now: number): number => (rate === undefined ? now : started + (sequence * 1000) / rate);
    const send = (sentAt: number): void => {
      const payload = numberedPayload({ publisher, sequence: sequence++, sentAt: sentAt + origin }, size);
      onSent();
      open++;
      budget--;
      subscriber.add(
        client.publish(topic, payload, { qos }).subscribe({
          error: (error: unknown) => subscriber.error(error),
          complete() {
            open--;
            subscriber.next({ sentAt, latency: elapsed() - sentAt });
            fill();
          },
        }),
      );
    };
    let isFilling = false;
    const fill = (): void => {
      if (isFilling) return;
      isFilling = true;
      while (!hasStopped && open < window && budget > 0 && !subscriber.closed) {
        const now = elapsed();
        const due = dueAt(now);
        if (due > now) break;
        send(due);
      }
      isFilling = false;
      if (hasStopped && open === 0) subscriber.complete();
    };
    subscriber.add(
      safeInterval(TICK).subscribe(() => {
        budget = window;
        fill();
      }),
    );
    subscriber.add(
      stop$.subscribe(() => {
        hasStopped = true;
        fill();
      }),
    );
    fill();
  });
}
