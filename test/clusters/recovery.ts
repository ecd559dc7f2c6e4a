import type { StateEvent } from './member-task.js';

/** How a client came through a fault. */
export interface Recovery {
  readonly clientId: string;
  /** When it lost its connection, and when it had one again: ms after the fault. */
  readonly lost: number;
  readonly back: number;
  /** When it began the attempt that brought it back, and when it had to. */
  readonly dialled: number;
  readonly due: number;
  /** How often a node that was up gave it no connection, once fresh connections were served. */
  readonly turnedAway: number;
  /** What its attempts met with, for the message of a failure. */
  readonly story: readonly string[];
}

/** What a client may need beyond its next backoff delay, in ms. */
const GRACE = 2000;

/** What is known of a fault. */
export interface Fault {
  /** Of the node. */
  readonly url: string;
  /** ms of `Date.now()`: when it was begun, and when it was complete. */
  readonly begunAt: number;
  readonly at: number;
  /** When the node was up again. */
  readonly mendedAt: number;
  /** When a fresh connection that began after it had its message acknowledged first. */
  readonly servedAt: number;
  /** How many ms the machine did not run the process of a client between two moments. */
  readonly lagOf: (clientId: string, from: number, to: number) => number;
}

/**
 * The clients that lost a connection by a fault. Each must be back within its next backoff delay plus 2 s, counted from when
 * a fresh connection was served; or from its loss, where it has noticed that later; or from when a node that was up hung up
 * on it or did not answer, as nodes do that wait for a leader. What the machine and the broker take is no delay of the
 * client: the time in which its process does not run, and that of the broker's answer to the attempt that succeeds.
 */
export function recoveries(
  transitions: ReadonlyMap<string, readonly StateEvent[]>,
  { url: failed, begunAt, at: faultAt, mendedAt, servedAt, lagOf }: Fault,
): readonly Recovery[] {
  const found: Recovery[] = [];
  for (const [clientId, all] of transitions) {
    const start = all.findIndex(({ at, status }) => at >= begunAt && status === 'reconnecting');
    if (start === -1) continue;
    const lost = all[start]?.at ?? faultAt;
    const later = all.slice(start);
    const connected = later.findIndex(({ status }) => status === 'connected');
    const back = later[connected]?.at ?? Infinity;
    const dialled = later[connected - 1]?.at ?? Infinity;
    const served = Math.max(servedAt, lost);
    const refusals = later.filter(({ at }, next) => {
      const before = later[next - 1];
      const wasUp = before?.url !== failed || before.at >= mendedAt;
      return at > served && at < back && before?.status === 'connecting' && wasUp;
    });
    const from = refusals.at(-1)?.at ?? served;
    const due = from + nextDelay(later, from) + GRACE + lagOf(clientId, from, dialled);
    const story = later
      .filter(({ at }) => at <= back)
      .map(
        ({ at, status, delay, url = '', reason = '' }) => `${at - faultAt} ${status} ${url}${delay ?? ''} ${reason}`,
      );
    const since = (moment: number): number => moment - faultAt;
    const times = { lost: since(lost), back: since(back), dialled: since(dialled), due: since(due) };
    found.push({ clientId, ...times, turnedAway: refusals.length, story });
  }
  return found;
}

/** The backoff delay that a client waits at a moment, or the next one that it waits before it is connected. */
function nextDelay(transitions: readonly StateEvent[], moment: number): number {
  const later = transitions.findIndex(({ at }) => at > moment);
  const current = (later === -1 ? transitions.length : later) - 1;
  for (const { status, delay = 0 } of transitions.slice(Math.max(0, current))) {
    if (status === 'connected') break;
    if (delay > 0) return delay;
  }
  return 0;
}

/** The largest share of moments that fall into one stretch of so many ms. */
export function largestShare(moments: readonly number[], stretch: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (let to = 0; to < sorted.length; to++) {
    while ((sorted[to] ?? 0) - (sorted[from] ?? 0) > stretch) from++;
    most = Math.max(most, to - from + 1);
  }
  return sorted.length === 0 ? 0 : most / sorted.length;
}
