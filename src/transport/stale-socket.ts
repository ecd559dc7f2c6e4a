import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { catchError, defer, of, type Observable } from 'rxjs';

/**
 * Removes the file of a Unix socket that no process listens on, as a killed process leaves it behind. Emits whether it
 * did; other files stay. Never errors.
 */
export function removeStaleSocket(path: string): Observable<boolean> {
  return defer(async () => {
    if (!(await lstat(path)).isSocket() || !(await refuses(path))) return false;
    await unlink(path);
    return true;
  }).pipe(catchError(() => of(false)));
}

/** Whether the system refuses a connection, so that no process listens. */
function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    const end = (refused: boolean): void => {
      probe.destroy();
      resolve(refused);
    };
    probe.once('connect', () => end(false));
    probe.once('error', ({ code }: NodeJS.ErrnoException) => end(code === 'ECONNREFUSED'));
  });
}
