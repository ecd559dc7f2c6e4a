import fc from 'fast-check';
import { connackWith, inVirtualTime, puback, pubcomp, pubrec, type Answers, type VirtualLine } from './support.js';
import type { QoS } from '../src/index.js';

/** What becomes of one packet of the client: it is lost with the line, or the answer is, or all is well. */
type Fate = 'lost' | 'answer lost' | 'fine';

/** A broker that keeps its side of the QoS exchanges, and loses the line as the fates say. */
class FaultyBroker {
  readonly received: string[] = [];
  readonly faults: string[] = [];
  private readonly open = new Set<number>();
  private connections = 0;

  constructor(
    private readonly fates: Fate[],
    private readonly keeps: readonly boolean[],
    private readonly receiveMaximum: number,
  ) {}

  readonly answers: Answers = {
    connect: () => {
      const kept = this.connections > 0 && (this.keeps[this.connections % Math.max(1, this.keeps.length)] ?? true);
      this.connections++;
      if (!kept) this.open.clear();
      return connackWith({ receiveMaximum: this.receiveMaximum }, kept);
    },
    publish: ({ qos, packetId, topic, dup }, line) =>
      this.meet(line, () => {
        if (qos === 2 && this.open.has(packetId)) {
          if (!dup) this.faults.push(`#${packetId} reused for ${topic}`);
          return pubrec(packetId);
        }
        this.received.push(topic);
        if (qos === 0) return undefined;
        if (qos === 1) return puback(packetId);
        this.open.add(packetId);
        return pubrec(packetId);
      }),
    pubrel: ({ packetId }, line) =>
      this.meet(line, () => {
        this.open.delete(packetId);
        return pubcomp(packetId);
      }),
  };

  private meet<A>(line: VirtualLine, answer: () => A | undefined): A | undefined {
    // What was on its way when the line broke never arrived.
    if (line.peer.closed) return undefined;
    const fate = this.fates.shift() ?? 'fine';
    if (fate === 'lost') {
      line.peer.fail();
      return undefined;
    }
    const answered = answer();
    if (fate === 'fine') return answered;
    line.peer.fail();
    return undefined;
  }
}

const story = fc.record({
  qos: fc.array(fc.constantFrom<QoS>(0, 1, 2), { minLength: 1, maxLength: 12 }),
  fates: fc.array(fc.constantFrom<Fate>('fine', 'fine', 'lost', 'answer lost'), { maxLength: 20 }),
  receiveMaximum: fc.integer({ min: 1, max: 4 }),
  gap: fc.constantFrom(0, 7, 500),
});

interface Outcome {
  readonly topic: string;
  readonly qos: QoS;
  readonly end: string;
}

function play(
  { qos, fates, receiveMaximum, gap }: typeof story extends fc.Arbitrary<infer T> ? T : never,
  keeps: boolean[],
) {
  const broker = new FaultyBroker([...fates], keeps, receiveMaximum);
  const outcomes: Outcome[] = [];
  inVirtualTime(
    {
      clean: false,
      sessionExpiry: 3600,
      keepalive: 0,
      reconnect: { jitter: 'none', minDelay: 10, factor: 1 },
      answers: broker.answers,
    },
    (world) => {
      qos.forEach((level, i) => {
        const topic = `${i}`;
        world.client.publish(topic, '', { qos: level }).subscribe({
          error: (error: { code: string }) => outcomes.push({ topic, qos: level, end: error.code }),
          complete: () => outcomes.push({ topic, qos: level, end: 'done' }),
        });
        world.by(gap);
      });
      world.by(60_000);
    },
  );
  const times = (topic: string): number => broker.received.filter((other) => other === topic).length;
  return { outcomes, times, broker };
}

describe('any packet, lost at any time', () => {
  it('in a kept session QoS 1 arrives at least once, QoS 2 exactly once, and every publish settles', () => {
    fc.assert(
      fc.property(story, (given) => {
        const { outcomes, times, broker } = play(given, [true]);
        expect(outcomes).toHaveLength(given.qos.length);
        expect(broker.faults).toEqual([]);
        for (const { topic, qos, end } of outcomes) {
          expect(end).toBe('done');
          if (qos === 1) expect(times(topic)).toBeGreaterThanOrEqual(1);
          if (qos === 2) expect(times(topic)).toBe(1);
        }
        // Where nothing was sent twice, nothing has overtaken.
        const firsts = [...new Set(broker.received)].filter((topic) => given.qos[Number(topic)] !== 0);
        expect(firsts).toEqual([...firsts].sort((a, b) => Number(a) - Number(b)));
      }),
      { numRuns: 300 },
    );
  });

  it('when sessions are lost too, QoS 1 still arrives, and QoS 2 never twice; what is in doubt says so', () => {
    fc.assert(
      fc.property(story, fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), (given, keeps) => {
        const { outcomes, times } = play(given, keeps);
        expect(outcomes).toHaveLength(given.qos.length);
        for (const { topic, qos, end } of outcomes) {
          if (qos === 2) {
            expect(times(topic)).toBeLessThanOrEqual(1);
            expect(['done', 'SESSION_LOST']).toContain(end);
            if (end === 'done') expect(times(topic)).toBe(1);
          } else {
            expect(end).toBe('done');
            if (qos === 1) expect(times(topic)).toBeGreaterThanOrEqual(1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
