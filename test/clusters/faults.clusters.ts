import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Node } from './cluster.js';
import { Crowd, KEEPALIVE, MIN_DELAY, PING_TIMEOUT, PROBE_ADDRESS } from './crowd.js';
import { isShort, note } from './findings.js';
import { startNats } from './nats-cluster.js';
import { startRabbitMq } from './rabbitmq-cluster.js';
import { largestShare, recoveries, type Recovery } from './recovery.js';

const MESSAGES = 10_000;

/** How long a node is stopped by SIGSTOP: longer than clients and other nodes need to notice. */
const FROZEN = 10_000;

/** A quiet moment between two faults, in which a node that is back catches up. */
const CALM = 4000;

/** How long a cluster may take until all clients are connected again. */
const PATIENCE = 60_000;

/** What happens to a node. */
const FAULTS = {
  'is killed': { fail: ({ server }: Node) => server.kill(), mend: ({ server }: Node) => server.start() },
  'is frozen': {
    fail: ({ server }: Node) => Promise.resolve(server.freeze()),
    mend: ({ server }: Node) => Promise.resolve(server.thaw()),
  },
  'is stopped': { fail: ({ server }: Node) => server.stop(), mend: ({ server }: Node) => server.start() },
} as const;
type Fault = keyof typeof FAULTS;

/** Each node suffers one fault, or each of them. */
const PLAN: readonly (readonly [Fault, number])[] = isShort
  ? [
      ['is killed', 0],
      ['is frozen', 1],
      ['is stopped', 2],
    ]
  : [0, 1, 2].flatMap((node) =>
      (['is killed', 'is frozen', 'is stopped'] as const).map((fault) => [fault, node] as const),
    );

describe.each([
  ['NATS 2.9', startNats, 60_000],
  ['RabbitMQ 3.10', startRabbitMq, 240_000],
] as const)('three nodes of %s', (name, start, patience) => {
  let cluster: Cluster;
  let crowd: Crowd;

  beforeAll(async () => {
    cluster = await start();
    crowd = await Crowd.start(cluster, MESSAGES);
  }, patience + 60_000);
  afterAll(async () => {
    await crowd.stop();
    await cluster.stop();
  }, 60_000);

  describe.each(PLAN)('when one %s (%i)', (fault, at) => {
    let failed: readonly Recovery[];
    let noticed: number;
    let dialled: readonly number[];
    let here: readonly string[];

    beforeAll(
      async () => {
        await crowd.together(PATIENCE);
        await delay(CALM);
        const node = cluster.nodes[at];
        if (node === undefined) throw new Error(`there is no node ${at}`);
        here = crowd.at(node.url);
        const begunAt = Date.now();
        await FAULTS[fault].fail(node);
        const faultAt = Date.now();
        await delay(FROZEN);
        await crowd.together(PATIENCE);
        const backAt = Date.now();
        await FAULTS[fault].mend(node);
        noticed = crowd.firstAcknowledgedAfter(faultAt) ?? Infinity;
        failed = recoveries(crowd.transitions(), begunAt, noticed).filter(({ clientId }) => here.includes(clientId));
        noticed -= faultAt;
        dialled = cluster.nodes.flatMap(({ server }) =>
          server.lines
            .filter(({ at, text }) => at >= begunAt && at <= backAt && isOfCrowd(cluster.accepted.exec(text)?.[1]))
            .map((line) => line.at),
        );
      },
      patience + 2 * PATIENCE,
    );

    it('its clients notice', () => {
      const latest = Math.max(...failed.map(({ lost }) => lost));
      expect(failed.map(({ clientId }) => clientId).sort()).toEqual([...here].sort());
      expect(latest).toBeLessThan(KEEPALIVE * 1000 + PING_TIMEOUT + 2000);
    });

    it('each is back within its next backoff delay and 2 s, from when a fresh connection was served', () => {
      const slowest = Math.max(...failed.map(({ back }) => back));
      note(`back after a node ${fault}`, name, `${(slowest / 1000).toFixed(1)} s`);
      expect(noticed).toBeLessThan(PATIENCE);
      expect(failed.filter(({ back, due }) => back > due)).toEqual([]);
    });

    it('they do not all dial at once', () => {
      expect(dialled.length).toBeGreaterThanOrEqual(here.length);
      // Drawn evenly from a second, a quarter of them would fall into a quarter of it.
      expect(largestShare(dialled, MIN_DELAY / 4)).toBeLessThan(0.6);
    });
  });

  it(
    `no message is lost of ${MESSAGES} that were acknowledged`,
    async () => {
      const { sent, acked, workers } = await crowd.result(PATIENCE);
      expect(sent.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(MESSAGES);
      expect(acked).toEqual(sent);
      const counts = workers.flat();
      const sum = (of: (one: (typeof counts)[number]) => number): number =>
        counts.reduce((all, one) => all + of(one), 0);
      note('acknowledged messages lost over all faults', name, String(sum(({ missing }) => missing.length)));
      note('messages that came twice', name, `${sum(({ doubled }) => doubled)} of ${sum(({ distinct }) => distinct)}`);
      note('messages out of order', name, String(sum(({ outOfOrder }) => outOfOrder)));
      expect(workers.map((topics) => topics.map(({ distinct }) => distinct))).toEqual(workers.map(() => sent));
      expect(crowd.complaints).toBe('');
    },
    3 * PATIENCE,
  );
});

const isOfCrowd = (address: string | undefined): boolean => address !== undefined && address !== PROBE_ADDRESS;
