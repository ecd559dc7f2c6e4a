import { Subscription } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { timeOfDay } from '../../rx/clock.js';
import { safeTimer } from '../../rx/safe-timer.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { Session } from './session.js';
import type { WillPublisher } from './will-publisher.js';

/**
 * The time that a session spends without a connection: until its client returns or it expires. Its will may wait, too.
 */
export class DisconnectedSession {
  /** When it expires, in ms since 1970; undefined when it does not. */
  expiresAt: number | undefined = undefined;
  private readonly timers = new Subscription();

  /** @param sender - whose will it is. */
  constructor(
    private readonly session: Session,
    private readonly wills: WillPublisher,
    private will: WillPacket | undefined,
    private readonly sender: ConnectedClient | undefined,
  ) {}

  /**
   * Sets the timers, and publishes a will without a delay.
   * @param absentFor - ms since its connection ended.
   * @param willDelay - ms from there to the will.
   */
  schedule(absentFor: number, willDelay: number, onExpired: () => void): void {
    const left = Math.max(0, this.session.expiryInterval * 1000 - absentFor);
    if (left < Infinity) this.expiresAt = timeOfDay() + left;
    // A client that has said goodbye has none any more, and that of a restored session is new here.
    this.session.keepWill(this.will);
    this.timers.add(safeTimer(left).subscribe(onExpired));
    if (this.will === undefined) return;
    if (willDelay === 0) return this.publishWill();
    this.timers.add(safeTimer(Math.max(0, willDelay - absentFor)).subscribe(() => this.publishWill()));
  }

  /** Publishes the will, once. */
  publishWill(): void {
    const { will } = this;
    this.will = undefined;
    if (will === undefined) return;
    this.session.keepWill(undefined);
    this.session.log?.willPublished();
    this.wills.publish(will, this.session, this.sender);
  }

  /** Its client is back, or the session ends: cancels the will and the expiry [MQTT-3.1.3-9]. */
  cancel(): void {
    this.timers.unsubscribe();
  }
}
