import fc from 'fast-check';
import { run } from './run.js';
import { schedules } from './schedule.js';

export interface RingOptions {
  readonly runs: number;
  readonly seed?: number | undefined;
  /** Of a failure that was found before: only that one is run. */
  readonly path?: string | undefined;
  /** Stop at the first failure instead of looking for the smallest. */
  readonly shrink?: boolean;
  readonly trace?: (line: string) => void;
}

export interface RingResult {
  /** Undefined when everything held. */
  readonly failure: string | undefined;
  readonly schedules: number;
  readonly sent: number;
  readonly delivered: number;
  readonly faults: number;
}

/** Runs schedules until one does not hold. */
export async function ring(options: RingOptions): Promise<RingResult> {
  const { runs, seed, path, shrink = true, trace } = options;
  const total = { schedules: 0, sent: 0, delivered: 0, faults: 0 };
  const property = fc.asyncProperty(schedules, async (schedule) => {
    trace?.(`--- ${JSON.stringify(schedule)}`);
    const { sent, delivered, faults } = await run(schedule, trace);
    total.schedules++;
    total.sent += sent;
    total.delivered += delivered;
    total.faults += faults;
  });
  const details = await fc.check(property, {
    numRuns: runs,
    endOnFailure: !shrink,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!details.failed) return { failure: undefined, ...total };
  const { errorInstance, counterexample } = details;
  const message =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  const again = `npm run test:model -- --seed=${details.seed} --path "${details.counterexamplePath ?? ''}"`;
  return { failure: `${message}\n${JSON.stringify(counterexample)}\nrun it again: ${again}`, ...total };
}
