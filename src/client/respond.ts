import { catchError, concat, defer, EMPTY, ignoreElements, mergeMap, type Observable, of, throwError } from 'rxjs';
import type { StreamInput } from '../rx/from-input.js';
import { toObservable } from '../rx/to-observable.js';
import { refuseUnknown } from './check-options.js';
import type { Payload, PublishOptions } from './client-options.js';
import type { MqttClient } from './mqtt-client.js';
import type { MqttMessage } from './mqtt-message.js';

/** Answers one request: a payload, or an Observable or a promise of payloads, each of which is a reply. */
export type RequestHandler = (request: MqttMessage) => Payload | StreamInput<Payload>;

export interface RespondOptions {
  /** Of the subscription to requests, and of the replies. Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** Requests that are handled at a time; the others wait, at QoS 1 and 2 in the broker. Default: no bound. */
  readonly concurrency?: number;
  /** Further properties of the replies. */
  readonly properties?: PublishOptions['properties'];
  /**
   * Called with what a handler throws or errors with; the request then gets no (further) reply, and the next one is
   * handled. Left out: the error ends the Observable.
   */
  readonly onError?: (error: unknown, request: MqttMessage) => void;
}

const KNOWN: readonly string[] = ['qos', 'concurrency', 'properties', 'onError'] satisfies (keyof RespondOptions)[];

/**
 * Answers the requests that come in on a filter, also a shared one (`$share/group/filter`), for as long as it is
 * subscribed to: it publishes what the handler gives to the request's response topic, with its correlation data.
 * Emits each request once it is answered, and acknowledges it then. A message without response topic is emitted
 * without being handled.
 *
 * Completes and errors as `subscribe` does, and errors with what the handler errors with unless `onError` is given.
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
  const { qos = 1, concurrency = Infinity, properties, onError } = options;
  const reply = (request: MqttMessage, responseTopic: string): Observable<never> => {
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
    refuseUnknown(options, KNOWN, 'respond');
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
