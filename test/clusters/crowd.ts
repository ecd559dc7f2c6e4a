import { setTimeout as delay } from 'node:timers/promises';
import type { ClientOptions } from '../../src/index.js';
import type { Cluster } from './cluster.js';
import { MemberProcess } from './member-process.js';
import type { StateEvent, WorkerSummary } from './member-task.js';

/** How long a client waits at first before it dials again, in ms, times a random number. */
export const MIN_DELAY = 1000;
/** keepalive in s, pingTimeout in ms: after these a client finds that a node is stopped. */
export const KEEPALIVE = 4;
export const PING_TIMEOUT = 2000;

const HERD = 90;
/** Where the probe connects from, so that the logs of the brokers tell it from the others. */
export const PROBE_ADDRESS = '127.0.0.2';
/** Messages a second of each publisher. */
const RATE = 60;

/** Everything that is connected to a cluster while its nodes fail, in several processes. */
export class Crowd {
  private constructor(
    private readonly prefix: string,
    private readonly workers: readonly MemberProcess[],
    private readonly publishers: readonly MemberProcess[],
    private readonly herd: MemberProcess,
    private readonly probe: MemberProcess,
  ) {}

  /** Starts everybody; the publishers when the workers have their subscriptions. */
  static async start(cluster: Cluster, atLeast: number): Promise<Crowd> {
    const prefix = `ring-${process.pid}-${Date.now()}`;
    const options: ClientOptions = {
      ...cluster.options,
      servers: cluster.nodes.map(({ url }) => url),
      startWith: 'sticky',
      log: false,
      keepalive: KEEPALIVE,
      pingTimeout: PING_TIMEOUT,
      reconnect: { minDelay: MIN_DELAY, maxDelay: 5000 },
      timeouts: { socket: 1000, connack: 1500 },
    };
    const workers = ['worker-1', 'worker-2'].map(
      (name) => new MemberProcess({ role: 'worker', name, filter: `${prefix}/#`, options }),
    );
    const names = Array.from({ length: HERD }, (_, number) => `herd-${number}`);
    const herd = new MemberProcess({ role: 'herd', names, options });
    const apart = { ...options, socket: { localAddress: PROBE_ADDRESS } };
    const probe = new MemberProcess({ role: 'probe', name: 'probe', options: apart });
    await ready([...workers, herd, probe]);
    const share = Math.ceil(atLeast / 2);
    const publishers = ['publisher-1', 'publisher-2'].map((name) => {
      const topic = `${prefix}/${name}`;
      return new MemberProcess({ role: 'publisher', name, topic, rate: RATE, atLeast: share, options });
    });
    await ready(publishers);
    return new Crowd(prefix, workers, publishers, herd, probe);
  }

  private get all(): readonly MemberProcess[] {
    return [...this.workers, ...this.publishers, this.herd, this.probe];
  }

  /** The transitions of every client, one list each. */
  transitions(): ReadonlyMap<string, readonly StateEvent[]> {
    const all = new Map<string, StateEvent[]>();
    for (const member of this.all) {
      for (const event of member.events) {
        if (event.event !== 'state') continue;
        const list = all.get(event.clientId) ?? [];
        list.push(event);
        all.set(event.clientId, list);
      }
    }
    return all;
  }

  /** When the first fresh connection that began after a moment had its message acknowledged. */
  private firstAcknowledgedAfter(moment: number): number | undefined {
    let first: number | undefined;
    for (const event of this.probe.events) {
      if (event.event !== 'probe' || event.startedAt < moment) continue;
      if (first === undefined || event.ackedAt < first) first = event.ackedAt;
    }
    return first;
  }

  /** Waits until a fresh connection that began after a moment was served, and returns when that was. */
  async servedAfter(moment: number, patience: number): Promise<number> {
    for (const until = Date.now() + patience; ; await delay(50)) {
      const servedAt = this.firstAcknowledgedAfter(moment);
      if (servedAt !== undefined) return servedAt;
      if (Date.now() > until) throw new Error(`no fresh connection was served within ${patience} ms`);
    }
  }

  /** How long the slowest of the fresh connections took that were served between two moments, in ms. */
  readonly slowestService = (from: number, to: number): number =>
    this.probe.events.reduce((slowest, event) => {
      const isThen = event.event === 'probe' && event.ackedAt > from && event.ackedAt <= to;
      return isThen ? Math.max(slowest, event.ackedAt - event.startedAt) : slowest;
    }, 0);

  /** How many ms the machine did not run the process of a client between two moments. */
  readonly lagOf = (clientId: string, from: number, to: number): number => {
    const isHere = (member: MemberProcess): boolean =>
      member.events.some((event) => event.event === 'state' && event.clientId === clientId);
    const events = this.all.find(isHere)?.events ?? [];
    return events.reduce(
      (sum, event) => sum + (event.event === 'lag' && event.at > from && event.at <= to ? event.by : 0),
      0,
    );
  };

  /** When the broker had lost the session of a worker that came back, in words. */
  lostSessions(): readonly string[] {
    return [...this.transitions()].flatMap(([clientId, all]) => {
      const connected = all.filter(({ status }) => status === 'connected').slice(1);
      // Of the others some brokers keep nothing, for they subscribe to nothing.
      const lost = connected.filter(({ sessionPresent }) => sessionPresent === false && clientId.startsWith('worker'));
      return lost.map(({ at, url = '' }) => `${clientId} at ${url}, ${new Date(at).toISOString()}`);
    });
  }

  /** The clients that are connected to a node. */
  at(url: string): readonly string[] {
    const here = [...this.transitions()].filter(([, list]) => {
      const last = list.at(-1);
      return last?.status === 'connected' && last.url === url;
    });
    return here.map(([clientId]) => clientId);
  }

  /** The clients that are not connected. */
  away(): readonly string[] {
    const away = [...this.transitions()].filter(([, list]) => list.at(-1)?.status !== 'connected');
    return away.map(([clientId]) => clientId);
  }

  /** Waits until everybody is connected again. */
  async together(patience: number): Promise<void> {
    for (const until = Date.now() + patience; this.away().length > 0;) {
      if (Date.now() > until) throw new Error(`after ${patience} ms these are away: ${this.away().join(', ')}`);
      await delay(50);
    }
  }

  /** Ends publishing, and waits until the workers have everything that was acknowledged, or get nothing more. */
  async result(patience: number): Promise<Result> {
    this.publishers.forEach((publisher) => publisher.tell());
    const published = await Promise.all(this.publishers.map((member) => member.next('published', patience)));
    const sent = published.map((event) => event.sent);
    for (const until = Date.now() + patience; ; await delay(500)) {
      const workers = await Promise.all(this.workers.map((worker) => summaryOf(worker)));
      const isComplete = workers.every((topics) =>
        this.publishers.every((_, at) => topics[`${this.prefix}/publisher-${at + 1}`]?.distinct === sent[at]),
      );
      if (!isComplete && Date.now() < until) continue;
      const all = workers.map((topics) =>
        this.publishers.map((_, at) => topics[`${this.prefix}/publisher-${at + 1}`] ?? NOTHING),
      );
      return { sent, acked: published.map(({ acked }) => acked), workers: all };
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((member) => member.stop()));
  }

  get complaints(): string {
    return this.all.map(({ complaints }) => complaints).join('');
  }
}

const NOTHING: WorkerSummary = { newest: -1, distinct: 0, doubled: 0, outOfOrder: 0, dropped: 0, missing: [] };

export interface Result {
  /** Of each publisher. */
  readonly sent: readonly number[];
  readonly acked: readonly number[];
  /** What each worker has seen of each publisher. */
  readonly workers: readonly (readonly WorkerSummary[])[];
}

/** Waits until every process is at work. */
async function ready(members: readonly MemberProcess[]): Promise<void> {
  await Promise.all(members.map((member) => member.next('ready', 180_000)));
}

async function summaryOf(worker: MemberProcess): Promise<Readonly<Record<string, WorkerSummary>>> {
  const from = worker.events.length;
  worker.tell();
  return (await worker.next('summary', 20_000, from)).topics;
}
