import { corrupted, type Fault } from './faults.js';
import type { Lane } from './lane.js';
import type { FaultEffect } from './wire-log.js';

const EFFECTS: Readonly<Record<Fault['kind'], FaultEffect>> = {
  drop: 'lost',
  corrupt: 'corrupted',
  duplicate: 'duplicated',
  delay: 'delayed',
};

/** The word for a fault in a transcript. */
export const effectOf = (fault: Fault | undefined): FaultEffect => fault && EFFECTS[fault.kind];

/** Sends a packet, and applies its fault on the way. */
export function sendWithFault(
  lane: Lane,
  fault: Fault | undefined,
  bytes: Uint8Array,
  arrive: (bytes: Uint8Array) => void,
  lose?: () => void,
): void {
  switch (fault?.kind) {
    case 'drop':
      return;
    case 'delay':
      return lane.sendLate(fault.ms, () => arrive(bytes), lose);
    case 'corrupt':
      return lane.send(() => arrive(corrupted(bytes)), lose);
    case 'duplicate':
      lane.send(() => arrive(bytes), lose);
  }
  lane.send(() => arrive(bytes), lose);
}
