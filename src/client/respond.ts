import { catchError, concat, defer, EMPTY, ignoreElements, mergeMap, type Observable, of, throwError } from 'rxjs';
import type { StreamInput } from '../rx/from-input.js';
import { toObservable } from '../rx/to-observable.js';
import { callback, checkOptions, type Checks, numberIn, oneOf, unchecked } from '../options/check-options.js';
import type { Payload, PublishOptions } from './client-options.js';
import type { MqttClient } from './mqtt-client.js';
import type { MqttMessage } from './mqtt-message.js';

/** Answers one request: a payload, or an Observable or a promise of payloads, each of which is a reply. */
export type RequestHandler = (request: MqttMessage) => Payload | StreamInput<Payload>;

export interface RespondOptions {
  /** QoS of the request subscription and of the replies. Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** How many requests to handle at a time; the others wait, at QoS 1 and 2 in the broker. Default: no bound. */
  readonly concurrency?: number;
  /** Additional properties of the replies. */
  readonly properties?: PublishOptions['properties'];
  /**
   * Called when a handler throws or errors. That request gets no further reply, and the next one is handled. Without
   * it, the error ends the Observable.
   */
  readonly onError?: (error: unknown, request: MqttMessage) => void;
}

const KNOWN: Checks<RespondOptions> = {
  qos: oneOf(0, 1, 2),
  concurrency: numberIn(1, Infinity, 'requests'),
  properties: unchecked,
  onError: callback,
};

/**
 * Answers the requests on a filter, which may be shared (`$share/group/filter`), while it is subscribed to: publishes
 * the handler's payloads to the request's response topic, with its correlation data. Emits and acknowledges each
 * request once it is answered. A message without a response topic is emitted unhandled.
 *
 * Completes and errors as `subscribe` does. Without `onError`, a handler's error also ends it.
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
  const replyWith =
    ({ qos = 1, properties, onError }: RespondOptions) =>
    (request: MqttMessage, responseTopic: string): Observable<never> => {
      const { correlationData } = request.properties ?? {};
      const all = { ...properties, ...(correlationData === undefined ? undefined : { correlationData }) };
      return toObservable(() => handler(request)).pipe(
        mergeMap((payload) => client.publish(responseTopic, payload, { qos, properties: all })),
        ignoreElements(),
        catchError((error: unknown) => {
          if (onError !== undefined) onError(error, request);
          else request.ack();
          return onError === undefined ? throwError(() => error) : EMPTY;
        }),
      );
    };
  return defer(() => {
    const checked = checkOptions<RespondOptions>(options, KNOWN, 'respond');
    const { qos = 1, concurrency = Infinity } = checked;
    const reply = replyWith(checked);
    return client.subscribe(filter, { qos, ack: 'manual' }).pipe(
      mergeMap((request) => {
        const responseTopic = request.properties?.responseTopic;
        const replied$ = responseTopic === undefined ? EMPTY : reply(request, responseTopic);
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
