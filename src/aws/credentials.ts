import { catchError, map, type Observable, type ObservableInput, take, throwError, throwIfEmpty } from 'rxjs';
import { ConnectError, ErrorCode } from '../errors.js';
import { toObservable } from '../rx/to-observable.js';

/** Credentials of AWS, in the shape that the credential providers of its SDKs return. */
export interface AwsCredentials {
  /** Names the key; AWS sees it in the URL. */
  readonly accessKeyId: string;
  /** Signs the URL; never sent. */
  readonly secretAccessKey: string;
  /** Comes with temporary credentials, and is sent in the URL. */
  readonly sessionToken?: string | undefined;
}

/**
 * Credentials, or a function that is called at each attempt and returns a value, a promise or an Observable.
 *
 * @inline
 */
export type AwsCredentialSource = AwsCredentials | (() => AwsCredentials | ObservableInput<AwsCredentials>);

/** Emits the credentials once. Errors with a `ConnectError` when they cannot be loaded or lack a part. */
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

/** Why these credentials cannot be used; undefined if they can. */
export function problemOf(credentials: AwsCredentials): string | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = (credentials as Partial<AwsCredentials> | undefined) ?? {};
  if (typeof accessKeyId !== 'string' || accessKeyId === '') return 'they have no accessKeyId';
  if (typeof secretAccessKey !== 'string' || secretAccessKey === '') return 'they have no secretAccessKey';
  if (sessionToken !== undefined && typeof sessionToken !== 'string') return 'their sessionToken is not a string';
  return undefined;
}

function notLoaded(cause: unknown): ConnectError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConnectError(`the AWS credentials could not be loaded: ${why}; check the option credentials`, {
    code: ErrorCode.AUTH_FAILED,
    cause,
  });
}
