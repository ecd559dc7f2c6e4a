import type { Observable, OperatorFunction } from 'rxjs';
import { checkClient } from '../options/check-client.js';
import type { Payload } from '../client/client-options.js';
import { callback, checkOptions, type Checks, unchecked } from '../options/check-options.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import { fromInput } from '../rx/from-input.js';
import { onErrorOr } from './on-error.js';
import { checkConcurrency, runConcurrently, type Job } from './run-concurrently.js';

/** A message to publish. */
export interface Publishable {
  /** The topic, without wildcards. */
  readonly topic: string;
  /** A text, which is sent as UTF-8, or bytes. */
  readonly payload: Payload;
  /** Default 0. */
  readonly qos?: QoS | undefined;
  /** Default false. */
  readonly retain?: boolean | undefined;
  /** The properties of PUBLISH (MQTT 5). Default: none. */
  readonly properties?: PublishProperties | undefined;
}

/** The part of a client that {@link publishTo} uses. */
export interface Publisher<R = PublishReceipt> {
  /** Publishes when it is subscribed to, and emits the outcome. */
  publish(topic: string, payload: Payload, options?: PublisherOptions): Observable<R>;
}

/** Options of one publish. */
export interface PublisherOptions {
  /** Default 0. */
  qos?: QoS;
  /** Default false. */
  retain?: boolean;
  /** The properties of PUBLISH (MQTT 5). Default: none. */
  properties?: PublishProperties;
}

/** Options of {@link publishTo}. */
export interface PublishToOptions<T> {
  /** How many publishes may run at a time; default 1000, `Infinity` for no bound. */
  readonly concurrency?: number;
  /**
   * How to handle a failed publish, and a `project` that throws:
   * - `'error'`, the default: the stream errors, and unsubscribes from the publishes under way;
   * - `'continue'`: this value gets no receipt;
   * - a function: it is called, and this value gets no receipt. A throw errors the stream.
   */
  readonly onError?: 'error' | 'continue' | ((error: unknown, value: T) => void);
}

const DEFAULT_CONCURRENCY = 1000;

/**
 * Publishes what the source emits, and emits the receipts in the order in which the publishes complete.
 *
 * `project` makes the message, `{ topic, payload, qos, retain, properties }`, from a value. Leave it out when the
 * source already emits messages. Received messages work too: they are sent without their topic alias and subscription
 * identifiers.
 *
 * - Completes when the source has completed and every publish is settled.
 * - Errors with the source at once, and with a publish as `onError` says; waiting values are then dropped.
 * - Holds the values that wait for one of the `concurrency` places. An Observable cannot be paused, so this queue grows
 *   while the source is faster than the broker; the cost per value stays the same.
 * - Unsubscribing unsubscribes from the source and from the publishes under way: unsent messages are not sent, and a
 *   handshake that has begun runs to its end.
 *
 * @throws MqttError `INVALID_OPTION` unless the concurrency is a whole number of at least 1, or Infinity.
 *
 * ```ts
 * readings$.pipe(
 *   publishTo(client, (r) => ({ topic: `hall/${r.id}`, payload: JSON.stringify(r), qos: 1 }), { concurrency: 100 }),
 * ).subscribe({ complete: () => console.log('the broker has everything') });
 * ```
 */
export function publishTo<R = PublishReceipt>(client: Publisher<R>): OperatorFunction<Publishable, R>;
/** With options, where the source emits what is to be published. */
export function publishTo<R = PublishReceipt>(
  client: Publisher<R>,
  project: undefined,
  options?: PublishToOptions<Publishable>,
): OperatorFunction<Publishable, R>;
/** With a function that makes of each value what is to be published. */
export function publishTo<T, R = PublishReceipt>(
  client: Publisher<R>,
  project: (value: T) => Publishable,
  options?: PublishToOptions<T>,
): OperatorFunction<T, R>;
export function publishTo<T extends Publishable, R>(
  client: Publisher<R>,
  project: (value: T) => Publishable = withoutConnectionProperties,
  options: PublishToOptions<T> = {},
): OperatorFunction<T, R> {
  const known: Checks<PublishToOptions<T>> = { concurrency: unchecked, onError: onErrorOr('continue') };
  const checked = checkOptions<PublishToOptions<T>>(options, known, 'publishTo');
  const { concurrency = DEFAULT_CONCURRENCY, onError = 'error' } = checked;
  checkConcurrency('publishTo', concurrency);
  checkClient(client, 'publish', 'publishTo');
  callback(project, 'project', 'publishTo');
  let plain: PublisherOptions = { qos: 0, retain: false };
  const job: Job<T, R> = {
    concurrency,
    start(value, observer) {
      const { topic, payload, qos = 0, retain = false, properties } = project(value);
      let given = plain;
      if (properties !== undefined) given = { qos, retain, properties };
      // Messages come in rows of the same kind.
      else if (plain.qos !== qos || plain.retain !== retain) given = plain = { qos, retain };
      return fromInput(client.publish(topic, payload, given)).subscribe(observer);
    },
    ...(onError === 'error' ? {} : { failed: onError === 'continue' ? ignore : onError }),
  };
  return (source) => runConcurrently(source, job);
}

/** A topic alias holds for one connection only, and a client sends no subscription identifier [MQTT-3.3.4-6]. */
function withoutConnectionProperties(message: Publishable): Publishable {
  const { topic, payload, qos, retain, properties } = message;
  if (properties?.topicAlias === undefined && properties?.subscriptionIdentifier === undefined) return message;
  const kept = { ...properties };
  delete kept.topicAlias;
  delete kept.subscriptionIdentifier;
  return { topic, payload, qos, retain, properties: kept };
}

function ignore(): void {
  // `onError: 'continue'` asks for nothing else.
}
