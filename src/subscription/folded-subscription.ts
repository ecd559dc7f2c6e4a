import { Subscription } from 'rxjs';
import { FoldableEntry } from './foldable-entry.js';
import type { HandlerSubscription } from './handler-subscription.js';

/**
 * Folds an observer that has begun its first filter, if that is the only one, and if it is a function.
 * @returns what takes its place for the application
 */
export function fold(observer: HandlerSubscription): Subscription {
  const { handler, entry } = observer;
  if (handler === undefined || observer.memberships !== observer || !(entry instanceof FoldableEntry)) return observer;
  entry.fold(handler);
  return new FoldedSubscription(entry);
}

/** What an application has of a folded observer. The entry does not know of it until somebody looks. */
class FoldedSubscription extends Subscription {
  private isOver = false;
  private follows = false;

  constructor(private readonly entry: FoldableEntry) {
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
    if (this.follows) return;
    this.follows = true;
    const { founder } = this.entry;
    if (founder === undefined || founder.closed) super.unsubscribe();
    else founder.add(() => super.unsubscribe());
  }
}

// RxJS declares a field, which TypeScript lets no accessor override.
Object.defineProperty(
  FoldedSubscription.prototype,
  'closed',
  Object.getOwnPropertyDescriptor(FoldedSubscription.prototype, 'isClosed') ?? {},
);
