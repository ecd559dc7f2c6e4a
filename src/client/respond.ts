import {
  asapScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  mergeMap,
  type Observable,
  observeOn,
  of,
  tap,
} from 'rxjs';
import { ErrorCode, MqttError, PublishError } from '../errors.js';
import { quoted } from '../quoted.js';
import type { StreamInput } from '../rx/from-input.js';
import { toObservable } from '../rx/to-observable.js';
import { callback, checkOptions, type Checks, numberIn, oneOf, properties } from '../options/check-options.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { checkClient } from '../options/check-client.js';
import { hooksOf } from './client-hooks.js';
import type { Payload, PublishOptions } from './client-options.js';
import type { MqttClient } from './mqtt-client.js';
import type { MqttMessage } from './mqtt-message.js';
import { OpenReplies } from './open-replies.js';

/** Answers one request: a payload, or an Observable or a promise of payloads, each of which is a reply. */
export type RequestHandler = (request: MqttMessage) => Payload | StreamInput<Payload>;

/** Options of {@link respond}. */
export interface RespondOptions {
  /** QoS of the request subscription and of the replies. Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** How many requests to handle at a time; the others wait, at QoS 1 and 2 in the broker. Default: no bound. */
  readonly concurrency?: number;
  /** Additional properties of the replies. */
  readonly properties?: PublishOptions['properties'];
  /**
   * Whether to publish to the response topic of a request, which the requester chooses. Default: every topic that does
   * not begin with `$`.
   */
  readonly allowResponseTopic?: (topic: string, request: MqttMessage) => boolean;
  /**
   * Called when a request is not answered: the handler threw or errored, its response topic is not allowed, or the
   * reply could not be published. The service continues with the next request. If `onError` throws, the Observable
   * errors. Default: the error is emitted on the client's `faults$`.
   */
  readonly onError?: (error: unknown, request: MqttMessage) => void;
}

const KNOWN: Checks<RespondOptions> = {
  qos: oneOf(0, 1, 2),
  concurrency: numberIn(1, Infinity, 'requests'),
  properties,
  allowResponseTopic: callback,
  onError: callback,
};

/** How many connections may carry a reply, because the broker may end a connection over it. */
const TRIES = 3;

/**
 * Answers the requests on a filter, which may be shared (`$share/group/filter`), while it is subscribed to: publishes
 * the handler's payloads to the request's response topic, with its correlation data. A request is acknowledged before
 * its first reply is published, or once it is clear that it gets none, and is emitted once it has been answered. A
 * message without a response topic is emitted unhandled.
 *
 * Requests are untrusted, so none of them ends the service: one that cannot be answered is reported (`onError`), and
 * the next one is handled. A reply at QoS 1 or 2 is given up when three connections that carried it have ended before
 * its acknowledgement.
 *
 * Completes and errors as `subscribe` does.
 *
 * @example
 * ```ts
 * respond(client, 'calc/add', (request) => String(sum(request.json<number[]>()))).subscribe();
 * ```
 */
export function respond(
  client: Pick<MqttClient, 'subscribe' | 'publish'>,
  filter: string,
  handler: RequestHandler,
  options: RespondOptions = {},
): Observable<MqttMessage> {
  return defer(() => {
    checkClient(client, 'subscribe', 'respond');
    callback(handler, 'handler', 'respond');
    const checked = checkOptions<RespondOptions>(options, KNOWN, 'respond');
    const { qos = 1, concurrency = Infinity, properties, allowResponseTopic = isOrdinary } = checked;
    const hooks = hooksOf(client);
    const onError = checked.onError ?? ((error, request) => hooks.fault(notAnswered(error, request)));
    const reply = (request: MqttMessage, responseTopic: string, open: OpenReplies): Observable<never> => {
      const { correlationData } = request.properties ?? {};
      const all = { ...properties, ...(correlationData === undefined ? undefined : { correlationData }) };
      return toObservable(() => {
        checkTopic(responseTopic, () => allowResponseTopic(responseTopic, request));
        return handler(request);
      }).pipe(
        tap(() => {
          open.opened(request);
          request.ack();
        }),
        // The acknowledgement is sent when the delivery is over, and the reply must come after it.
        observeOn(asapScheduler),
        mergeMap((payload) => hooks.publishAtMost(TRIES, responseTopic, payload, { qos, properties: all })),
        ignoreElements(),
        tap({ complete: () => open.answered(request) }),
        catchError((error: unknown) => {
          // The broker must not send this request again, even if `onError` ends the service.
          request.ack();
          onError(error, request);
          return EMPTY;
        }),
      );
    };
    const open = new OpenReplies();
    return client.subscribe(filter, { qos, ack: 'manual' }).pipe(
      mergeMap((request) => {
        const responseTopic = request.properties?.responseTopic;
        if (open.has(request)) {
          request.ack();
          return EMPTY;
        }
        const replied$ = responseTopic === undefined ? EMPTY : reply(request, responseTopic, open);
        return concat(
          replied$,
          defer(() => {
            request.ack();
            return of(request);
          }),
        );
      }, concurrency),
    );
  });
}

/** Not a topic of the server's own [MQTT-4.7.2-1]. */
function isOrdinary(topic: string): boolean {
  return !topic.startsWith('$');
}

/** @throws PublishError for a response topic that cannot or must not be published to. */
function checkTopic(topic: string, isAllowed: () => boolean): void {
  const problem = topicNameProblem(topic) ?? (isAllowed() ? undefined : 'is not allowed (allowResponseTopic)');
  if (problem === undefined) return;
  throw new PublishError(`the response topic ${quoted(topic)} ${problem}`, { code: ErrorCode.INVALID_TOPIC });
}

/** Does not repeat the handler's message: that of JSON.parse, for example, holds the payload. */
function notAnswered(cause: unknown, { topic }: MqttMessage): MqttError {
  const why = cause instanceof MqttError ? cause.message : 'its handler failed; see cause, or give onError';
  const code = cause instanceof MqttError ? cause.code : ErrorCode.REQUEST_FAILED;
  return new MqttError(`respond: a request to ${quoted(topic)} was not answered: ${why}`, { code, cause });
}
