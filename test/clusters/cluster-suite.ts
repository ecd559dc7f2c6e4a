import { setTimeout as delay } from 'node:timers/promises';
import { checkCapabilities } from './check-capabilities.js';
import type { Cluster } from './cluster.js';
import { Crowd, KEEPALIVE, MIN_DELAY, PING_TIMEOUT } from './crowd.js';
import { dials } from './dials.js';
import { FAULTS, type FaultName, type Place } from './faults.js';
import { isShort, keepLog, note } from './findings.js';
import type { WorkerSummary } from './member-task.js';
import { NodeLine } from './node-line.js';
import { randomFaults } from './random-faults.js';
import { type Fault, largestShare, recoveries, type Recovery } from './recovery.js';
import { measure } from './sizing.js';
import { type Numbered, Witness } from './witness.js';

const MESSAGES = 10_000;

/** Messages of each publisher that come before the first fault. */
const ORDERED = 200;

/** How long a node is away: longer than clients and other nodes need to notice. */
const AWAY = isShort ? 5000 : 9000;

/** A quiet moment before a fault, in which a node that is back catches up. */
const CALM = isShort ? 1500 : 6000;

/** How long a cluster may take until all clients are connected again. */
const PATIENCE = 90_000;

/** The time of a step is its own; this ends one that hangs. */
const GUARD = 15 * 60_000;

/** How exact a timer of a client is, and the line to it, in ms; what the machine does not run it is counted beside. */
const EXACT = 1000;

/** In the short form each node suffers one fault, in the long one each of them. */
const KINDS: readonly FaultName[] = ['is killed', 'is frozen', 'is cut off from its clients', 'is stopped'];
const PLAN: readonly (readonly [FaultName, number])[] = isShort
  ? KINDS.slice(0, 3).map((fault, node) => [fault, node] as const)
  : [0, 1, 2].flatMap((node) => KINDS.map((fault) => [fault, node] as const));

/** Faults at moments of their own, in the long form. */
const RANDOM = 12;

/**
 * Three nodes of a broker, found out, measured, and failed under load. They may take `patience` ms to come up. A broker that
 * loses acknowledged messages by itself may lose what no worker has acknowledged.
 */
export function clusterSuite(
  name: string,
  start: () => Promise<Cluster>,
  patience: number,
  { losesMessages = false }: { readonly losesMessages?: boolean } = {},
): void {
  describe(`three nodes of ${name}`, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await start();
    }, patience);
    afterAll(async () => {
      await cluster.stop();
      keepLog(name, cluster);
    }, 60_000);

    it(
      'carry messages from one process, and many of its connections',
      async () => {
        const sizing = await measure(name, cluster.nodes[0]?.url ?? '', cluster.options);
        expect(sizing.perSecond).toBeGreaterThan(50);
        expect(sizing.connection).toBeLessThan(200 * 1024);
      },
      GUARD,
    );

    it(
      'keep and lose what docs/scaling.md says',
      async () => {
        const [first] = cluster.nodes;
        const urls = cluster.nodes.map(({ url }) => url);
        const killFirst = async (): Promise<void> => first?.server.kill();
        await checkCapabilities(name, { urls, options: cluster.options, killFirst });
      },
      patience + 2 * PATIENCE,
    );

    describe('under load', () => {
      let crowd: Crowd;
      const witness = new Witness();
      let places: readonly Place[] = [];
      const slowestBack = new Map<FaultName, number>();
      beforeAll(async () => {
        await cluster.nodes[0]?.server.start();
        places = await Promise.all(
          cluster.nodes.map(async ({ url, server }) => ({ server, line: await NodeLine.open(() => url, witness) })),
        );
        crowd = await Crowd.start(
          cluster,
          places.map(({ line }) => line.url),
          MESSAGES,
        );
      }, patience + 400_000);
      afterAll(async () => {
        places.forEach(({ line }) => line.close());
        await crowd.stop();
      });

      it(
        'messages come in order while no node fails',
        async () => {
          const topics = await crowd.summary(ORDERED, PATIENCE);
          expect(topics.map(({ newest }) => newest >= ORDERED)).toEqual(topics.map(() => true));
          expect(topics.map(({ outOfOrder, missing }) => [outOfOrder, missing])).toEqual(topics.map(() => [0, []]));
        },
        2 * PATIENCE,
      );

      describe.each(PLAN)('when one %s (%i)', (fault, at) => {
        let here: readonly string[];
        let recovered: readonly Recovery[];
        /** When a fresh connection was served, in ms after the fault. */
        let served: number;
        /** When the nodes accepted connections of the crowd, as their logs say. */
        let dialled: readonly number[];
        /** How long the machine did not run a client until it had noticed, and the clients until all were back, in ms. */
        let lagUntil: (recovery: Recovery) => number;
        let lag: number;

        beforeAll(async () => {
          const place = placeOf(places, at);
          const { url } = place.line;
          await crowd.gathered(url, CALM, PATIENCE);
          const begunAt = Date.now();
          await FAULTS[fault].fail(place);
          const faultAt = Date.now();
          // A process that was ended takes long enough to come up again.
          let mendedAt = Infinity;
          const mended = delay(place.server.isRunning ? AWAY : 0)
            .then(() => FAULTS[fault].mend(place))
            .then(() => (mendedAt = Date.now()));
          await delay(KEEPALIVE * 1000 + PING_TIMEOUT);
          await crowd.together(PATIENCE);
          const servedAt = await crowd.servedAfter(faultAt, PATIENCE);
          here = crowd.at(url, begunAt);
          const { lagOf } = crowd;
          const all = recoveries(crowd.transitions(), { url, begunAt, at: faultAt, mendedAt, servedAt, lagOf });
          recovered = all.filter(({ clientId }) => here.includes(clientId));
          served = servedAt - faultAt;
          const last = Math.max(...recovered.map(({ back }) => back)) + faultAt;
          dialled = dials(cluster, begunAt, last + EXACT);
          lagUntil = ({ clientId, lost }) => lagOf(clientId, begunAt, faultAt + lost);
          lag = Math.max(...here.map((clientId) => lagOf(clientId, begunAt, last)));
          await mended;
        }, GUARD);

        it('its clients notice', () => {
          expect(recovered.map(({ clientId }) => clientId).sort()).toEqual([...here].sort());
          // A frozen node is found by the keep-alive alone.
          const due = KEEPALIVE * 1000 + PING_TIMEOUT + EXACT;
          expect(recovered.filter((recovery) => recovery.lost > due + lagUntil(recovery))).toEqual([]);
        });

        it('each is back within its next backoff delay and 2 s, from when a fresh connection was served', () => {
          const slowest = Math.max(slowestBack.get(fault) ?? 0, ...recovered.map(({ back }) => back));
          slowestBack.set(fault, slowest);
          note(`all clients back after a node ${fault}`, name, `${(slowest / 1000).toFixed(1)} s`);
          expect(served).toBeLessThan(PATIENCE);
          expect(recovered.filter(({ dialled, due }) => dialled > due)).toEqual([]);
        });

        it('they do not all dial at once, as the logs of the other nodes show', () => {
          expect(dialled.length).toBeGreaterThanOrEqual(here.length);
          // Drawn evenly from a second, a quarter of them would fall into a quarter of it; timers that were due while the
          // machine did not run their process fall together.
          expect(largestShare(dialled, MIN_DELAY / 4)).toBeLessThan(Math.min(0.95, 0.6 + lag / MIN_DELAY));
        });
      });

      if (!isShort) {
        const seed = jest.getSeed();
        it(
          `each is back in time after ${RANDOM} faults at random moments (--seed=${seed})`,
          async () => {
            await crowd.together(PATIENCE);
            const faults: Pick<Fault, 'url' | 'begunAt' | 'at' | 'mendedAt'>[] = [];
            for (const { pause, fault, node, lasting } of randomFaults(seed, RANDOM)) {
              await delay(pause);
              const place = placeOf(places, node);
              const begunAt = Date.now();
              await FAULTS[fault].fail(place);
              const at = Date.now();
              await delay(lasting);
              await FAULTS[fault].mend(place);
              faults.push({ url: place.line.url, begunAt, at, mendedAt: Date.now() });
            }
            await crowd.together(PATIENCE);
            const { lagOf } = crowd;
            const late: Recovery[] = [];
            for (const [number, fault] of faults.entries()) {
              const { at } = fault;
              const servedAt = await crowd.servedAfter(at, PATIENCE);
              const all = recoveries(crowd.transitions(), { ...fault, servedAt, lagOf });
              // Where the next fault came first, there is no telling what a client waited for.
              const next = faults[number + 1]?.begunAt ?? Infinity;
              late.push(...all.filter(({ dialled, due }) => dialled > due && at + due < next));
            }
            expect(late).toEqual([]);
          },
          20 * PATIENCE,
        );
      }

      it(
        `no message is lost of ${MESSAGES} that were acknowledged`,
        async () => {
          const { sent, acked, workers, control } = await crowd.result(PATIENCE);
          const counts = workers.flat();
          const sum = (all: readonly WorkerSummary[], of: keyof Omit<WorkerSummary, 'missing'>): number =>
            all.reduce((total, one) => total + one[of], 0);
          const total = sent.reduce((all, one) => all + one, 0);
          const wanted = workers.length * total;
          const lost = wanted - sum(counts, 'distinct');
          note('acknowledged messages lost over all faults', name, `${lost} of ${wanted}`);
          note('lost by a worker with MQTT.js beside them', name, `${total - sum(control, 'distinct')} of ${total}`);
          note('messages that came twice', name, `${sum(counts, 'doubled')} of ${wanted}`);
          note('messages that came late, behind later ones', name, `${sum(counts, 'outOfOrder')} of ${wanted}`);
          expect(total).toBeGreaterThanOrEqual(MESSAGES);
          expect(acked).toEqual(sent);
          // The publishers took nothing for acknowledged that no node has acknowledged.
          expect(sent.map((_, at) => witness.accountOf(`publisher-${at + 1}`).confirmed.size)).toEqual(sent);
          // What came on the wire came to the worker, in the order in which it came, and only that was acknowledged.
          const accounts = workers.map((_, at) => witness.accountOf(`worker-${at + 1}`));
          const strayAcks = accounts.reduce((all, one) => all + one.strayAcks, 0);
          expect({ dropped: sum(counts, 'dropped'), reordered: sum(counts, 'reordered'), strayAcks }).toEqual({
            dropped: 0,
            reordered: 0,
            strayAcks: 0,
          });
          const missing = workers.map((topics) =>
            topics.flatMap((summary, at) =>
              missingOf(summary, sent[at] ?? 0).map((number): Numbered => `${crowd.topicOf(at)} ${number}`),
            ),
          );
          // The witness has read them.
          for (const { taken } of accounts) expect(taken.size).toBeGreaterThan(total / 2);
          expect(missing.map((all, at) => all.filter((message) => accounts[at]?.taken.has(message)))).toEqual([[], []]);
          if (!losesMessages) expect(missing).toEqual([[], []]);
          expect(crowd.lostSessions()).toEqual([]);
          expect(crowd.complaints).toBe('');
        },
        GUARD,
      );
    });
  });
}

/** The numbers that a worker has not got, of so many. */
function missingOf({ newest, missing }: WorkerSummary, sent: number): readonly number[] {
  return [...missing, ...Array.from({ length: sent - newest - 1 }, (_, at) => newest + 1 + at)];
}

function placeOf(places: readonly Place[], at: number): Place {
  const place = places[at];
  if (place === undefined) throw new Error(`there is no node ${at}`);
  return place;
}
