/** A publisher and a subscriber that mean no harm, in a process of their own. */
import { firstValueFrom } from 'rxjs';
import { connect } from '../../../src/index.js';
import { answerTo } from './measured.js';
import type { PairSetup, RoundTrips } from './pair.js';

const now = (): number => performance.now();

/** Keeps so many messages on their way, and notes how long each was. */
class Exchange {
  private readonly sentAt = new Map<number, number>();
  private times: number[] = [];
  private next = 0;
  private since = now();

  constructor(private readonly publish: (number: number) => void) {}

  start(inFlight: number): void {
    for (let count = 0; count < inFlight; count++) this.send();
  }

  received(number: number): void {
    const sentAt = this.sentAt.get(number);
    if (sentAt === undefined) return;
    this.sentAt.delete(number);
    this.times.push(now() - sentAt);
    this.send();
  }

  /** The round trips since it was asked last. One that is still on its way counts with its time until now. */
  report(): RoundTrips {
    const at = now();
    const arrived = this.times.length;
    const all = [...this.times, ...[...this.sentAt.values()].map((sentAt) => at - sentAt)].sort((a, b) => a - b);
    const seconds = (at - this.since) / 1000;
    this.times = [];
    this.since = at;
    const median = (arrived === 0 ? all.at(-1) : all[Math.floor(arrived / 2)]) ?? 0;
    return { arrived, rate: arrived / seconds, median, longest: all.at(-1) ?? 0 };
  }

  private send(): void {
    const number = this.next++;
    this.sentAt.set(number, now());
    this.publish(number);
  }
}

async function main({ url, topic, filter, qos, payload, inFlight }: PairSetup): Promise<void> {
  const publisher = connect(url, { clientId: 'pair-publisher' });
  const subscriber = connect(url, { clientId: 'pair-subscriber' });
  const bytes = new Uint8Array(Math.max(4, payload));
  const view = new DataView(bytes.buffer);
  const exchange = new Exchange((number) => {
    view.setUint32(0, number);
    publisher.publish(topic, bytes.slice(), { qos }).subscribe({ error: () => undefined });
  });
  subscriber.subscribe(filter, { qos }).subscribe((message) => {
    const { buffer, byteOffset, byteLength } = message.payload;
    exchange.received(new DataView(buffer, byteOffset, byteLength).getUint32(0));
  });
  await firstValueFrom(subscriber.granted(filter));
  exchange.start(inFlight);
  answerTo({ report: () => exchange.report() });
}

void main(JSON.parse(process.argv[2] ?? '{}') as PairSetup);
