import { catchError, defer, forkJoin, ignoreElements, map, type Observable, of, tap } from 'rxjs';
import type { Server } from '../transport/platform.js';
import { isSrvUrl } from '../transport/url.js';
import { originOf } from './redirect.js';
import { stickyOrder } from './sticky-order.js';

export interface ServerListOptions {
  /** URLs of servers and of services. */
  readonly servers: readonly string[];
  readonly startWith: 'first' | 'random' | 'sticky';
  readonly clientId: string;
  /** The servers of a service, in the order in which to try them. */
  readonly lookUp: (url: string) => Observable<readonly Server[]>;
  /** A service could not be looked up, and the client goes on with what it knows. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The configured servers in the order in which to try them: a round after the other. The services among them are looked
 * up again for each round, and after each connection.
 */
export class ServerList {
  /** A new round begins, and has to look services up first. */
  isLookupDue: boolean;
  private readonly configured: readonly string[];
  private readonly services: readonly string[];
  /** The servers that were found last. */
  private readonly found = new Map<string, readonly Server[]>();
  /** This round, each server once. */
  private urls: readonly string[];
  private index = 0;
  /** The servers of this round that are as good as the first. */
  private best: readonly string[];
  /** The server that has failed before this round, which has its turn at the end. */
  private failed: string | undefined = undefined;
  private readonly clientId: string;

  constructor(private readonly options: ServerListOptions) {
    const { servers, startWith, clientId } = options;
    this.configured = startWith === 'random' ? rotated(servers) : servers;
    this.services = servers.filter(isSrvUrl);
    this.isLookupDue = this.services.length > 0;
    // Clients whose identifier the broker assigns are spread, too.
    this.clientId = clientId === '' ? String(Math.random()) : clientId;
    this.urls = this.configured;
    this.best = this.configured;
    if (!this.isLookupDue) this.arrange();
  }

  /** The server to dial; before the first look-up the name of a service. */
  get url(): string {
    return this.urls[this.index] ?? '';
  }

  /** Where {@link url} would be without failures. */
  get preferred(): string {
    return this.best[0] ?? '';
  }

  /** No other server is better than the current one. */
  get isPreferred(): boolean {
    return this.best.includes(this.url);
  }

  /** How many servers there are in this round. */
  get size(): number {
    return this.urls.length;
  }

  includes(url: string): boolean {
    return this.urls.includes(url);
  }

  /** Whether one of the servers has this host and port. */
  hasOriginOf(url: string): boolean {
    const origin = originOf(url);
    return this.urls.some((one) => originOf(one) === origin);
  }

  /**
   * Moves on to the next server.
   * @param wasConnected - a connection was lost, and not an attempt.
   */
  next(wasConnected: boolean): void {
    const { url } = this;
    const isRanked = this.options.startWith === 'sticky' || this.services.length > 0;
    this.index++;
    if (this.index < this.urls.length && !(wasConnected && isRanked)) return;
    this.index = 0;
    if (!isRanked) return;
    this.isLookupDue = this.services.length > 0;
    this.failed = url;
    this.arrange();
  }

  /** Goes back to the preferred server. */
  restart(): void {
    this.isLookupDue = this.services.length > 0;
    this.failed = undefined;
    this.arrange();
  }

  /** Looks the services up. Completes when the round can begin, and errors when there is no server to dial. */
  lookUp(): Observable<never> {
    return defer(() => {
      const failures: unknown[] = [];
      const answers = this.services.map((service) =>
        this.options.lookUp(service).pipe(
          map((servers) => this.found.set(service, servers)),
          catchError((error: unknown) => {
            failures.push(error);
            return of(undefined);
          }),
        ),
      );
      return forkJoin(answers).pipe(
        tap(() => {
          if (!this.arrange()) throw failures[0];
          this.isLookupDue = false;
          failures.forEach((failure) => this.options.onFailure(failure));
        }),
        ignoreElements(),
      );
    });
  }

  /** Begins a round. Returns whether there is a server in it. */
  private arrange(): boolean {
    const { failed } = this;
    const sticky = this.options.startWith === 'sticky';
    const entries = this.configured.map((url) => this.serversOf(url));
    const servers = sticky ? stickyOrder(entries.flat(), this.clientId) : entries.flat();
    const urls = [...new Set(servers.map(({ url }) => url))];
    this.index = 0;
    if (urls.length === 0) {
      this.urls = this.best = this.configured;
      return false;
    }
    this.best = urls.slice(0, sticky ? 1 : equals(entries.find(({ length }) => length > 0) ?? []));
    const hasFailed = failed !== undefined && urls.includes(failed);
    this.urls = hasFailed ? [...urls.filter((url) => url !== failed), failed] : urls;
    return true;
  }

  /** One of the configured servers, or what is known of a service. Priorities count from 0, so that services compare. */
  private serversOf(url: string): readonly Server[] {
    if (!isSrvUrl(url)) return [{ url, priority: 0, weight: 1 }];
    const servers = this.found.get(url) ?? [];
    const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
    return servers.map((server) => ({ ...server, priority: priorities.indexOf(server.priority) }));
  }
}

/** How many of the servers at the head have the best priority. */
function equals(servers: readonly Server[]): number {
  return servers.filter(({ priority }) => priority === servers[0]?.priority).length;
}

/** From any of them round. */
function rotated<T>(all: readonly T[]): readonly T[] {
  const start = Math.floor(Math.random() * all.length);
  return [...all.slice(start), ...all.slice(0, start)];
}
