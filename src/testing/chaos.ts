import { afterElapsed } from '../rx/clock.js';
import { shown } from '../options/check-options.js';
import { type Duration, toMs } from './duration.js';
import { matchesPacket, type PacketMatch } from './faults.js';
import type { MqttTest } from './test-kit.js';
import type { ClientLine } from './test-line.js';
import { type TestRun, runOf } from './test-run.js';

/**
 * A fault of a line: `cut` breaks it, `drop` loses a packet and then breaks it, `freeze` holds it, and `refuse` breaks
 * it and refuses the next connections.
 */
export type ChaosFault = 'cut' | 'drop' | 'freeze' | 'refuse';

/** Which lines fail, how often, and how. */
export interface ChaosPlan {
  /** The clients whose lines may fail, by client identifier. Default: all. */
  readonly clients?: RegExp;
  /** The time between two faults. Default 20 s. */
  readonly every?: Duration;
  /** The faults to choose from. Default: all of them. */
  readonly faults?: readonly ChaosFault[];
  /** No fault happens after this moment. Default: the end of the test. */
  readonly until?: Duration;
}

const ALL: readonly ChaosFault[] = ['cut', 'drop', 'freeze', 'refuse'];

/** Packets whose loss must neither lose nor duplicate a message. */
const DROPPED: readonly PacketMatch[] = [
  '> publish',
  '< publish',
  '< puback',
  '> puback',
  '< pubrec',
  '> pubrec',
  '> pubrel',
  '< pubrel',
  '< pubcomp',
  '> pubcomp',
];

/**
 * Simulates a bad network: every `every`, the line of a random client of the test gets a random fault. The choices
 * follow from the seed of the test, which a failing test prints.
 */
export function chaos(t: MqttTest, plan: ChaosPlan = {}): void {
  const { clients = /.*/, every = '20s', faults = ALL, until = Infinity } = plan;
  const run = runOf(t);
  const period = toMs(every);
  if (period < 1) throw new TypeError(`chaos: every is ${shown(every)}; give at least 1 ms`);
  const end = toMs(until);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(t.random() * list.length)];
  const failRandomLine = (): void => {
    const clientId = pick(run.clientIds.filter((id) => clients.test(id)));
    const fault = pick(faults);
    if (clientId !== undefined && fault !== undefined) applyFault(run.lines.line(clientId), fault, t, run);
  };
  const next = (): void => {
    if (t.now + period >= end) return;
    run.cleanup.add(
      afterElapsed(period, () => {
        failRandomLine();
        next();
      }),
    );
  };
  next();
}

/** Applies a fault, if there is a connection to disturb. A line that loses a packet breaks soon after, as TCP would. */
function applyFault(line: ClientLine, fault: ChaosFault, t: MqttTest, run: TestRun): void {
  const ms = (from: number, to: number): number => from + Math.floor(t.random() * (to - from));
  switch (fault) {
    case 'cut':
      return line.connection?.cut();
    case 'drop': {
      const lost = DROPPED[ms(0, DROPPED.length)] ?? 'publish';
      const deadline = t.now + 10_000;
      const cutIn = ms(100, 5000);
      const match: PacketMatch = (packet, way) => {
        if (t.now > deadline || !matchesPacket(lost, packet, way)) return false;
        run.cleanup.add(afterElapsed(cutIn, () => line.connection?.cut()));
        return true;
      };
      return line.faults.add({ kind: 'drop', match, times: 1, ms: 0 });
    }
    case 'freeze':
      return line.freeze(ms(1000, 20_000));
    case 'refuse':
      line.refuseNext(t.random() < 0.5 ? undefined : { reasonCode: 0x88 }, ms(1, 4));
      line.connection?.cut();
  }
}
