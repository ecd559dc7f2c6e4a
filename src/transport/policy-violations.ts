import { EMPTY, Observable } from 'rxjs';

/** The event for a request that a Content-Security-Policy has blocked. */
export interface Violation {
  /** The address, or only its origin. */
  readonly blockedURI: string;
  readonly effectiveDirective: string;
}

interface EventSource {
  addEventListener?: (name: string, listener: (event: unknown) => void) => void;
  removeEventListener?: (name: string, listener: (event: unknown) => void) => void;
}

/** Emits the requests that the policy of a page or a worker blocks. */
export function violations(
  scope: EventSource & { readonly document?: EventSource | undefined },
): Observable<Violation> {
  const source = scope.document ?? scope;
  if (source.addEventListener === undefined) return EMPTY;
  return new Observable<Violation>((subscriber) => {
    const listener = (event: unknown): void => subscriber.next(event as Violation);
    source.addEventListener?.('securitypolicyviolation', listener);
    return () => source.removeEventListener?.('securitypolicyviolation', listener);
  });
}

/** Whether this address was blocked, not just reported. */
export function isBlocked(violation: Violation & { readonly disposition?: string }, url: string): boolean {
  if (violation.disposition === 'report' || violation.blockedURI === '') return false;
  return originOf(violation.blockedURI) === originOf(url);
}

function originOf(url: string): string {
  return /^[a-z]+:\/\/[^/?#]*/i.exec(url)?.[0].toLowerCase() ?? url;
}
