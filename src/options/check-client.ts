import { wrong } from './check-options.js';

/** @throws TypeError for what is no client, such as one that is not there yet. */
export function checkClient(client: unknown, method: string, where: string): void {
  if (typeof (client as Readonly<Record<string, unknown>> | null | undefined)?.[method] !== 'function') {
    throw wrong(client, 'client', where, 'what connect() returns');
  }
}
