import { asyncScheduler, type Subscription } from 'rxjs';
import { ExpiredError } from '../errors.js';
import { quoted } from '../quoted.js';
import type { Outbox } from './outbox.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';

/** Fails waiting messages when their message expiry interval runs out. Runs one timer, set to the earliest. */
export class ExpiryWatch {
  private timer: Subscription | undefined;
  private due = Infinity;
  /** Messages that have expired. */
  count = 0;

  constructor(private readonly outbox: Outbox) {}

  /** Starts watching a waiting message. */
  watch(message: OutgoingPublish): void {
    if (message.acceptedAt >= 0) this.arm(dueOf(message));
  }

  /** Reduces the message's interval by the time it waited, or returns an error if it has expired. */
  age(message: OutgoingPublish): ExpiredError | undefined {
    const interval = message.properties?.messageExpiryInterval;
    if (interval === undefined || message.sent) return undefined;
    const left = interval - Math.floor((asyncScheduler.now() - message.acceptedAt) / 1000);
    if (left <= 0) return this.expired(message);
    if (left < interval) {
      message.properties = { ...message.properties, messageExpiryInterval: left };
      // It may wait again if the connection ends before it is sent.
      message.acceptedAt += (interval - left) * 1000;
    }
    return undefined;
  }

  close(): void {
    this.timer?.unsubscribe();
  }

  private arm(due: number): void {
    if (due >= this.due) return;
    this.due = due;
    this.timer?.unsubscribe();
    this.timer = asyncScheduler.schedule(() => this.expire(), Math.max(0, due - asyncScheduler.now()));
  }

  private expire(): void {
    this.due = Infinity;
    const now = asyncScheduler.now();
    const overdue = this.outbox.takeIf((message) => message.acceptedAt >= 0 && dueOf(message) <= now);
    for (const message of this.outbox) if (message.acceptedAt >= 0) this.arm(dueOf(message));
    for (const message of overdue) message.fail(this.expired(message));
  }

  private expired(message: OutgoingPublish): ExpiredError {
    this.count++;
    return new ExpiredError(
      `publish to ${quoted(message.topic)} expired: it waited longer than its message expiry interval before it could be sent`,
    );
  }
}

function dueOf(message: OutgoingPublish): number {
  const interval = message.properties?.messageExpiryInterval;
  if (interval === undefined || message.phase === Phase.SETTLED) return Infinity;
  return message.acceptedAt + interval * 1000;
}
