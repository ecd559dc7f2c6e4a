import { setTimeout as delay } from 'node:timers/promises';
import type { ClientOptions } from '../../src/index.js';
import type { Cluster } from './cluster.js';
import { isShort } from './findings.js';
import { MemberProcess } from './member-process.js';
import { NOTHING, type StateEvent, type WorkerSummary } from './member-task.js';

/** How long a client waits at first before it dials again, in ms, times a random number. */
export const MIN_DELAY = 1000;
/** keepalive in s, pingTimeout in ms: after these a client finds that a node is stopped. */
export const KEEPALIVE = isShort ? 2 : 4;
export const PING_TIMEOUT = isShort ? 1000 : 2000;

/** How long a client stays away from its node at least, in ms. */
const RETURN_AFTER = isShort ? 5000 : 8000;

const HERD = 90;
/** How many of the herd belong to a node at least, of three. */
const SHARE = HERD / 6;
/** Where the probe connects from, so that the logs of the brokers tell it from the others. */
export const PROBE_ADDRESS = '127.0.0.2';
/** How long nothing must come before what is missing is lost, in ms: several times what the brokers wait before they redeliver. */
const QUIET = isShort ? 12_000 : 20_000;
/** A broker that serves no fresh connection of so many last ms serves no other either. */
const SERVED_WITHIN = 2000;
/** Messages a second of each publisher; the long form lasts long enough. */
const RATE = isShort ? 60 : 20;

/** Everything that is connected to a cluster while its nodes fail, in several processes. */
export class Crowd {
  private constructor(
    private readonly prefix: string,
    private readonly workers: readonly MemberProcess[],
    private readonly publishers: readonly MemberProcess[],
    private readonly herd: MemberProcess,
    private readonly probe: MemberProcess,
    private readonly control: MemberProcess,
  ) {}

  /** Starts everybody; the publishers when the workers have their subscriptions. */
  static async start(cluster: Cluster, servers: readonly string[], atLeast: number): Promise<Crowd> {
    const prefix = `ring-${process.pid}-${Date.now()}`;
    const common: ClientOptions = {
      ...cluster.options,
      servers,
      startWith: 'sticky',
      log: false,
      keepalive: KEEPALIVE,
      pingTimeout: PING_TIMEOUT,
      reconnect: { minDelay: MIN_DELAY, maxDelay: 5000 },
      timeouts: { socket: 1000, connack: 1500 },
    };
    // Later than a node that is frozen or cut off is there again.
    const options = { ...common, returnAfter: RETURN_AFTER };
    const workers = ['worker-1', 'worker-2'].map(
      (name) => new MemberProcess({ role: 'worker', name, filter: `${prefix}/#`, options }),
    );
    const names = Array.from({ length: HERD }, (_, number) => `herd-${number}`);
    const herd = new MemberProcess({ role: 'herd', names, options });
    const apart = { ...common, socket: { localAddress: PROBE_ADDRESS } };
    const probe = new MemberProcess({ role: 'probe', name: 'probe', options: apart });
    const control = new MemberProcess({ role: 'control', name: 'control', filter: `${prefix}/#`, options });
    const others = [...workers, herd, probe, control];
    await ready(others);
    const share = Math.ceil(atLeast / 2);
    const publishers = ['publisher-1', 'publisher-2'].map((name) => {
      const topic = `${prefix}/${name}`;
      return new MemberProcess({ role: 'publisher', name, topic, rate: RATE, atLeast: share, options });
    });
    await ready([...others, ...publishers]);
    return new Crowd(prefix, workers, publishers, herd, probe, control);
  }

  private get all(): readonly MemberProcess[] {
    return [...this.workers, ...this.publishers, this.herd, this.probe, this.control];
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
      this.probe.check();
      const servedAt = this.firstAcknowledgedAfter(moment);
      if (servedAt !== undefined) return servedAt;
      if (Date.now() > until) throw new Error(`no fresh connection was served within ${patience} ms`);
    }
  }

  /** How many ms the machine did not run the process of a client between two moments. */
  readonly lagOf = (clientId: string, from: number, to: number): number => {
    const isHere = (member: MemberProcess): boolean =>
      member.events.some((event) => event.event === 'state' && event.clientId === clientId);
    const events = this.all.find(isHere)?.events ?? [];
    return events.reduce(
      // One that began before the end: what was due meanwhile may have come before the process told of it.
      (sum, event) => sum + (event.event === 'lag' && event.at > from && event.at - event.by < to ? event.by : 0),
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

  /** The clients that were connected to a node at a moment. */
  at(url: string, moment = Infinity): readonly string[] {
    const here = [...this.transitions()].filter(([, list]) => {
      const last = list.filter(({ at }) => at <= moment).at(-1);
      return last?.status === 'connected' && last.url === url;
    });
    return here.map(([clientId]) => clientId);
  }

  /** Waits until everybody is connected, and the clients of a node have come back to it, and that is so for `calm` ms. */
  async gathered(url: string, calm: number, patience: number): Promise<void> {
    let since = Date.now();
    await this.until(patience, () => {
      const here = this.at(url).length;
      if (here < SHARE || this.away().length > 0) since = Date.now();
      return Date.now() - since < calm ? `${here} are at ${url}` : undefined;
    });
  }

  /** The clients that are not connected. */
  away(): readonly string[] {
    const away = [...this.transitions()].filter(([, list]) => list.at(-1)?.status !== 'connected');
    return away.map(([clientId]) => clientId);
  }

  /** Waits until everybody is connected again. */
  together(patience: number): Promise<void> {
    return this.until(patience, () => (this.away().length > 0 ? '' : undefined));
  }

  /** Waits until nothing is in the way. The time in which the broker serves no fresh connection either does not count. */
  private async until(patience: number, inTheWay: () => string | undefined): Promise<void> {
    let left = patience;
    for (let last = Date.now(); ;) {
      const why = inTheWay();
      if (why === undefined) return;
      if (left < 0) throw new Error(`after ${patience} ms these are away: ${this.away().join(', ')}; ${why}`);
      await delay(50);
      const now = Date.now();
      if ((this.firstAcknowledgedAfter(now - SERVED_WITHIN) ?? now) < now) left -= now - last;
      last = now;
    }
  }

  /** What each worker has of each publisher, once each has enough. */
  async summary(enough: number, patience: number): Promise<readonly WorkerSummary[]> {
    for (const until = Date.now() + patience; ; await delay(500)) {
      const topics = (await this.summaries()).slice(0, -1).flat();
      if (topics.every(({ newest }) => newest >= enough) || Date.now() > until) return topics;
    }
  }

  /** What each worker has of each publisher, the one by MQTT.js last. */
  private async summaries(): Promise<readonly (readonly WorkerSummary[])[]> {
    const all = await Promise.all([...this.workers, this.control].map((worker) => worker.summary()));
    return all.map(({ topics }) => this.publishers.map((_, at) => topics[this.topicOf(at)] ?? NOTHING));
  }

  /** The topic of a publisher. */
  topicOf(publisher: number): string {
    return `${this.prefix}/publisher-${publisher + 1}`;
  }

  /** Ends publishing, and waits until the workers have everything that was acknowledged, or get nothing more. */
  async result(patience: number): Promise<Result> {
    this.publishers.forEach((publisher) => publisher.tell());
    const published = await Promise.all(this.publishers.map((member) => member.published(patience)));
    const sent = published.map((event) => event.sent);
    const total = sent.reduce((all, one) => all + one, 0);
    let most = 0;
    for (let changedAt = Date.now(); ; await delay(500)) {
      const seen = await this.summaries();
      const counts = seen.map((topics) => topics.reduce((all, { distinct }) => all + distinct, 0));
      const count = counts.reduce((all, one) => all + one, 0);
      if (count > most) changedAt = Date.now();
      most = count;
      if (counts.some((one) => one < total) && Date.now() - changedAt < QUIET) continue;
      const acked = published.map((event) => event.acked);
      return { sent, acked, workers: seen.slice(0, -1), control: seen.at(-1) ?? [] };
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((member) => member.stop()));
  }

  get complaints(): string {
    return this.all.map(({ complaints }) => complaints).join('');
  }
}

export interface Result {
  /** Of each publisher. */
  readonly sent: readonly number[];
  readonly acked: readonly number[];
  /** What each worker has seen of each publisher. */
  readonly workers: readonly (readonly WorkerSummary[])[];
  /** What the worker by MQTT.js has seen of each. */
  readonly control: readonly WorkerSummary[];
}

async function ready(members: readonly MemberProcess[]): Promise<void> {
  try {
    await Promise.all(members.map((member) => member.next('ready', 180_000)));
  } catch (error) {
    await Promise.all(members.map((member) => member.stop()));
    throw error;
  }
}
