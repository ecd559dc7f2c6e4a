import { type Observable, type Observer, Subscriber, type Unsubscribable } from 'rxjs';

/** Takes the place of following without a subscriber in browsers. */
export function begin<T>(source: Observable<T>, observer: Observer<T>): Unsubscribable {
  return source.subscribe(new Subscriber(observer));
}
