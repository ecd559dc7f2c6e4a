import type { ProtocolVersion } from '../packet/packets.js';
import { hostOf } from './redirect.js';

/** Counts the connection attempts and selects the server and protocol version of the next one. */
export class ServerSelector {
  private count = 0;
  private server = 0;
  private servers: readonly string[];
  /** The servers that the broker redirected us to, the current one first. */
  private redirects: readonly string[] = [];
  private redirectCount = 0;
  private readonly hosts: ReadonlySet<string>;
  private version: ProtocolVersion;
  private readonly mayFallBack: boolean;

  constructor(
    servers: readonly string[],
    protocolVersion: ProtocolVersion | 'auto',
    private readonly maxHops = 0,
  ) {
    this.servers = servers;
    this.hosts = new Set(servers.map(hostOf));
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
    return this.redirects[0] ?? this.servers[this.server % this.servers.length] ?? '';
  }

  /** Whether this host came from a redirect only. */
  isForeign(url: string): boolean {
    return !this.hosts.has(hostOf(url));
  }

  begin(): void {
    this.count++;
  }

  succeeded(): void {
    this.count = 0;
  }

  /** Moves on to the next server. */
  failed(): void {
    this.redirectCount = 0;
    if (this.redirects.length > 0) this.redirects = this.redirects.slice(1);
    else this.server++;
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
      this.servers = urls;
      this.server = 0;
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
