import { Subscription } from 'rxjs';
import { HandlerSubscription } from './handler-subscription.js';
import type { MessageHandler } from './message-observer.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** What a folded member becomes as soon as more than its function is wanted of it. */
export class Founder extends HandlerSubscription {}

/**
 * Leaves an entry nothing of the observer that has begun it but the function, if it is one. Where very many filters are
 * subscribed to one by one, and nobody keeps what `subscribe()` returned, that is half of the memory.
 *
 * @returns what takes the observer's place for the application
 */
export function fold(observer: HandlerSubscription): Subscription {
  const { handler, entry } = observer;
  if (handler === undefined) return observer;
  entry.fold(handler);
  return new FoldedSubscription(entry);
}

/** The member that is folded into an entry: nobody joined since it was, and it was given no message yet. */
export function unfold(entry: SubscriptionEntry, handler: MessageHandler): Founder {
  const { request, exit, identifiers } = entry.terms;
  const founder = new Founder(handler, request, exit);
  founder.memberships = founder.join(entry);
  if (entry.isKnown) founder.identifier = identifiers.at(-1) ?? -1;
  return founder;
}

/** What an application has of a folded observer. The entry does not know of it until somebody looks. */
class FoldedSubscription extends Subscription {
  private isOver = false;
  private isKnown = false;

  constructor(private readonly entry: SubscriptionEntry) {
    super();
  }

  /** What `closed` is: whether it has ended. The founder tells it from the first look on. */
  get isClosed(): boolean {
    this.follow();
    return this.isOver;
  }

  set isClosed(over: boolean) {
    this.isOver = over;
  }

  override unsubscribe(): void {
    if (!this.isClosed) this.entry.founder?.unsubscribe();
  }

  private follow(): void {
    if (this.isKnown) return;
    this.isKnown = true;
    const { founder } = this.entry;
    if (founder === undefined) super.unsubscribe();
    else founder.add(() => super.unsubscribe());
  }
}

// RxJS declares a field, which TypeScript lets no accessor override.
Object.defineProperty(
  FoldedSubscription.prototype,
  'closed',
  Object.getOwnPropertyDescriptor(FoldedSubscription.prototype, 'isClosed') ?? {},
);
