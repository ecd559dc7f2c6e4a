import type { MqttError } from '../errors.js';
import type { OutgoingPublish } from './outgoing-publish.js';

/** After this many similar connection losses, the suspect is sent alone. */
const SUSPECT_AFTER = 2;
/** After this many losses in a row with the suspect alone, it is set aside. */
const QUARANTINE_AFTER = 3;

/**
 * Finds a message over which the broker repeatedly ends the connection. If connections keep ending without any
 * acknowledgement and with the same message at the head, that message is sent alone. If the broker still ends each
 * connection in order (with DISCONNECT, or by closing), the message is set aside. A broken line proves nothing against
 * a message, and resets the count.
 */
export class PoisonGuard {
  private suspect: OutgoingPublish | undefined;
  private endings = 0;
  private verdicts = 0;
  private progressed = false;
  /** The suspect is sent alone. */
  isolating = false;

  begin(): void {
    this.progressed = false;
  }

  /** The broker acknowledged a message on this connection. */
  progress(): void {
    if (this.progressed && !this.isolating) return;
    this.progressed = true;
    this.reset();
  }

  /** A connection ended before any message was sent. */
  connectFailed(): void {
    this.verdicts = 0;
  }

  /** The connection ended. Returns the message to set aside, if any. */
  end(open: Iterable<OutgoingPublish>, reason: MqttError | undefined): OutgoingPublish | undefined {
    const head = headOf(open);
    if (this.progressed || head === undefined) {
      this.reset();
      return undefined;
    }
    if (head !== this.suspect) {
      this.reset();
      this.suspect = head;
    }
    if (this.isolating) {
      // A broken line in between points to the network: then an orderly close may be a proxy's doing.
      this.verdicts = reason?.code === 'DISCONNECTED' ? this.verdicts + 1 : 0;
      if (this.verdicts < QUARANTINE_AFTER) return undefined;
      this.reset();
      return head;
    }
    this.endings++;
    this.isolating = this.endings >= SUSPECT_AFTER;
    return undefined;
  }

  private reset(): void {
    this.suspect = undefined;
    this.endings = 0;
    this.verdicts = 0;
    this.isolating = false;
  }
}

/** The oldest message sent on this connection. */
function headOf(open: Iterable<OutgoingPublish>): OutgoingPublish | undefined {
  for (const message of open) return message.onWire ? message : undefined;
  return undefined;
}
