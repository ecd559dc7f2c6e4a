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
import { versionName } from '../../packet/version-name.js';
import { elapsed, timeOfDay } from '../../rx/clock.js';
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
import { checkTopic } from '../options/topic-words.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  topic: text('TOPIC', 'the prefix of the topics of the probes [rxmqtt-check/ and random letters]'),
  json: flag('print the result as JSON', 'j'),
  ...CONNECTION,
} as const;

const VERSIONS: readonly ProtocolVersion[] = [5, 4, 3];

/** `rxmqtt check`: examines a broker. */
export const check = command({
  name: 'check',
  usage: '[URL]',
  about: 'examines a broker: versions, limits, features, TLS, latency',
  details: `Prints a line per feature: ok, no (the broker lacks it), warn, or fail. The probes use topics below --topic.
Exit code 0 without any fail, 1 with one, 3 if there is no answer, 4 if the broker refuses the connection.`,
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
    checkTopic(topic);
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

/** The broker's certificate, once a connection has shown it. */
interface Seen {
  certificate: PeerCertificate | undefined;
}

/** Records the certificate of each connection, with its chain if Node has verified it. */
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

/** The rows for a failed connection. If the certificate may be the cause, reads it without trusting it. */
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

/** The versions that the broker speaks: the negotiated one, and the others by trying. */
function versions(open: OpenClient, negotiated: Negotiated): Observable<Row> {
  return from(VERSIONS).pipe(
    concatMap((version) => {
      const name = versionName(version);
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
  if (protocolVersion !== 5) return of(row('limits', `${versionName(protocolVersion)} announces none`));
  return of(
    row('receive maximum', `${grouped(receiveMaximum)} unacknowledged messages`),
    row('packet size', maximumPacketSize >= 268_435_455 ? 'no limit of its own' : sizeText(maximumPacketSize)),
    row('topic aliases', topicAliasMaximum === 0 ? 'none' : grouped(topicAliasMaximum)),
    row('keep-alive', keepalive === 0 ? 'none' : `${keepalive} s`),
    row('subscription ids', negotiated.subscriptionIdentifiersAvailable ? 'available' : 'not available'),
  );
}
