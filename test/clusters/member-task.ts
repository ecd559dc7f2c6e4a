import type { ClientOptions } from '../../src/index.js';

interface Common {
  readonly options: ClientOptions;
}

/** What a process of the ring is to do. */
export type MemberTask = Common &
  (
    | {
        readonly role: 'publisher';
        readonly name: string;
        readonly topic: string;
        /** Messages per second. */
        readonly rate: number;
        readonly atLeast: number;
      }
    | { readonly role: 'worker' | 'control'; readonly name: string; readonly filter: string }
    | { readonly role: 'herd'; readonly names: readonly string[] }
    | { readonly role: 'probe'; readonly name: string }
  );

/** What a worker has seen under one topic. */
export interface WorkerSummary {
  readonly newest: number;
  readonly distinct: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Those that came on the wire and were not delivered: lost by the client. */
  readonly dropped: number;
  /** Those that came to the worker in another order than on the wire. */
  readonly reordered: number;
  /** Those below the newest that did not come. */
  readonly missing: readonly number[];
}

/** Of a topic that a worker has not seen. */
export const NOTHING: WorkerSummary = {
  newest: -1,
  distinct: 0,
  doubled: 0,
  outOfOrder: 0,
  dropped: 0,
  reordered: 0,
  missing: [],
};

/** A transition of a client's state; `at` in ms of `Date.now()`. */
export interface StateEvent {
  readonly event: 'state';
  readonly clientId: string;
  readonly at: number;
  readonly status: string;
  readonly delay?: number | undefined;
  readonly url?: string | undefined;
  readonly reason?: string | undefined;
  readonly reasonCode?: number | undefined;
  readonly sessionPresent?: boolean | undefined;
}

/** What a process tells. */
export type MemberEvent =
  | StateEvent
  | { readonly event: 'ready' }
  /** The process was not run by the machine for so many ms. */
  | { readonly event: 'lag'; readonly at: number; readonly by: number }
  /** How far a publisher is that is to finish. */
  | { readonly event: 'progress'; readonly acked: number }
  | { readonly event: 'published'; readonly sent: number; readonly acked: number }
  | { readonly event: 'summary'; readonly topics: Readonly<Record<string, WorkerSummary>> }
  | { readonly event: 'probe'; readonly startedAt: number; readonly ackedAt: number };
