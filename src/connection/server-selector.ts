import { EMPTY, type Observable } from 'rxjs';
import type { ProtocolVersion } from '../packet/packets.js';
import type { ServerList } from './server-list.js';
import { VersionChoice } from './version-choice.js';

/** Counts the connection attempts and selects the server and protocol version of the next one. */
export class ServerSelector {
  private count = 0;
  /** The servers that the broker redirected us to, the current one first. */
  private redirects: readonly string[] = [];
  private redirectCount = 0;
  /** The servers that the broker has moved to permanently, the next one to dial first. */
  private moved: readonly string[] = [];
  /** How many of them failed since the last connection. */
  private deadMoves = 0;
  private readonly versions: VersionChoice;
  /** How often in a row the client left a server for the preferred one and failed to connect there. */
  failedReturns = 0;
  /** How many servers were passed over since the last delay. */
  private passedOver = 0;
  /** The servers with a recurring failure since the last connection; see `recurs`. */
  private readonly recurring = new Set<string>();

  constructor(
    private readonly servers: ServerList,
    protocolVersion: ProtocolVersion | 'auto',
    private readonly maxHops = 0,
    /** The application authenticates by AUTH packets, which 3.1.1 lacks. */
    needsVersion5 = false,
  ) {
    this.versions = new VersionChoice(protocolVersion, needsVersion5);
  }

  /** The number of the running or last attempt, from 1 since the last connection or wake-up. */
  get current(): number {
    return this.count;
  }

  get protocolVersion(): ProtocolVersion {
    return this.versions.of(this.url);
  }

  /** The URL of the current server. */
  get url(): string {
    return this.named ?? this.servers.url;
  }

  /** The server that a broker redirected us to, if that is the current one. */
  private get named(): string | undefined {
    return this.redirects[0] ?? this.moved[0];
  }

  /** Whether the current server comes from the options, not from a redirect. */
  get isListed(): boolean {
    return this.named === undefined;
  }

  /** Whether there is a better server to return to. The client stays with one that comes from a redirect. */
  get isAway(): boolean {
    return this.named === undefined && !this.servers.isPreferred;
  }

  /** What is looked up, for messages. */
  get service(): string {
    return this.servers.service;
  }

  /** Whether {@link lookUp} comes before the next attempt. */
  get isLookupDue(): boolean {
    return this.named === undefined && this.servers.isLookupDue;
  }

  /** Finds out which servers there are. */
  lookUp(): Observable<never> {
    return this.isLookupDue ? this.servers.lookUp() : EMPTY;
  }

  /** Emits the servers to return to from this one. */
  better(): Observable<readonly string[]> {
    return this.servers.better();
  }

  /** Leaves the current server for this better one. */
  returnTo(url: string): void {
    this.failedReturns++;
    this.servers.restart(url);
  }

  /**
   * The next connection follows no failure.
   * @param fromPreferred - the preferred server comes first, and not the last one.
   */
  resume(fromPreferred: boolean): void {
    if (fromPreferred) this.servers.restart();
    this.servers.resume();
  }

  /** Whether this server came from a redirect only. */
  isForeign(url: string): boolean {
    return !this.servers.includes(url) && !this.servers.hasOriginOf(url);
  }

  begin(): void {
    this.count++;
  }

  succeeded(): void {
    this.count = 0;
    this.deadMoves = 0;
    this.passedOver = 0;
    this.recurring.clear();
    if (!this.isAway) this.failedReturns = 0;
    this.versions.connected(this.url);
  }

  /** The page woke up: attempts count from 1 again. */
  restart(): void {
    this.count = 0;
  }

  /**
   * Moves on to the next server.
   * @param recurs - the same attempt would fail again.
   * @returns whether the next attempt goes to a server that has not failed in this way. The target of a redirect counts
   * as the server that redirects, which would only name it again.
   */
  failed(recurs = false): boolean {
    const { url } = this;
    const wasNamed = !this.servers.includes(url);
    this.moveOn();
    if (!recurs) this.recurring.clear();
    const isNews = !this.recurring.has(url);
    if (recurs) this.recurring.add(url);
    return isNews && !wasNamed && !this.recurring.has(this.url);
  }

  /**
   * A configured server could not be reached. Returns whether to dial the next one at once: each server once, before
   * the client waits.
   */
  passOver(): boolean {
    const isOther = this.named === undefined && this.passedOver < this.servers.size - 1;
    this.passedOver = isOther ? this.passedOver + 1 : 0;
    return isOther;
  }

  /**
   * Follows a redirect, permanently or for now. Returns false after too many in a row; a stable connection resets the
   * count.
   */
  redirect(urls: readonly string[], permanent: boolean, wasStable: boolean): boolean {
    if (wasStable) this.redirectCount = 0;
    if (urls.length === 0 || this.redirectCount >= this.maxHops) {
      this.redirects = [];
      return false;
    }
    this.redirectCount++;
    if (permanent) {
      this.moved = urls;
      this.deadMoves = 0;
      this.redirects = [];
    } else {
      this.redirects = urls;
    }
    return true;
  }

  /** The broker has refused MQTT 5. Returns whether to speak 3.1.1 instead. */
  versionRefused(): boolean {
    return this.versions.refused(this.url);
  }

  /** The line ended between CONNECT and CONNACK. Returns the version of the next attempt there, if it changes. */
  hungUp(): ProtocolVersion | undefined {
    return this.versions.hungUp(this.url);
  }

  /**
   * The configured servers follow the last redirect target: the one that redirects after a connection, the next one
   * when there was none, because that one would only name a dead place again.
   */
  private moveOn(): void {
    this.redirectCount = 0;
    const wasConnected = this.count === 0;
    const wasRedirected = this.redirects.length > 0;
    this.redirects = this.redirects.slice(1);
    if (this.redirects.length > 0) return;
    const [first, ...others] = this.moved;
    const isDead = first === undefined || (!wasConnected && ++this.deadMoves >= this.moved.length);
    this.moved = isDead ? [] : [...others, first];
    if (isDead && !(wasConnected && wasRedirected)) this.servers.next(wasConnected);
  }
}
