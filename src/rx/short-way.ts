import { Observable, type Observer, type Subscription } from 'rxjs';
import { isOwn, type Consumer } from './consumer.js';

const NOBODY: Consumer<unknown> = {};

/**
 * An Observable that takes an application's own function or observer as it is, where RxJS would wrap it in three
 * objects. Operators, Subjects and the like are subscribed by RxJS as ever.
 */
export abstract class ShortWay<T> extends Observable<T> {
  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void)): Subscription;
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    target?: Consumer<T> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const own = target ?? NOBODY;
    if (!error && !complete && isOwn(own)) return this.take(own);
    return this.piped().subscribe(target as (value: T) => void, error, complete);
  }

  /** Subscribes what is the application's own. */
  protected abstract take(consumer: Consumer<T>): Subscription;

  /** The same Observable in the way of RxJS. */
  protected abstract piped(): Observable<T>;
}
