import { of, switchMap, type Observable, type OperatorFunction } from 'rxjs';
import { asObservable } from '../access/and-then.js';

/** Why a client may not connect. */
export class Refused {
  constructor(
    /** Of MQTT 5, whatever the client speaks. */
    readonly reasonCode: number,
    /** For the application. */
    readonly why: string,
  ) {}
}

/** Goes on with what was not refused. */
export function unlessRefused<A, B>(
  project: (value: A) => Observable<B | Refused> | B | Refused,
): OperatorFunction<A | Refused, B | Refused> {
  return switchMap((value) => (value instanceof Refused ? of(value) : asObservable(project(value))));
}
