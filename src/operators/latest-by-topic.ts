import type { OperatorFunction, Subscription } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { ErrorCode, MqttError } from '../errors.js';
import { callback, checkOptions, type Checks, shown, unchecked } from '../options/check-options.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { checkPeriod } from './check-period.js';
import { gather } from './gather.js';
import { LatestValues } from './latest-values.js';
import type { NoInference } from './no-inference.js';

/** Options of {@link latestByTopic}. */
export interface LatestByTopicOptions<T, M = MqttMessage> {
  /** The key of a message in the map. Default: its topic. */
  readonly key?: (message: NoInference<M>) => string;
  /**
   * Turns a message into a value. Return `previous`, the current value of the key, if the message changes nothing; no
   * new map is emitted for it then. Default: the message itself, with its own copy of the payload.
   */
  readonly map?: (message: M, previous: T | undefined) => T;
  /** Removes an entry that has not been updated for this many ms. Default: never. */
  readonly expire?: number;
  /** The maximum number of entries. One more removes the entry that was updated longest ago. Default 100 000. */
  readonly max?: number;
  /** Emits at most one map in this many ms. Default 0: one per tick. Each map is a copy, so give large maps time. */
  readonly every?: number;
}

const KNOWN: Checks<LatestByTopicOptions<unknown>> = {
  key: callback,
  map: callback,
  expire: unchecked,
  max: unchecked,
  every: unchecked,
};

/** What {@link latestByTopic} needs of a message. @inline */
export interface TopicMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  ack?(): void;
}

/**
 * Keeps the newest value of each topic, and emits a map of all of them when something has changed, at most once every
 * `every` ms. The keys are in the order in which they first arrived. A value that has not changed is the same object in
 * each map.
 *
 * An empty payload removes its topic. That is how a retained message is cleared, and existing subscribers receive it
 * with `retain: false`. Messages of a subscription with `ack: 'manual'` are acknowledged here.
 *
 * ```text
 * messages                  a1 b1 ------- b2 --------- a"" |
 * latestByTopic             -----{a1,b1} -----{a1,b2} ---- ({b2}|)
 * ```
 *
 * - Emits nothing before the first message. A change starts a period of `every` ms; the map is emitted at its end.
 * - Completes with the source, after a last map if something has changed.
 * - Errors with the source at once, and when `key` or `map` throws.
 * - Holds at most `max` values.
 * - Unsubscribing unsubscribes from the source and forgets everything.
 *
 * @throws MqttError `INVALID_OPTION` unless `max` is a whole number of at least 1 or Infinity, and for an invalid
 * duration.
 *
 * ```ts
 * client.subscribe('fleet/+/position').pipe(
 *   latestByTopic({ map: (message) => message.json<Position>(), expire: 60_000, every: 100 }),
 * ).subscribe((positions) => draw(positions));
 * ```
 */
export function latestByTopic<M extends TopicMessage = MqttMessage>(
  options?: LatestByTopicOptions<M, M> & { readonly map?: undefined },
): OperatorFunction<M, ReadonlyMap<string, M>>;
/** With `map`: its values in the place of messages. */
export function latestByTopic<T, M extends TopicMessage = MqttMessage>(
  options: LatestByTopicOptions<T, M> & { readonly map: (message: M, previous: T | undefined) => T },
): OperatorFunction<M, ReadonlyMap<string, T>>;
/** With options of which `map` may be a part. */
export function latestByTopic<T, M extends TopicMessage = MqttMessage>(
  options: LatestByTopicOptions<T, M>,
): OperatorFunction<M, ReadonlyMap<string, T | M>>;
export function latestByTopic<M extends TopicMessage>(
  options: LatestByTopicOptions<unknown, M> = {},
): OperatorFunction<M, ReadonlyMap<string, unknown>> {
  const checked = checkOptions<LatestByTopicOptions<unknown, M>>(options, KNOWN, 'latestByTopic');
  const { key = topicOf, map = withOwnPayload, expire = Infinity, max = 100_000, every = 0 } = checked;
  checkPeriod('latestByTopic: every', every);
  if (expire !== Infinity) checkPeriod('latestByTopic: expire', expire);
  checkMax(max);
  return gather<M, ReadonlyMap<string, unknown>>(every, (ready, subscriber) => {
    const latest = new LatestValues<unknown>(max);
    const now = expire === Infinity ? () => 0 : elapsed;
    let expiry: Subscription | undefined;
    /** One timer, for the entry that was updated longest ago. By the time it fires, that is usually another entry. */
    const watch = (): void => {
      const { oldestUpdate } = latest;
      expiry = oldestUpdate === undefined ? undefined : afterElapsed(oldestUpdate + expire - now(), removeExpired);
    };
    const removeExpired = (): void => {
      if (latest.expire(now() - expire)) ready();
      watch();
    };
    subscriber.add(() => expiry?.unsubscribe());
    return {
      add(message) {
        const name = key(message);
        const hasChanged =
          message.payload.length === 0 ? latest.delete(name) : latest.set(name, map(message, latest.get(name)), now());
        if (hasChanged) ready();
        if (expiry === undefined && expire !== Infinity) watch();
        message.ack?.();
      },
      emit: (observer) => observer.next(latest.snapshot()),
    };
  });
}

function topicOf({ topic }: TopicMessage): string {
  return topic;
}

/** A payload is a view of the chunk it arrived in; keeping the view would keep the whole chunk. */
function withOwnPayload<M>(message: M): M | PublishPacket {
  if (!(message instanceof PublishPacket)) return message;
  const { topic, payload, qos, retain, dup, packetId, properties } = message;
  return new PublishPacket(topic, payload.slice(), qos, retain, dup, packetId, properties);
}

function checkMax(max: number): void {
  if (max === Infinity || (Number.isInteger(max) && max >= 1)) return;
  throw new MqttError(`latestByTopic: max is ${shown(max)}; give a whole number of 1 or more, or Infinity`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
