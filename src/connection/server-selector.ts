import type { ProtocolVersion } from '../packet/packets.js';
import { hostOf } from './redirect.js';

/** Counts the attempts to connect, and says where the next one goes and which version it speaks. */
export class ServerSelector {
  private count = 0;
  private server = 0;
  private servers: readonly string[];
  /** Where the broker sent us for now; the first one's turn it is. */
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

  /** The number of the attempt that runs or has just ended, from 1 since the last connection. */
  get current(): number {
    return this.count;
  }

  get protocolVersion(): ProtocolVersion {
    return this.version;
  }

  /** The URL of the server whose turn it is. */
  get url(): string {
    return this.redirects[0] ?? this.servers[this.server % this.servers.length] ?? '';
  }

  /** Whether the client was told of this host by a broker only. */
  isForeign(url: string): boolean {
    return !this.hosts.has(hostOf(url));
  }

  begin(): void {
    this.count++;
  }

  succeeded(): void {
    this.count = 0;
  }

  /** It is the next server's turn. */
  failed(): void {
    this.redirectCount = 0;
    if (this.redirects.length > 0) this.redirects = this.redirects.slice(1);
    else this.server++;
  }

  /**
   * The broker refers us to others: for good, or for now. False where that would be one hop too many; a connection
   * that was stable begins a new count.
   */
  redirect(urls: readonly string[], forGood: boolean, wasStable: boolean): boolean {
    if (wasStable) this.redirectCount = 0;
    if (urls.length === 0 || this.redirectCount >= this.maxHops) {
      this.redirects = [];
      return false;
    }
    this.redirectCount++;
    if (forGood) {
      this.servers = urls;
      this.server = 0;
      this.redirects = [];
    } else {
      this.redirects = urls;
    }
    return true;
  }

  /** The broker does not speak MQTT 5: from now on this client speaks 3.1.1. False where that is no way out. */
  fallBack(): boolean {
    if (!this.mayFallBack || this.version !== 5) return false;
    this.version = 4;
    return true;
  }
}
