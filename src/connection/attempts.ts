import type { ProtocolVersion } from '../packet/packets.js';

/** Counts the attempts to connect, and says where the next one goes and which version it speaks. */
export class Attempts {
  private count = 0;
  private server = 0;
  private version: ProtocolVersion;
  private readonly mayFallBack: boolean;

  constructor(
    private readonly servers: readonly string[],
    protocolVersion: ProtocolVersion | 'auto',
  ) {
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
    return this.servers[this.server % this.servers.length] ?? '';
  }

  begin(): void {
    this.count++;
  }

  succeeded(): void {
    this.count = 0;
  }

  /** It is the next server's turn. */
  failed(): void {
    this.server++;
  }

  /** The broker does not speak MQTT 5: from now on this client speaks 3.1.1. False where that is no way out. */
  fallBack(): boolean {
    if (!this.mayFallBack || this.version !== 5) return false;
    this.version = 4;
    return true;
  }
}
