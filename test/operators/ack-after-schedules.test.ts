import fc from 'fast-check';
import { EMPTY, type Observable, of, Subject } from 'rxjs';
import { ackAfter } from '../../src/operators/ack-after.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { AckQueue } from '../../src/session/ack-queue.js';

/** How many random schedules are played; `npm run test:schedules` plays 100 000. */
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 1000);

/** What becomes of the work on a message: it ends with its project, or later, when the schedule says so. */
type Work = 'at once' | 'at once with a value' | 'later' | 'later, failing' | 'throws';

interface Schedule {
  readonly messages: readonly (readonly [key: number, work: Work])[];
  readonly concurrency: number;
  readonly hasKeys: boolean;
  /** Which of the things that can happen next does. */
  readonly choices: readonly number[];
}

const work = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Work>('later') },
  { weight: 4, arbitrary: fc.constantFrom<Work>('at once', 'at once with a value') },
  { weight: 1, arbitrary: fc.constantFrom<Work>('later, failing', 'throws') },
);
const schedule: fc.Arbitrary<Schedule> = fc.record({
  messages: fc.array(fc.tuple(fc.nat(3), work), { maxLength: 12 }),
  concurrency: fc.constantFrom(1, 2, 3, Infinity),
  hasKeys: fc.boolean(),
  choices: fc.array(fc.nat(1000), { minLength: 12, maxLength: 30 }),
});

/** The obvious version: looks at all that wait, in the order in which they came, for one that may be worked on. */
class Oracle {
  readonly log: string[] = [];
  readonly running = new Set<number>();
  readonly done = new Set<number>();
  private readonly waiting: number[] = [];
  private sourceCompleted = false;
  isOver = false;

  constructor(private readonly plan: Schedule) {}

  arrive(index: number): void {
    this.waiting.push(index);
    this.goOn();
  }

  sourceCompletes(): void {
    this.sourceCompleted = true;
    this.goOn();
  }

  ends(index: number): void {
    this.running.delete(index);
    if (this.workOf(index) === 'later, failing') return this.over('error');
    this.acknowledge(index);
    this.goOn();
  }

  private goOn(): void {
    for (;;) {
      const place = this.waiting.findIndex((index) => this.mayRun(index));
      if (place === -1) break;
      const [index = -1] = this.waiting.splice(place, 1);
      this.log.push(`work ${index}`);
      const kind = this.workOf(index);
      if (kind === 'throws') return this.over('error');
      if (kind === 'at once with a value') this.log.push(`value ${index}`);
      if (kind.startsWith('at once')) this.acknowledge(index);
      else this.running.add(index);
    }
    if (this.sourceCompleted && this.running.size === 0 && this.waiting.length === 0) this.over('complete');
  }

  private mayRun(index: number): boolean {
    if (this.running.size >= this.plan.concurrency) return false;
    return !this.plan.hasKeys || ![...this.running].some((other) => this.keyOf(other) === this.keyOf(index));
  }

  private acknowledge(index: number): void {
    this.log.push(`ack ${index}`);
    this.done.add(index);
  }

  private over(how: string): void {
    this.log.push(how);
    this.running.clear();
    this.isOver = true;
  }

  private keyOf(index: number): number | undefined {
    return this.plan.messages[index]?.[0];
  }

  private workOf(index: number): Work {
    return this.plan.messages[index]![1];
  }
}

function play(plan: Schedule): void {
  const oracle = new Oracle(plan);
  const log: string[] = [];
  const sent: number[] = [];
  const acks = new AckQueue({ acknowledge: (_, packetId) => void sent.push(packetId) }, { openIds: new Set() });
  const source = new Subject<PublishPacket>();
  const running = new Map<number, Subject<number>>();

  const project = ({ packetId }: PublishPacket): Observable<number> => {
    const index = packetId - 1;
    log.push(`work ${index}`);
    const kind = plan.messages[index]![1];
    if (kind === 'throws') throw new Error(kind);
    if (kind === 'at once') return EMPTY;
    if (kind === 'at once with a value') return of(index);
    const later = new Subject<number>();
    running.set(index, later);
    return later;
  };
  const key = ({ topic }: PublishPacket): string => topic;
  const { concurrency, hasKeys } = plan;
  source.pipe(ackAfter(project, hasKeys ? { concurrency, key } : { concurrency })).subscribe({
    next: (index) => log.push(`value ${index}`),
    error: () => log.push('error'),
    complete: () => log.push('complete'),
  });

  /** A message comes from the broker, and is held until it is acknowledged by hand. */
  const arrive = (index: number): void => {
    const packet = new PublishPacket(
      `key/${plan.messages[index]![0]}`,
      new Uint8Array(),
      1,
      false,
      false,
      index + 1,
      undefined,
    );
    acks.begin(packet);
    const held = acks.hold(packet);
    const acknowledge = held.ack.bind(held);
    held.ack = () => {
      log.push(`ack ${index}`);
      acknowledge();
    };
    source.next(held);
    acks.end(packet);
  };

  let next = 0;
  let sourceCompleted = false;
  for (const choice of plan.choices) {
    const open = [...oracle.running];
    const hasMore = next < plan.messages.length;
    const possible = open.length + (hasMore || !sourceCompleted ? 1 : 0);
    if (oracle.isOver || possible === 0) break;
    const which = choice % possible;
    const index = open[which];
    if (index !== undefined) {
      oracle.ends(index);
      const work$ = running.get(index)!;
      if (plan.messages[index]![1] === 'later, failing') work$.error(new Error('failing'));
      else work$.complete();
    } else if (hasMore) {
      oracle.arrive(next);
      arrive(next++);
    } else {
      sourceCompleted = true;
      oracle.sourceCompletes();
      source.complete();
    }
    log.push('-- step');
    oracle.log.push('-- step');
  }
  expect(log).toEqual(oracle.log);
  // On the wire, acknowledgements are a beginning of the messages, as long as all of that is done.
  expect(sent).toEqual(sent.map((_, index) => index + 1));
  expect(sent.every((packetId) => oracle.done.has(packetId - 1))).toBe(true);
  expect(oracle.done.has(sent.length)).toBe(false);
  // What the stream no longer needs it is no longer subscribed to.
  for (const [index, later] of running) expect(later.observed).toBe(oracle.running.has(index));
  expect(source.observed).toBe(!oracle.isOver && !sourceCompleted);
}

it(`ackAfter keeps the order within a key and the concurrency, acknowledges what is done in the order of arrival, and completes with its last work, in ${SCHEDULES} random schedules`, () => {
  fc.assert(fc.property(schedule, play), { numRuns: SCHEDULES });
}, 600_000);
