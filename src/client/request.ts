import {
  concat,
  defer,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { ClosedError, ErrorCode, PublishError, TimeoutError } from '../errors.js';
import { safeTimer } from '../rx/safe-timer.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { checkOptions, type Checks, oneOf, properties, that } from '../options/check-options.js';
import { checkClient } from '../options/check-client.js';
import { hooksOf } from './client-hooks.js';
import type { Payload, PublishOptions } from './client-options.js';
import type { MqttMessage } from './mqtt-message.js';
import { ReplyChannel, type Requester } from './reply-channel.js';

/** Options of {@link request}. */
export interface RequestOptions {
  /** QoS of the request. Replies arrive at the responder's QoS, 1 at most. Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** ms from the subscription to the last reply; 0 for no limit. Default 30 000. */
  readonly timeout?: number;
  /**
   * How many replies to wait for. Default 1. `Infinity` collects replies until the timeout, which is then not an error.
   */
  readonly replies?: number;
  /** Properties of the request, except response topic and correlation data, which the library sets. */
  readonly properties?: PublishOptions['properties'];
}

const KNOWN: Checks<RequestOptions> = {
  qos: oneOf(0, 1, 2),
  timeout: that((ms) => Number.isFinite(ms) && Number(ms) >= 0, 'a number of ms, or 0'),
  replies: that((n) => n === Infinity || (Number.isInteger(n) && Number(n) >= 1), 'a whole number from 1, or Infinity'),
  properties,
};
const NO_MATCHING_SUBSCRIBERS = 0x10;

/**
 * Publishes a request on each subscription, and emits its replies: one, or `replies`. All requests of a client share
 * one subscription, which lingers for 10 s. A request waits for a connection and survives reconnects. MQTT 5 only.
 *
 * Errors with `TimeoutError` when the replies do not arrive in time, with `PublishError` when the broker refuses the
 * request or knows no subscriber (reason code 0x10), with `ClosedError` when the client ends, and with `TypeError` for
 * an invalid option.
 *
 * @example
 * ```ts
 * request(client, 'calc/add', '[1, 2]', { timeout: 2000 }).pipe(json<number>()).subscribe(console.log);
 * ```
 */
export function request(
  client: Requester,
  topic: string,
  payload: Payload,
  given: RequestOptions = {},
): Observable<MqttMessage> {
  checkClient(client, 'publish', 'request');
  const hooks = hooksOf(client);
  const exchange$ = defer(() => {
    const options = checkRequest(topic, given);
    const { timeout = 30_000, replies = 1 } = options;
    const channel = ReplyChannel.of(hooks.client);
    const correlationData = channel.correlation();
    // Drop the receipt, so that only replies are counted.
    const reply$ = merge(
      channel.replies(correlationData),
      hooks.needed$,
      send(hooks.client, channel, correlationData, topic, payload, options),
    );
    if (timeout === 0) return reply$.pipe(take(replies));
    if (replies === Infinity) return reply$.pipe(takeUntil(safeTimer(timeout)));
    const late$ = safeTimer(timeout).pipe(
      map(() => {
        throw requestTimedOut(topic, timeout);
      }),
    );
    return merge(reply$, late$).pipe(take(replies));
  });
  return hooks.adapt(exchange$);
}

/** Publishes the request once the channel is ready. Never emits; errors when no reply can arrive. */
function send(
  client: Requester,
  channel: ReplyChannel,
  correlationData: Uint8Array,
  topic: string,
  payload: Payload,
  { qos = 1, properties }: RequestOptions,
): Observable<never> {
  const ended$ = throwError(() => new ClosedError(`request to "${topic}" failed: the client was ended`));
  return concat(channel.topic$, ended$).pipe(
    mergeMap((responseTopic) =>
      concat(
        client.publish(topic, payload, { qos, properties: { ...properties, responseTopic, correlationData } }),
        NEVER,
      ),
    ),
    tap(({ reasonCode }) => {
      if (reasonCode === NO_MATCHING_SUBSCRIBERS) throw noResponder(topic);
    }),
    ignoreElements(),
  );
}

/** @throws TypeError for an invalid option, PublishError for an invalid topic. */
function checkRequest(topic: string, given: RequestOptions): RequestOptions {
  const options = checkOptions<RequestOptions>(given, KNOWN, 'request');
  const { timeout = 30_000, replies = 1, properties } = options;
  if (replies === Infinity && timeout === 0) {
    throw new TypeError('request: replies: Infinity never ends without a timeout; give one');
  }
  if (properties?.responseTopic !== undefined || properties?.correlationData !== undefined) {
    throw new TypeError(
      'request: the library sets response topic and correlation data; to set them yourself, use publish() and subscribe()',
    );
  }
  const problem = topicNameProblem(topic);
  if (problem === undefined) return options;
  throw new PublishError(`request failed: the topic ${problem}`, { code: ErrorCode.INVALID_TOPIC });
}

function requestTimedOut(topic: string, ms: number): TimeoutError {
  return new TimeoutError(`request to "${topic}" was not answered within ${ms} ms; is a responder subscribed to it?`);
}

function noResponder(topic: string): PublishError {
  return new PublishError(`request to "${topic}" failed: it has no subscriber; start a responder first`, {
    reasonCode: NO_MATCHING_SUBSCRIBERS,
  });
}
