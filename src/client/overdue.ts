import { tellOverduePublishes } from '../session/overdue.js';
import { tellOverdueRequests } from '../subscription/overdue.js';
import type { ClientSession } from './client-session.js';

/** Tells all who have waited for an acknowledgement for `timeout` ms; returns the ms until the next one is due. */
export function tellOverdue({ sender, registry }: ClientSession, now: number, timeout: number): number {
  return Math.min(
    tellOverduePublishes(sender.inFlight, now, timeout),
    tellOverdueRequests(registry.pending, now, timeout),
  );
}
