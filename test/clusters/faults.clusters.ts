import { setTimeout as delay } from 'node:timers/promises';
import { checkCapabilities } from './check-capabilities.js';
import type { Cluster, Node } from './cluster.js';
import { Crowd, KEEPALIVE, MIN_DELAY, PING_TIMEOUT, PROBE_ADDRESS } from './crowd.js';
import { isShort, note } from './findings.js';
import { startNats } from './nats-cluster.js';
import { startRabbitMq } from './rabbitmq-cluster.js';
import { largestShare, recoveries, type Recovery } from './recovery.js';
import { measure } from './sizing.js';

const MESSAGES = 10_000;

/** How long a node is stopped by SIGSTOP: longer than clients and other nodes need to notice. */
const FROZEN = 9000;

/** A quiet moment before a fault, in which a node that is back catches up. */
const CALM = isShort ? 3000 : 6000;

/** How long a cluster may take until all clients are connected again. */
const PATIENCE = 90_000;

/** What a busy machine may add to a time that is measured in one process, in ms. */
const LAG = 3000;

/** What happens to a node, and how it comes back. */
const FAULTS = {
  'is killed': {
    fail: ({ server }: Node) => server.kill(),
    mend: ({ server }: Node) => server.start(),
  },
  'is frozen': {
    fail: ({ server }: Node) => Promise.resolve(server.freeze()),
    mend: async ({ server }: Node) => {
      await delay(FROZEN);
      server.thaw();
    },
  },
  'is stopped': {
    fail: ({ server }: Node) => server.stop(),
    mend: ({ server }: Node) => server.start(),
  },
} as const;
type Fault = keyof typeof FAULTS;

/** In the short form each node suffers one fault, in the long one each of them. */
const KINDS = ['is killed', 'is frozen', 'is stopped'] as const;
const PLAN: readonly (readonly [Fault, number])[] = isShort
  ? KINDS.map((fault, node) => [fault, node] as const)
  : [0, 1, 2].flatMap((node) => KINDS.map((fault) => [fault, node] as const));

/**
 * The share of acknowledged messages that a broker itself may lose. NATS 2.9 never sends some to one of the sessions when
 * nodes fail, while the other sessions get them; `dropped` shows that they did not come on the wire.
 */
const LOST_BY_BROKER = { 'NATS 2.9': 0.005, 'RabbitMQ 3.10': 0 } as const;

const isOfCrowd = (address: string | undefined): boolean => address !== undefined && address !== PROBE_ADDRESS;

/** The time that a line of a log begins with: `2026/11/27 01:54:32.388021`, or with dashes and an offset. */
function loggedAt(line: string): number {
  const [, day = '', time = '', offset = ''] =
    /(\d{4}[/-]\d\d[/-]\d\d) ([\d:]{8}\.\d{3})\d*([+-]\d\d:\d\d)?/.exec(line) ?? [];
  return Date.parse(`${day.replaceAll('/', '-')}T${time}${offset}`);
}

describe.each([
  ['NATS 2.9', startNats, 60_000],
  ['RabbitMQ 3.10', startRabbitMq, 240_000],
] as const)('three nodes of %s', (name, start, patience) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await start();
  }, patience);
  afterAll(() => cluster.stop(), 60_000);

  it(
    'carry messages from one process, and many of its connections',
    async () => {
      const sizing = await measure(name, cluster.nodes[0]?.url ?? '', cluster.options);
      expect(sizing.perSecond).toBeGreaterThan(50);
      expect(sizing.connection).toBeLessThan(200 * 1024);
    },
    2 * PATIENCE,
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
    beforeAll(async () => {
      await cluster.nodes[0]?.server.start();
      crowd = await Crowd.start(cluster, MESSAGES);
    }, patience + 400_000);
    afterAll(() => crowd.stop());

    describe.each(PLAN)('when one %s (%i)', (fault, at) => {
      let here: readonly string[];
      let recovered: readonly Recovery[];
      /** When a fresh connection was served, in ms after the fault. */
      let served: number;
      /** When the nodes accepted connections of the crowd, as their logs say. */
      let dialled: readonly number[];
      /** How long the machine did not run the clients meanwhile, in ms. */
      let lag: number;

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
          const mended = FAULTS[fault].mend(node);
          await delay(KEEPALIVE * 1000 + PING_TIMEOUT);
          await crowd.together(PATIENCE);
          const servedAt = await crowd.servedAfter(faultAt, PATIENCE);
          const { lagOf, slowestService } = crowd;
          const all = recoveries(crowd.transitions(), { begunAt, at: faultAt, servedAt, lagOf, slowestService });
          recovered = all.filter(({ clientId }) => here.includes(clientId));
          served = servedAt - faultAt;
          const last = Math.max(...recovered.map(({ back }) => back)) + faultAt;
          dialled = cluster.nodes.flatMap(({ server }) =>
            server.lines
              .filter(({ text }) => isOfCrowd(cluster.accepted.exec(text)?.[1]))
              .map(({ text }) => loggedAt(text))
              .filter((moment) => moment >= begunAt && moment <= last + LAG),
          );
          lag = Math.max(...here.map((clientId) => lagOf(clientId, begunAt, last)));
          await mended;
        },
        patience + 2 * PATIENCE,
      );

      it('its clients notice', () => {
        expect(recovered.map(({ clientId }) => clientId).sort()).toEqual([...here].sort());
        // A frozen node is found by the keep-alive alone.
        const latest = Math.max(...recovered.map(({ lost }) => lost));
        expect(latest).toBeLessThan(KEEPALIVE * 1000 + PING_TIMEOUT + LAG);
      });

      it('each is back within its next backoff delay and 2 s, from when a fresh connection was served', () => {
        const slowest = Math.max(...recovered.map(({ back }) => back));
        note(`all clients back after a node ${fault}`, name, `${(slowest / 1000).toFixed(1)} s`);
        expect(served).toBeLessThan(PATIENCE);
        expect(recovered.filter(({ back, due }) => back > due)).toEqual([]);
      });

      it('they do not all dial at once, as the logs of the other nodes show', () => {
        expect(dialled.length).toBeGreaterThanOrEqual(here.length);
        // Drawn evenly from a second, a quarter of them would fall into a quarter of it; timers that were due while the
        // machine did not run their process fall together.
        expect(largestShare(dialled, MIN_DELAY / 4)).toBeLessThan(Math.min(0.95, 0.6 + lag / MIN_DELAY));
      });
    });

    it(
      `no message is lost of ${MESSAGES} that were acknowledged`,
      async () => {
        const { sent, acked, workers } = await crowd.result(PATIENCE);
        const counts = workers.flat();
        const sum = (of: (one: (typeof counts)[number]) => number): number =>
          counts.reduce((all, one) => all + of(one), 0);
        const wanted = workers.length * sent.reduce((all, one) => all + one, 0);
        const came = sum(({ distinct }) => distinct);
        note('acknowledged messages lost over all faults', name, `${wanted - came} of ${wanted}`);
        note('messages that came twice', name, `${sum(({ doubled }) => doubled)} of ${wanted}`);
        note('messages that came late, behind later ones', name, `${sum(({ outOfOrder }) => outOfOrder)} of ${wanted}`);
        expect(sent.reduce((all, one) => all + one, 0)).toBeGreaterThanOrEqual(MESSAGES);
        expect(acked).toEqual(sent);
        // What came on the wire came to the worker.
        expect(counts.map(({ dropped }) => dropped)).toEqual(counts.map(() => 0));
        expect(crowd.lostSessions()).toEqual([]);
        const lost = counts.filter(({ missing }) => missing.length > 0);
        if (wanted - came > LOST_BY_BROKER[name] * wanted) expect(lost).toEqual([]);
        expect((wanted - came) / wanted).toBeLessThanOrEqual(LOST_BY_BROKER[name]);
        expect(crowd.complaints).toBe('');
      },
      3 * PATIENCE,
    );
  });
});
