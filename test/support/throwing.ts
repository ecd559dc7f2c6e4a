import { config, Observable, Subscriber } from 'rxjs';

/** An operator of an application, written as a `Subscriber`, that throws at each value. */
export function throwing<T>(source: Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => source.subscribe(new Throwing(subscriber)));
}

class Throwing<T> extends Subscriber<T> {
  protected override _next(): void {
    throw new Error('thrown by an operator');
  }
}

/** What is reported as unhandled because of `run`. RxJS reports from a timer. */
export async function unhandledIn(run: () => void): Promise<unknown[]> {
  const errors: unknown[] = [];
  config.onUnhandledError = (error) => errors.push(error);
  try {
    run();
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    config.onUnhandledError = null;
  }
  return errors;
}
