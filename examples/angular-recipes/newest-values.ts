import { type ClientOptions, connect, latest } from 'rxmqtt';

/** `ng serve` loads `server.ts` anew with each change. The client belongs to the process, or it would be one client more. */
const shared = globalThis as { newestValues?: () => ReadonlyMap<string, string> };

/** The newest value of each topic, for all requests. The first call connects: `ng build`, too, loads `server.ts`. */
export function newestValues(options: ClientOptions, filter: string): ReadonlyMap<string, string> {
  shared.newestValues ??= follow(options, filter);
  return shared.newestValues();
}

function follow(options: ClientOptions, filter: string): () => ReadonlyMap<string, string> {
  let newest: ReadonlyMap<string, string> = new Map();
  latest(connect(options), filter, { map: (message) => message.text() }).subscribe({
    next: ({ value }) => (newest = value),
    // Pages are rendered without values then.
    error: console.error,
  });
  return () => newest;
}
