import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  ignoreElements,
  last,
  map,
  merge,
  type Observable,
  of,
  range,
  switchMap,
  take,
  toArray,
} from 'rxjs';
import type { MqttClient, MqttMessage, Negotiated, QoS } from 'rxmqtt';
import { msText } from '../format/count-text.js';
import type { OpenClient } from '../run-client.js';
import { probed, type Row } from './row.js';

/** The requested session expiry, in s: a day. */
const LASTING = 86_400;

/** How many round trips to measure. */
const PINGS = 10;

export interface ProbeContext {
  readonly client: MqttClient;
  readonly negotiated: Negotiated;
  /** The prefix of the topics. */
  readonly topic: string;
  readonly open: OpenClient;
}

/** Tries the features of the broker. */
export function probes(context: ProbeContext): Observable<Row> {
  const { client, negotiated, topic } = context;
  const no = (name: string): Observable<Row> => of({ name, state: 'no', text: 'the broker says that it has none' });
  const levels = [0, 1, 2] as const;
  return concat(
    ...levels.map((qos) =>
      qos > negotiated.maximumQoS
        ? of<Row>({ name: `QoS ${qos}`, state: 'no', text: `the broker accepts QoS ${negotiated.maximumQoS} at most` })
        : probed(
            `QoS ${qos}`,
            roundTrip(client, `${topic}/q${qos}`, `${topic}/q${qos}`, qos).pipe(map(grantedText(qos))),
          ),
    ),
    negotiated.retainAvailable ? retained(context) : no('retained messages'),
    negotiated.wildcardSubscriptionAvailable ? wildcards(context) : no('wildcards'),
    negotiated.sharedSubscriptionAvailable ? shared(context) : no('shared subscriptions'),
    session(context),
    latency(client),
  );
}

const grantedText =
  (qos: QoS) =>
  (message: MqttMessage): string => {
    if (message.qos === qos) return 'there and back';
    throw new Error(`a message published at QoS ${qos} came back at QoS ${message.qos}`);
  };

/** Publishes to a topic, and receives the message by a filter. */
function roundTrip(client: MqttClient, subscribed: string, topic: string, qos: QoS): Observable<MqttMessage> {
  return defer(() => {
    const payload = `rxmqtt check ${Math.random()}`;
    const published$ = client.granted(subscribed).pipe(
      switchMap(() => client.publish(topic, payload, { qos })),
      ignoreElements(),
    );
    const received$ = client.subscribe(subscribed, { qos }).pipe(filter((message) => message.text() === payload));
    return merge(received$, published$).pipe(take(1));
  });
}

function retained({ client, topic }: ProbeContext): Observable<Row> {
  const name = `${topic}/retained`;
  const kept$ = concat(
    client.publish(name, 'kept', { qos: 0, retain: true }).pipe(ignoreElements()),
    client.subscribe(name).pipe(filter(({ retain }) => retain)),
  ).pipe(
    take(1),
    map(() => 'kept and delivered'),
    finalize(() => client.publish(name, '', { qos: 0, retain: true }).subscribe({ error: () => undefined })),
  );
  return probed('retained messages', kept$, 'the broker accepted it and did not deliver it');
}

function wildcards({ client, topic }: ProbeContext): Observable<Row> {
  const name = `${topic}/a/b`;
  const both$ = concat(roundTrip(client, `${topic}/+/b`, name, 0), roundTrip(client, `${topic}/a/#`, name, 0)).pipe(
    last(),
    map(() => '+ and #'),
  );
  return probed('wildcards', both$);
}

function shared({ client, topic }: ProbeContext): Observable<Row> {
  const trip$ = roundTrip(client, `$share/rxmqtt-check/${topic}/shared`, `${topic}/shared`, 0);
  return probed('shared subscriptions', trip$.pipe(map(() => 'granted and delivered')));
}

/** Publishes a message while the client of a session is offline. */
function session({ client, topic, open, negotiated: { protocolVersion } }: ProbeContext): Observable<Row> {
  const name = `${topic}/session`;
  const clientId = `rxmqtt-check-${Math.random().toString(36).slice(2, 10)}`;
  const lasting = { clientId, protocolVersion, clean: false, sessionExpiry: LASTING };
  const left$ = defer(() => {
    const before = open(lasting);
    const subscribing = before.subscribe(name, { qos: 1 }).subscribe({ error: () => undefined });
    return before.granted(name).pipe(
      switchMap(() => before.end()),
      finalize(() => subscribing.unsubscribe()),
    );
  });
  const back$ = defer(() => {
    const after = open(lasting);
    const received$ = after.subscribe(name, { qos: 1 });
    return after.connected$.pipe(
      take(1),
      switchMap(({ sessionPresent, negotiated }) => {
        if (!sessionPresent) throw new Error('the broker has forgotten the session');
        const { sessionExpiry } = negotiated;
        const less = protocolVersion === 5 && sessionExpiry < LASTING ? `; for ${sessionExpiry} s at most` : '';
        return received$.pipe(map(() => `kept, with the message from the time offline${less}`));
      }),
      take(1),
      switchMap((text) => from(after.end()).pipe(map(() => text))),
    );
  });
  // Ends the session in any case, so that the broker does not keep it for a day.
  const forgotten$ = defer(() => open({ clientId, protocolVersion, clean: true }).connected$).pipe(
    take(1),
    ignoreElements(),
    catchError(() => EMPTY),
  );
  return probed(
    'session',
    concat(left$.pipe(ignoreElements()), client.publish(name, 'kept', { qos: 1 }).pipe(ignoreElements()), back$),
    'the message from the time offline did not arrive',
  ).pipe(concatMap((row) => concat(forgotten$, of(row))));
}

function latency(client: MqttClient): Observable<Row> {
  const times$ = range(PINGS).pipe(
    concatMap(() => client.ping()),
    toArray(),
    map((times) => {
      const sorted = [...times].sort((a, b) => a - b);
      return `${msText(sorted[PINGS / 2] ?? 0)} there and back, ${msText(sorted.at(-1) ?? 0)} at most (${PINGS} pings)`;
    }),
  );
  return probed('latency', times$, 'the broker did not answer PINGREQ');
}
