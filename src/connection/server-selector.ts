import type { ProtocolVersion } from '../packet/packets.js';
import { originOf } from './redirect.js';

/** Counts the connection attempts and selects the server and protocol version of the next one. */
export class ServerSelector {
  private count = 0;
  private server = 0;
  /** The servers that the broker redirected us to, the current one first. */
  private redirects: readonly string[] = [];
  private redirectCount = 0;
  /** Where the broker has moved to for good, the next one to dial first. */
  private moved: readonly string[] = [];
  /** How many of these were dialled in vain since the last connection. */
  private deadMoves = 0;
  private readonly origins: ReadonlySet<string>;
  private version: ProtocolVersion;
  private readonly mayFallBack: boolean;

  constructor(
    private readonly servers: readonly string[],
    protocolVersion: ProtocolVersion | 'auto',
    private readonly maxHops = 0,
  ) {
    this.origins = new Set(servers.map(originOf));
    this.version = protocolVersion === 'auto' ? 5 : protocolVersion;
    this.mayFallBack = protocolVersion === 'auto';
  }

  /** The number of the running or last attempt, from 1 since the last connection. */
  get current(): number {
    return this.count;
  }

  get protocolVersion(): ProtocolVersion {
    return this.version;
  }

  /** The URL of the current server. */
  get url(): string {
    return this.redirects[0] ?? this.moved[0] ?? this.servers[this.server % this.servers.length] ?? '';
  }

  /** Whether this server came from a redirect only. */
  isForeign(url: string): boolean {
    return !this.servers.includes(url) && !this.origins.has(originOf(url));
  }

  begin(): void {
    this.count++;
  }

  succeeded(): void {
    this.count = 0;
    this.deadMoves = 0;
  }

  /** Moves on to the next server: after the last one that a broker has named to the configured ones. */
  failed(): void {
    this.redirectCount = 0;
    const wasRedirected = this.redirects.length > 0;
    this.redirects = this.redirects.slice(1);
    if (this.redirects.length > 0) return;
    const [first, ...others] = this.moved;
    if (first === undefined) this.server += wasRedirected ? 0 : 1;
    else if (this.count > 0 && ++this.deadMoves >= this.moved.length) this.moved = [];
    else this.moved = [...others, first];
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

  /** Falls back to 3.1.1 after a broker refused MQTT 5. Returns false if that is not possible. */
  fallBack(): boolean {
    if (!this.mayFallBack || this.version !== 5) return false;
    this.version = 4;
    return true;
  }
}
