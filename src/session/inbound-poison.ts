import type { ProtocolError } from '../errors.js';
import type { UnreadablePublish } from '../packet/unreadable-publish.js';
import { elapsed } from '../rx/clock.js';
import { BoundedCache } from '../topic/bounded-cache.js';

/** After this many equal endings within {@link WINDOW} ms, the message is given up. */
const ENDINGS = 3;
const WINDOW = 600_000;

/** How many messages are watched at a time. */
const WATCHED = 64;

/**
 * Finds an inbound message that ends one connection after the other. The standard requires us to close the connection
 * over a PUBLISH that breaks its rules. A broker whose session holds such a message sends it again on the next
 * connection, and nothing else gets through.
 */
export class InboundPoison {
  /** When a message ended connections, oldest first. The key is its header and its error, because it cannot be read. */
  private readonly endings = new BoundedCache<string, readonly number[]>(WATCHED);

  /** Whether to give up the message instead of ending another connection. If not, records the ending. */
  isGivenUp({ topic, qos, size }: UnreadablePublish, error: ProtocolError): boolean {
    const key = `${size} ${qos} ${error.message} ${topic}`;
    const now = elapsed();
    const earlier = (this.endings.get(key) ?? []).filter((moment) => now - moment <= WINDOW);
    if (earlier.length >= ENDINGS) return true;
    this.endings.set(key, [...earlier, now]);
    return false;
  }
}
