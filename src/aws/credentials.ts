import { catchError, map, type Observable, type ObservableInput, take, throwError, throwIfEmpty } from 'rxjs';
import { ConnectError, ErrorCode } from '../errors.js';
import { toObservable } from '../rx/to-observable.js';

/** What AWS signs with; has the shape that the credential providers of its SDKs give. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/**
 * Credentials, or a function that is asked for them anew at each attempt: a value, a promise or an Observable.
 *
 * @inline
 */
export type AwsCredentialSource = AwsCredentials | (() => AwsCredentials | ObservableInput<AwsCredentials>);

/** Emits the credentials once. Errors with a `ConnectError` when they cannot be loaded, or are none. */
export function load(source: AwsCredentialSource): Observable<AwsCredentials> {
  return toObservable(() => (typeof source === 'function' ? source() : source)).pipe(
    take(1),
    throwIfEmpty(() => new Error('the source completed without a value')),
    map((credentials) => {
      const problem = problemOf(credentials);
      if (problem !== undefined) throw new Error(problem);
      return credentials;
    }),
    catchError((cause: unknown) => throwError(() => notLoaded(cause))),
  );
}

/** Why these are no credentials, if so. */
export function problemOf(credentials: AwsCredentials): string | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = (credentials as Partial<AwsCredentials> | undefined) ?? {};
  if (typeof accessKeyId !== 'string' || accessKeyId === '') return 'they have no accessKeyId';
  if (typeof secretAccessKey !== 'string' || secretAccessKey === '') return 'they have no secretAccessKey';
  if (sessionToken !== undefined && typeof sessionToken !== 'string') return 'their sessionToken is no text';
  return undefined;
}

function notLoaded(cause: unknown): ConnectError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConnectError(`the AWS credentials could not be loaded: ${why}; check the option credentials`, {
    code: ErrorCode.AUTH_FAILED,
    cause,
  });
}
