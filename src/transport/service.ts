import { catchError, concat, EMPTY, type Observable, switchMap, throwError } from 'rxjs';
import { lookUp } from './look-up.js';
import type { Connection, Transport } from './transport.js';

/**
 * The transport for `mqtt+srv:` and `mqtts+srv:` URLs: dials the servers of the service one after the other, until one
 * can be reached. A client whose options name such a URL looks it up itself, and treats its servers like any others.
 */
export const service =
  (dial: Transport): Transport =>
  (target) =>
    lookUp(target).pipe(
      switchMap((servers): Observable<Connection> => {
        let failure: unknown;
        const attempts = servers.map(({ url }) =>
          dial({ ...target, url }).pipe(
            catchError((error: unknown) => {
              failure = error;
              return EMPTY;
            }),
          ),
        );
        return concat(
          ...attempts,
          throwError(() => failure),
        );
      }),
    );
