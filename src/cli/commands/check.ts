import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  map,
  type Observable,
  of,
  switchMap,
  take,
  tap,
  throwError,
} from 'rxjs';
import { type ClientOptions, type Negotiated, nodeTransport, type ProtocolVersion } from 'rxmqtt';
import { elapsed, timeOfDay } from '../../rx/clock.js';
import { topicNameProblem } from '../../topic/topic-name.js';
import { displayUrl } from '../../transport/url.js';
import { certificateRows } from '../check/certificates.js';
import { probes } from '../check/probes.js';
import { probed, type Row, rowText } from '../check/row.js';
import { type Call, command } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { grouped, msText, sizeText } from '../format/count-text.js';
import { messageOf } from '../format/message-of.js';
import { urlOf } from '../options/client-options.js';
import { CONNECTION } from '../options/connection-options.js';
import { flag, text } from '../options/option.js';
import { type OpenClient, runClients } from '../run-client.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  topic: text('TOPIC', 'what the topics of the probes begin with [rxmqtt-check/ and random letters]'),
  json: flag('print the result as JSON', 'j'),
  ...CONNECTION,
} as const;

const VERSIONS = [
  [5, 'MQTT 5'],
  [4, 'MQTT 3.1.1'],
  [3, 'MQTT 3.1'],
] as const satisfies readonly (readonly [ProtocolVersion, string])[];

/** `rxmqtt check`: what a broker is, says and does. */
export const check = command({
  name: 'check',
  usage: '[URL]',
  about: 'examines a broker: versions, limits, features, TLS, latency',
  details: `A line each: ok, no (the broker does not have it), warn, or fail. What can be tried is tried, at topics below --topic.
Exit code 0 without any fail, 1 with one, 3 when there is no answer, 4 when the broker refuses the connection.`,
  options: OPTIONS,
  examples: [
    ['rxmqtt check mqtts://broker.example -u support', 'asks for the password'],
    ['rxmqtt check broker.example --json', 'for a script'],
  ],
  async run(call: Call<typeof OPTIONS>) {
    const { values, words, terminal } = call;
    const [word, more] = words;
    if (more !== undefined) throw new UsageError(`unexpected argument '${more}'`);
    const url = word ?? values.url;
    const topic = values.topic ?? `rxmqtt-check/${Math.random().toString(36).slice(2, 10)}`;
    const problem = topicNameProblem(topic);
    if (problem !== undefined) throw new UsageError(`the topic ${problem}`);
    const rows: Row[] = [];
    const code = await runClients({ terminal, values: { ...values, url, retry: false } }, (open) =>
      examined(open, topic).pipe(
        tap((row) => {
          rows.push(row);
          if (!values.json) terminal.out(rowText(row, terminal));
        }),
      ),
    ).finally(() => {
      const isOk = rows.length > 0 && rows.every(({ state }) => state !== 'fail');
      if (values.json) terminal.out(JSON.stringify({ url: displayUrl(urlOf(url)), ok: isOk, checks: rows }));
    });
    return rows.some(({ state }) => state === 'fail') ? ExitCode.ERROR : code;
  },
});

/** All rows; errors when there is no connection. */
function examined(open: OpenClient, topic: string): Observable<Row> {
  return defer(() => {
    const started = elapsed();
    const seen: Seen = { certificate: undefined };
    const client = open((options) => watching(options, seen));
    return client.connected$.pipe(
      take(1),
      map(({ negotiated, url }) =>
        concat(
          of<Row>({ name: 'connection', state: 'ok', text: `${url} in ${msText(elapsed() - started)}` }),
          certificateOf(seen, undefined),
          versions(open, negotiated),
          limits(negotiated),
          probes({ client, negotiated, topic, open }),
        ),
      ),
      catchError((error: unknown) => of(refused(open, error))),
      switchMap((row$) => row$),
    );
  });
}

/** What was seen of the broker's certificate while connecting. */
interface Seen {
  certificate: PeerCertificate | undefined;
}

/** Looks at the certificate of each connection: with the chain where Node has verified it. */
function watching({ tls }: ClientOptions, seen: Seen): Partial<ClientOptions> {
  return {
    transport: (target) =>
      nodeTransport(target).pipe(
        tap(({ peer }) => {
          seen.certificate ??= peer.certificate as PeerCertificate | undefined;
        }),
      ),
    tls: {
      ...tls,
      checkServerIdentity: (hostname: string, certificate: PeerCertificate) => {
        seen.certificate = certificate;
        return checkServerIdentity(hostname, certificate);
      },
    },
  };
}

function certificateOf({ certificate }: Seen, trust: string | undefined): Observable<Row> {
  return certificate === undefined ? EMPTY : from(certificateRows(certificate, trust, timeOfDay()));
}

/** There is no connection. Where the certificate may be why, it is looked at without being trusted. */
function refused(open: OpenClient, error: unknown): Observable<Row> {
  const why = messageOf(error);
  const row: Row = { name: 'connection', state: 'fail', text: why };
  const rethrown$ = throwError(() => error);
  if (!/certificate|TLS/i.test(why)) return concat(of(row), rethrown$);
  const certificate$ = defer(() => {
    const seen: Seen = { certificate: undefined };
    const client = open((options) => ({
      ...watching(options, seen),
      tls: { ...options.tls, rejectUnauthorized: false },
      reconnect: false,
    }));
    const look = (): Observable<Row> => certificateOf(seen, 'it is not trusted');
    return client.connected$.pipe(take(1), switchMap(look), catchError(look));
  });
  return concat(of(row), certificate$, rethrown$);
}

/** Which versions the broker speaks: the one that was agreed on, and the others by trying. */
function versions(open: OpenClient, negotiated: Negotiated): Observable<Row> {
  return from(VERSIONS).pipe(
    concatMap(([version, name]) => {
      if (version === negotiated.protocolVersion) return of<Row>({ name, state: 'ok', text: 'spoken here' });
      const row$ = defer(() => {
        const client = open({ protocolVersion: version, reconnect: false });
        return client.connected$.pipe(
          take(1),
          switchMap(() => client.end()),
          map((): string => 'accepted'),
          catchError((error: unknown) => of<Row>({ name, state: 'no', text: messageOf(error) })),
        );
      });
      return probed(name, row$);
    }),
  );
}

function limits(negotiated: Negotiated): Observable<Row> {
  const { protocolVersion, receiveMaximum, maximumPacketSize, topicAliasMaximum, keepalive } = negotiated;
  const row = (name: string, what: string): Row => ({ name, state: 'ok', text: what });
  if (protocolVersion !== 5) return of(row('limits', `MQTT ${protocolVersion === 4 ? '3.1.1' : '3.1'} tells none`));
  return of(
    row('receive maximum', `${grouped(receiveMaximum)} unacknowledged messages`),
    row('packet size', maximumPacketSize >= 268_435_455 ? 'no limit of its own' : sizeText(maximumPacketSize)),
    row('topic aliases', topicAliasMaximum === 0 ? 'none' : grouped(topicAliasMaximum)),
    row('keep-alive', keepalive === 0 ? 'none' : `${keepalive} s`),
    row('subscription ids', negotiated.subscriptionIdentifiersAvailable ? 'available' : 'not available'),
  );
}
