import dns from 'node:dns';
import { isIP } from 'node:net';
import { catchError, defaultIfEmpty, defer, map, Observable, take, throwError } from 'rxjs';
import { ConnectError, MqttError } from '../errors.js';
import { fromInput } from '../rx/from-input.js';
import { inUrl, withoutRoot } from './broker-url.js';
import { messageOf } from './failures.js';
import type { Server } from './platform.js';
import { srvOrder } from './srv-order.js';
import { parseSrvUrl, type SrvUrl } from './srv-url.js';
import type { ConnectTarget, SrvRecord, TlsOptions } from './transport.js';

/**
 * Looks up the servers of a URL such as `mqtt+srv://example.org`, in the order in which to try them. Emits once; errors
 * with a `ConnectError` when there is none. Unsubscribing gives the question up.
 */
export function lookUp({
  url,
  tls,
  socket,
}: Pick<ConnectTarget, 'url' | 'tls' | 'socket'>): Observable<readonly Server[]> {
  return defer(() => {
    const service = parseSrvUrl(url);
    const { name, display } = service;
    const ask = socket?.resolveSrv;
    const records$ =
      ask === undefined ? ofSystem(name) : defer(() => fromInput(ask(name))).pipe(take(1), defaultIfEmpty([]));
    return records$.pipe(
      map((records) => serversOf(service, records, tls)),
      catchError((cause: unknown) => throwError(() => lookUpFailure(display, name, cause))),
    );
  });
}

/** Asks the name servers of the process, those of `dns.setServers()` included. */
function ofSystem(name: string): Observable<readonly SrvRecord[]> {
  return new Observable((subscriber) => {
    // A resolver of its own, because a question is taken back with all others of its resolver.
    const resolver = new dns.Resolver();
    resolver.setServers(dns.getServers());
    resolver.resolveSrv(name, (cause, records) => {
      if (cause !== null) return subscriber.error(cause);
      subscriber.next(records);
      subscriber.complete();
    });
    return () => resolver.cancel();
  });
}

function serversOf(service: SrvUrl, records: readonly SrvRecord[], tls: TlsOptions | undefined): readonly Server[] {
  const { display, name, domain } = service;
  const usable = srvOrder(records.filter(isUsable));
  if (usable.length === 0) throw noServer(display, `${name} names no server`, 'check the SRV records');
  const trusted = usable.filter((record) => isTrusted(service, hostOf(record), tls));
  if (trusted.length === 0) {
    const why = `${name} names ${usable.map(hostOf).join(', ')}, outside of ${domain}, and DNS answers are not signed`;
    throw noServer(display, why, 'set tls.servername to the name in their certificate');
  }
  return trusted.map((record) => ({
    url: service.toServer(inUrl(hostOf(record)), record.port),
    priority: record.priority,
    weight: record.weight,
  }));
}

/** A host name without the dot of the root. */
const hostOf = ({ name }: SrvRecord): string => withoutRoot(name).toLowerCase();

/**
 * Whether a record names a host and a port. A single record for "." says that the service is not available. A label may
 * hold any byte, also one that ends the host of a URL: `evil.example/.example.org`.
 */
function isUsable(record: SrvRecord): boolean {
  const host = hostOf(record);
  const { port } = record;
  return (/^[a-z\d_.-]+$/.test(host) || isIP(host) !== 0) && Number.isInteger(port) && port > 0 && port < 65536;
}

/**
 * With TLS, the certificate proves the name of the server. A forged DNS answer must not choose that name: it is one
 * inside the domain that was asked for, or the one that the application gives.
 */
function isTrusted({ display, domain }: SrvUrl, host: string, tls: TlsOptions | undefined): boolean {
  if (!display.startsWith('mqtts') || host === domain || host.endsWith(`.${domain}`)) return true;
  return tls?.servername !== undefined || tls?.checkServerIdentity !== undefined || tls?.rejectUnauthorized === false;
}

/** Explains the codes of c-ares. */
const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'DNS: no such name',
  ENODATA: 'DNS: the name has no SRV records',
  ESERVFAIL: 'DNS: the name server failed',
  EREFUSED: 'DNS: the name server refused to answer',
  ETIMEOUT: 'DNS: the name server did not answer',
  ECONNREFUSED: 'DNS: no name server could be reached',
};

function lookUpFailure(display: string, name: string, cause: unknown): MqttError {
  if (cause instanceof MqttError) return cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const known = CODES[code];
  return noServer(display, known === undefined ? messageOf(cause) : `${known} (${code})`, `check ${name}`, cause);
}

function noServer(display: string, why: string, hint: string, cause?: unknown): ConnectError {
  return new ConnectError(`looking up ${display} failed: ${why}; ${hint}`, { cause });
}
