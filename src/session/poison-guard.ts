import type { MqttError } from '../errors.js';
import type { OutgoingPublish } from './outgoing-publish.js';

/** Connections that ended alike after which a message is tried alone. */
const SUSPECT_AFTER = 2;
/** Times in a row that the broker must end the connection over a message that is alone, before it is set aside. */
const QUARANTINE_AFTER = 3;

/**
 * Watches for a message that the broker answers by ending the connection, again and again. When connections keep ending
 * without one acknowledgement, with the same message at the head, that message is sent alone. If the broker still ends
 * the connection each time, in order (with DISCONNECT, or by closing), the message is set aside. A line that breaks
 * proves nothing against a message, and what was counted against it so far counts no more.
 */
export class PoisonGuard {
  private suspect: OutgoingPublish | undefined;
  private endings = 0;
  private verdicts = 0;
  private progressed = false;
  /** The suspect travels alone. */
  isolating = false;

  begin(): void {
    this.progressed = false;
  }

  /** The broker has acknowledged something on this connection. */
  progress(): void {
    if (this.progressed && !this.isolating) return;
    this.progressed = true;
    this.reset();
  }

  /** A connection ended before a message could be to blame. */
  connectFailed(): void {
    this.verdicts = 0;
  }

  /** The connection is gone. Returns the message that is to be set aside, if there is one. */
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
      // One that breaks in between shows that it is the line: then closing in order may be the doing of a proxy.
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

/** The oldest message that this connection has seen. */
function headOf(open: Iterable<OutgoingPublish>): OutgoingPublish | undefined {
  for (const message of open) return message.onWire ? message : undefined;
  return undefined;
}
