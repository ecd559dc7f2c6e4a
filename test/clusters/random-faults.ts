import fc from 'fast-check';
import { FAULTS, type FaultName } from './faults.js';

/** A fault at a moment of its own. */
export interface PlannedFault {
  /** ms after the node before it is back: the cluster may not be whole again. */
  readonly pause: number;
  readonly fault: FaultName;
  readonly node: number;
  /** For how long, in ms; shorter than it takes to notice, or longer. */
  readonly lasting: number;
}

const plannedFault: fc.Arbitrary<PlannedFault> = fc.record({
  pause: fc.integer({ min: 0, max: 8000 }),
  fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultName[])),
  node: fc.nat({ max: 2 }),
  lasting: fc.integer({ min: 100, max: 12_000 }),
});

/** Faults of three nodes, the same ones for the same seed. */
export function randomFaults(seed: number, count: number): readonly PlannedFault[] {
  return fc.sample(fc.noBias(plannedFault), { seed, numRuns: count });
}
