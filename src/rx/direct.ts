import { Observable, type Observer, type Unsubscribable } from 'rxjs';

/** An Observable that can be followed without a subscriber, which is most of what a single value costs. */
export abstract class Direct<T> extends Observable<T> {
  /**
   * Does what subscribing does, for an observer that throws nothing, and that knows by itself when it wants no more.
   *
   * @returns what is to be unsubscribed from at the end, or to give up; nothing where that would have no effect.
   */
  abstract begin(observer: Observer<T>): Unsubscribable | undefined;
}
