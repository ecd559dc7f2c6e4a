import type { Subscription } from 'rxjs';
import { ExpiredError } from '../errors.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { quoted } from '../quoted.js';
import type { Outbox } from './outbox.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';

/** Fails waiting messages when their message expiry interval has passed. Runs one timer, set to the earliest. */
export class ExpiryWatch {
  private timer: Subscription | undefined;
  private due = Infinity;
  /** Messages that have expired. */
  count = 0;

  constructor(private readonly outbox: Outbox) {}

  /** Starts watching a waiting message. */
  watch(message: OutgoingPublish): void {
    this.arm(dueOf(message));
  }

  /** Reduces the message's interval by the time it waited, or returns an error if it has expired. */
  age(message: OutgoingPublish): ExpiredError | undefined {
    const { acceptedAt } = message;
    const interval = message.properties?.messageExpiryInterval;
    if (acceptedAt === undefined || interval === undefined || message.sent) return undefined;
    const left = interval - Math.floor((elapsed() - acceptedAt) / 1000);
    if (left <= 0) return this.expired(message);
    if (left < interval) {
      message.properties = { ...message.properties, messageExpiryInterval: left };
      // It may wait again if the connection ends before it is sent.
      message.acceptedAt = acceptedAt + (interval - left) * 1000;
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
    this.timer = afterElapsed(Math.max(0, due - elapsed()), () => this.expire());
  }

  private expire(): void {
    this.due = Infinity;
    const now = elapsed();
    const overdue = this.outbox.takeIf((message) => dueOf(message) <= now);
    for (const message of this.outbox) this.arm(dueOf(message));
    for (const message of overdue) message.fail(this.expired(message));
  }

  private expired(message: OutgoingPublish): ExpiredError {
    this.count++;
    return new ExpiredError(
      `publish to ${quoted(message.topic)} expired: it waited longer than its message expiry interval before it could be sent; ` +
        'publish it again, or raise messageExpiryInterval',
    );
  }
}

function dueOf({ acceptedAt, phase, properties }: OutgoingPublish): number {
  const interval = properties?.messageExpiryInterval;
  if (acceptedAt === undefined || interval === undefined || phase === Phase.SETTLED) return Infinity;
  return acceptedAt + interval * 1000;
}
