import { type Observable, Subscriber, type Observer, type Unsubscribable } from 'rxjs';
import { ShortWay } from './short-way.js';

/** An Observable that can be followed without a subscriber, which is most of what a single value costs. */
export abstract class Direct<T> extends ShortWay<T> {
  /** Does what {@link begin} does. */
  abstract begin(observer: Observer<T>): Unsubscribable | undefined;
}

/**
 * Subscribes an observer that throws nothing, and that knows by itself when it wants no more.
 *
 * @returns what is to be unsubscribed from at the end, or to give up; nothing where that would have no effect.
 */
export function begin<T>(source: Observable<T>, observer: Observer<T>): Unsubscribable | undefined {
  return source instanceof Direct ? source.begin(observer) : source.subscribe(new Subscriber(observer));
}
