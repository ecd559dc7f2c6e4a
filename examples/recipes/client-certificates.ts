import { watch } from 'node:fs';
import { join } from 'node:path';
import { catchError, debounceTime, EMPTY, Observable, switchMap } from 'rxjs';
import { connect, type ClientOptions, type MqttClient } from 'rxmqtt';

/** A tool that renews certificates writes several files; the client waits until it has been quiet for so many ms. */
const QUIET = 1000;

/** Emits whenever something changes in a folder. */
function changesOf(folder: string): Observable<unknown> {
  return new Observable((subscriber) => {
    const watcher = watch(folder, () => subscriber.next(undefined));
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  });
}

/** A client that shows a certificate of its own, and a renewed one as soon as it is there. */
export function connectWithCertificate(
  url: string,
  folder: string,
  { quiet = QUIET, ...options }: ClientOptions & { readonly quiet?: number } = {},
): MqttClient {
  const client = connect(url, {
    ...options,
    // The files are read anew at each attempt.
    tls: { caFile: join(folder, 'ca.crt'), certFile: join(folder, 'client.crt'), keyFile: join(folder, 'client.key') },
  });
  // Without this, the renewed certificate is used at the next reconnect.
  const renewals = changesOf(folder)
    .pipe(
      debounceTime(quiet),
      switchMap(() => client.reconnect().pipe(catchError(() => EMPTY))),
    )
    .subscribe({ error: (error) => console.error('certificates are not watched:', error) });
  client.state$.subscribe({ complete: () => renewals.unsubscribe() });
  return client;
}
