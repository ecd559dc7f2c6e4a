import { catchError, concat, defer, EMPTY, forkJoin, ignoreElements, map, type Observable, of, tap } from 'rxjs';
import type { Server } from '../transport/platform.js';
import { isSrvUrl } from '../transport/url.js';
import { originOf } from './redirect.js';
import { stickyOrder } from './sticky-order.js';

export interface ServerListOptions {
  /** URLs of servers and of services. */
  readonly servers: readonly string[];
  readonly startWith: 'first' | 'random' | 'sticky';
  readonly clientId: string;
  /**
   * The servers of a service, in the order in which to try them.
   * @param hasOthers - without an answer the client goes on with other servers.
   */
  readonly lookUp: (url: string, hasOthers: boolean) => Observable<readonly Server[]>;
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
  /** The servers that are as good as the first. */
  private best: readonly string[];
  /** A service that may have better ones has given no answer yet. */
  private isPartial = false;
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

  /** What is looked up, for messages. */
  get service(): string {
    return this.services[0] ?? '';
  }

  /** No other server is better than the current one. */
  get isPreferred(): boolean {
    return !this.isPartial && this.best.includes(this.url);
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

  /** Begins a round with the preferred server, or with this one. */
  restart(preferred?: string): void {
    this.failed = undefined;
    this.arrange();
    if (preferred !== undefined) this.urls = [preferred, ...this.urls.filter((url) => url !== preferred)];
  }

  /** A connection follows on no failure: the services are looked up before it. */
  resume(): void {
    this.isLookupDue = this.services.length > 0;
  }

  /** Looks the services up. Completes when the round can begin, and errors when there is no server to dial. */
  lookUp(): Observable<never> {
    return this.answers().pipe(
      tap((failures) => {
        if (!this.arrange()) throw failures[0];
        this.isLookupDue = false;
        failures.forEach((failure) => this.options.onFailure(failure));
      }),
      ignoreElements(),
    );
  }

  /** Looks the services up, and emits the servers to return to from the current one; the round stays as it is. */
  better(): Observable<readonly string[]> {
    const better$ = defer(() => {
      this.rank();
      return of(this.best.includes(this.url) ? [] : this.best);
    });
    const failures$ = this.services.length === 0 ? EMPTY : this.answers();
    return concat(failures$.pipe(ignoreElements()), better$);
  }

  /**
   * Asks for the servers of all services at once, and emits what failed. An answer from before holds until the next.
   */
  private answers(): Observable<readonly unknown[]> {
    return defer(() => {
      const failures: unknown[] = [];
      const hasOthers = this.configured.length > 1 || this.found.size > 0;
      const answers = this.services.map((service) =>
        this.options.lookUp(service, hasOthers).pipe(
          map((servers) => this.found.set(service, servers)),
          catchError((error: unknown) => {
            failures.push(error);
            return of(undefined);
          }),
        ),
      );
      return forkJoin(answers).pipe(map(() => failures));
    });
  }

  /** Begins a round. Returns whether there is a server in it. */
  private arrange(): boolean {
    const { failed } = this;
    const urls = this.rank();
    this.index = 0;
    if (urls.length === 0) {
      this.urls = this.configured;
      return false;
    }
    const hasFailed = failed !== undefined && urls.includes(failed);
    this.urls = hasFailed ? [...urls.filter((url) => url !== failed), failed] : urls;
    return true;
  }

  /** Finds out which servers are the best. Returns all that are known, each once, in the order in which to try them. */
  private rank(): readonly string[] {
    const sticky = this.options.startWith === 'sticky';
    const entries = this.configured.map((url) => this.serversOf(url));
    const servers = sticky ? stickyOrder(entries.flat(), this.clientId) : entries.flat();
    const urls = distinct(servers);
    this.best = sticky ? urls.slice(0, 1) : distinct(equals(entries.find(({ length }) => length > 0) ?? []));
    this.isPartial = sticky ? entries.some(({ length }) => length === 0) : entries[0]?.length === 0;
    return urls;
  }

  /**
   * One of the configured servers, or what is known of a service. Priorities count from 0, so that services compare.
   */
  private serversOf(url: string): readonly Server[] {
    if (!isSrvUrl(url)) return [{ url, priority: 0, weight: 1 }];
    const servers = this.found.get(url) ?? [];
    const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
    return servers.map((server) => ({ ...server, priority: priorities.indexOf(server.priority) }));
  }
}

/** Those of the best priority. */
function equals(servers: readonly Server[]): readonly Server[] {
  return servers.filter(({ priority }) => priority === servers[0]?.priority);
}

/** A service may name a server twice, with other weights. */
function distinct(servers: readonly Server[]): readonly string[] {
  return [...new Set(servers.map(({ url }) => url))];
}

/** From any of them round. */
function rotated<T>(all: readonly T[]): readonly T[] {
  const start = Math.floor(Math.random() * all.length);
  return [...all.slice(start), ...all.slice(0, start)];
}
