import type { Socket } from 'node:net';
import { Subscription } from 'rxjs';
import { afterElapsed, elapsed } from '../rx/clock.js';

interface Entered {
  readonly acceptedAt: number;
  readonly deadline: Subscription;
}

/** The sockets of one listener between accept and the end of their handshakes. */
export class PendingHandshakes {
  /** By the addresses of the socket, because Node does not tell which raw socket is below a TLS socket. */
  private readonly entered = new Map<string, Entered>();

  /** @param timeout - for all handshakes of a socket together, in ms; a late socket is destroyed. */
  constructor(private readonly timeout: number | undefined) {}

  begin(socket: Socket): void {
    const deadline =
      this.timeout === undefined ? Subscription.EMPTY : afterElapsed(this.timeout, () => socket.destroy());
    const key = keyOf(socket);
    const entry: Entered = { acceptedAt: elapsed(), deadline };
    this.entered.set(key, entry);
    socket.once('close', () => {
      deadline.unsubscribe();
      if (this.entered.get(key) === entry) this.entered.delete(key);
    });
  }

  /** All handshakes are done; returns when the socket was accepted. */
  finish(socket: Socket): number | undefined {
    const entry = this.entered.get(keyOf(socket));
    entry?.deadline.unsubscribe();
    return entry?.acceptedAt;
  }
}

function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
