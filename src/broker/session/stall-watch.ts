import { asyncScheduler, type Subscription } from 'rxjs';
import type { Recipient } from '../routing/recipient.js';
import type { ClientPort } from './client-port.js';

/** How long (ms) a client whose queue is full may take nothing. */
const LONGEST_STALL = 2000;

/** Calls back unless the client takes something from now on. */
export function watchStall(
  client: Pick<Recipient, 'acknowledgements'>,
  port: ClientPort,
  onStalled: () => void,
): Subscription {
  const { acknowledgements } = client;
  const { congested, progress } = port;
  return asyncScheduler.schedule(() => {
    // While its line is full, bytes read count. A client that has read everything must acknowledge.
    if (client.acknowledgements !== acknowledgements || (congested && port.progress !== progress)) return;
    onStalled();
  }, LONGEST_STALL);
}
