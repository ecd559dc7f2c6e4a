import type { ProtocolVersion } from '../packet/packets.js';

/** Our experience with MQTT 5 at one server. */
interface Experience {
  /** It has accepted MQTT 5. */
  hasWorked: boolean;
  /** It has said that it does not speak MQTT 5. */
  wasRefused: boolean;
  /** The version of the next attempt. */
  next: 4 | 5;
}

/** Redirects may lead to ever new servers, so the oldest entries are forgotten. */
const REMEMBERED_SERVERS = 100;

/**
 * The protocol version to speak to a server. `'auto'` begins with MQTT 5, and speaks 3.1.1 to a server that refuses it.
 * A server that only hangs up on CONNECT, and has never accepted MQTT 5, is tried with both versions in turn until it
 * answers. A bad line looks the same, so the next connection begins with MQTT 5 again.
 */
export class VersionChoice {
  private readonly servers = new Map<string, Experience>();

  constructor(
    private readonly wanted: ProtocolVersion | 'auto',
    /** The application authenticates with AUTH packets. MQTT 3.1.1 has none, so a mere hang-up must not lead to it. */
    private readonly needsVersion5: boolean,
  ) {}

  of(url: string): ProtocolVersion {
    return this.wanted === 'auto' ? this.experienceOf(url).next : this.wanted;
  }

  /** CONNACK accepted. */
  connected(url: string): void {
    const server = this.experienceOf(url);
    if (this.of(url) === 5) server.hasWorked = true;
    if (!server.wasRefused) server.next = 5;
  }

  /** The server refused MQTT 5. Returns whether it is spoken to in 3.1.1 from now on. */
  refused(url: string): boolean {
    if (this.wanted !== 'auto' || this.of(url) !== 5) return false;
    const server = this.experienceOf(url);
    server.wasRefused = true;
    server.next = 4;
    return true;
  }

  /** The line ended between CONNECT and CONNACK. Returns the next version, if it is another one. */
  hungUp(url: string): ProtocolVersion | undefined {
    const server = this.experienceOf(url);
    if (this.wanted !== 'auto' || this.needsVersion5 || server.hasWorked || server.wasRefused) return undefined;
    server.next = server.next === 5 ? 4 : 5;
    return server.next;
  }

  private experienceOf(url: string): Experience {
    let server = this.servers.get(url);
    if (server === undefined) {
      server = { hasWorked: false, wasRefused: false, next: 5 };
      const [oldest] = this.servers.keys();
      if (oldest !== undefined && this.servers.size >= REMEMBERED_SERVERS) this.servers.delete(oldest);
      this.servers.set(url, server);
    }
    return server;
  }
}
