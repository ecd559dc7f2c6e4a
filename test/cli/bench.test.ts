import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { firstValueFrom, Subject } from 'rxjs';
import { connect } from '../../src/index.js';
import { arrived } from '../../src/cli/bench/arrived.js';
import { DeliveryCheck } from '../../src/cli/bench/delivery-check.js';
import { Histogram } from '../../src/cli/bench/histogram.js';
import { numberedPayload, readNumbers } from '../../src/cli/bench/numbered-payload.js';
import { publishNumbered, type Published } from '../../src/cli/bench/publisher.js';
import { meetsGuarantees, type BenchReport } from '../../src/cli/bench/report.js';
import { mqttTest } from '../../src/testing/index.js';
import { embedded, type Embedded } from './embedded.js';

describe('what has arrived', () => {
  it('is waited for while any message is missing, for 5 s without progress', () => {
    mqttTest((t) => {
      let missing = 2;
      const ended: string[] = [];
      const wait = (name: string): void =>
        void arrived(() => missing).subscribe({ complete: () => ended.push(`${name} ${t.now}`) });
      t.at(0, () => wait('first'));
      t.at(4990, () => (missing = 1));
      t.at(8990, () => (missing = 0));
      t.at(9100, () => (missing = 1));
      t.at(9100, () => wait('second'));
      t.to(20_000);
      expect(ended).toEqual(['first 9000', 'second 14150']);
    });
  });
});

describe('a histogram', () => {
  it('tells quantiles to 1.6 %, and the largest value exactly', () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 100_000; value++) histogram.record(value / 10);
    expect(histogram.count).toBe(100_000);
    expect(histogram.max).toBe(10_000);
    expect(histogram.mean).toBeCloseTo(5000.05);
    for (const share of [0.001, 0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = share * 10_000;
      const told = histogram.quantile(share);
      expect(told).toBeGreaterThanOrEqual(exact);
      expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 64));
    }
  });

  it('tells small values to the µs, and takes any value', () => {
    const histogram = new Histogram();
    for (const ms of [0.001, 0.002, 0.127, -5, 1e12]) histogram.record(ms);
    expect(histogram.quantile(0.2)).toBe(0);
    expect(histogram.quantile(0.4)).toBe(0.001);
    expect(histogram.quantile(0.8)).toBe(0.127);
    expect(histogram.max).toBe(1e12);
  });

  it('is 0 without values, and can be cleared', () => {
    const histogram = new Histogram();
    expect([histogram.quantile(0.5), histogram.mean, histogram.max]).toEqual([0, 0, 0]);
    histogram.record(1);
    histogram.record(3);
    expect([histogram.count, histogram.max, histogram.mean]).toEqual([2, 3, 2]);
    histogram.clear();
    expect([histogram.count, histogram.quantile(1)]).toEqual([0, 0]);
  });
});

describe('the numbers of a payload', () => {
  it('are read as they were written, and of no other payload', () => {
    const numbers = { publisher: 0xffff_fffe, sequence: 2 ** 40, sentAt: 1_700_000_000_000.125 };
    const payload = numberedPayload(numbers, 64);
    expect(payload).toHaveLength(64);
    expect(readNumbers(payload)).toEqual(numbers);
    expect(readNumbers(new Uint8Array(64))).toBeUndefined();
    expect(readNumbers(payload.subarray(0, 23))).toBeUndefined();
  });
});

describe('the delivery check', () => {
  it.each([
    ['in order', [0, 1, 2, 3], 4, [0, 0, 0]],
    ['a gap', [0, 3], 4, [2, 0, 0]],
    ['the last ones missing', [0, 1], 5, [3, 0, 0]],
    ['nothing', [], 3, [3, 0, 0]],
    ['twice', [0, 0, 1, 1, 0], 2, [0, 3, 0]],
    ['late', [0, 2, 1, 3], 4, [0, 0, 1]],
    ['late within a gap, and twice', [0, 9, 4, 4, 8, 1], 10, [5, 1, 3]],
  ])('%s', (_name, sequences, sent, [lost, duplicates, disordered]) => {
    const check = new DeliveryCheck(0);
    for (const sequence of sequences) check.received(sequence);
    check.ended(sent);
    expect([check.lost, check.duplicates, check.disordered]).toEqual([lost, duplicates, disordered]);
  });

  it('remembers a bounded number of gaps and counts the others', () => {
    const check = new DeliveryCheck(0);
    for (let sequence = 1; sequence < 50_000; sequence += 2) check.received(sequence);
    expect(check.lost).toBe(25_000);
  });

  it.each([
    [{ qos: 0, lost: 5 }, true],
    [{ qos: 1, lost: 1 }, false],
    [{ qos: 1, duplicates: 1 }, true],
    [{ qos: 2, duplicates: 1 }, false],
    [{ qos: 0, disordered: 1 }, false],
  ])('%j keeps the promise of its QoS: %p', (found, keeps) => {
    const report = { mode: 'e2e', lost: 0, duplicates: 0, disordered: 0, ...found };
    expect(meetsGuarantees(report as BenchReport)).toBe(keeps);
  });
});

describe('a publisher at a rate', () => {
  it('sends due messages, and counts latency from their due time when the broker is slow', () => {
    mqttTest(
      (t) => {
        t.answer('publish', () => undefined);
        const client = t.connect();
        const published: Published[] = [];
        const stop$ = new Subject<void>();
        const options = { topic: 't', qos: 1 as const, size: 64, rate: 100, window: 2, publisher: 1, origin: 0 };
        let sent = 0;
        t.at(100, () => publishNumbered(client, options, stop$, () => sent++).subscribe((one) => published.push(one)));
        t.at(600, () => stop$.next());
        t.to(700);
        // Two are open, and the broker answers neither.
        expect([sent, published]).toEqual([2, []]);
      },
      { broker: false },
    );
    mqttTest((t) => {
      const client = t.connect();
      const published: Published[] = [];
      const stop$ = new Subject<void>();
      let sent = 0;
      let isDone = false;
      const options = { topic: 't', qos: 1 as const, size: 64, rate: 100, window: 2, publisher: 1, origin: 0 };
      t.at(100, () =>
        publishNumbered(client, options, stop$, () => sent++).subscribe({
          next: (one) => published.push(one),
          complete: () => (isDone = true),
        }),
      );
      t.at(1100, () => stop$.next());
      t.to(1200);
      expect(sent).toBeGreaterThanOrEqual(100);
      expect(sent).toBeLessThanOrEqual(101);
      expect([published.length, isDone]).toEqual([sent, true]);
      published.forEach(({ sentAt }, index) => expect(sentAt - (published[0]?.sentAt ?? 0)).toBeCloseTo(index * 10, 6));
      expect(Math.max(...published.map(({ latency }) => latency))).toBeLessThanOrEqual(2);
    });
  });
});

describe('rxmqtt bench', () => {
  let at: Embedded;
  let deaf: Server;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    at = await embedded();
    deaf = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await at.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));
  });
  const short = ['--warmup', '20ms', '-d', '200ms'];

  it.each(['0', '1', '2'])('e2e at QoS %s proves that nothing was lost, came twice or out of order', async (qos) => {
    const { code, out } = at.run(['bench', 'e2e', '-c', '2', '--rate', '500', '-q', qos, '--json', ...short]);
    expect(await code).toBe(0);
    const report = JSON.parse(out[0] ?? '') as BenchReport;
    expect(report).toMatchObject({ mode: 'e2e', clients: 2, qos: Number(qos), lost: 0, duplicates: 0, disordered: 0 });
    expect(report.received).toBeGreaterThan(0);
    const { p50, p90, p99, 'p99.9': p999, max } = report.latency;
    expect([p50, p90, p99, p999, max]).toEqual([p50, p90, p99, p999, max].sort((a, b) => a - b));
    expect(max).toBeGreaterThan(0);
    expect(report.cpu).toBeGreaterThan(0);
  });

  it('e2e without a rate, as a table', async () => {
    const { code, out } = at.run(['bench', 'e2e', '-q', '1', ...short]);
    expect(await code).toBe(0);
    expect(out).toEqual([
      expect.stringMatching(/^e2e, 1 client, QoS 1, 64 bytes, \d\.\d s$/),
      expect.stringMatching(/^sent +[\d ]+ msg\/s {2}/),
      expect.stringMatching(/^received +[\d ]+ msg\/s {2}/),
      'lost 0, duplicates 0, out of order 0',
      expect.stringMatching(/^latency {3}p50 .* p90 .* p99 .* p99\.9 .* max /),
      expect.stringMatching(/^CPU +\d+ % of a core, [\d.]+ µs a message$/),
    ]);
  });

  it('pub counts acknowledgements, and sub what others publish', async () => {
    const sub = at.run(['bench', 'sub', '--json', '--warmup', '0', '-d', '30s']);
    await at.subscribed('rxmqtt-bench/#');
    const pub = at.run(['bench', 'pub', '-c', '2', '--rate', '200', '-q', '1', '--json', ...short]);
    expect(await pub.code).toBe(0);
    expect(JSON.parse(pub.out[0] ?? '')).toMatchObject({ mode: 'pub', sent: expect.any(Number) });
    sub.interrupt();
    expect(await sub.code).toBe(0);
    const report = JSON.parse(sub.out[0] ?? '') as BenchReport;
    expect(report).toMatchObject({ mode: 'sub', lost: 0, duplicates: 0, disordered: 0 });
    expect(report.received).toBeGreaterThan(0);
  });

  it('conn opens as many connections as it should, and closes them', async () => {
    const { code, out } = at.run(['bench', 'conn', '-c', '20', '--json']);
    expect(await code).toBe(0);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ mode: 'conn', clients: 20, received: 20 });
    const client = connect(at.url);
    await firstValueFrom(client.connected$);
    await client.end();
  });

  it('shows progress where there is a terminal for it', async () => {
    const running = at.run(['bench', 'pub', '--rate', '100', '-d', '1500ms', '--warmup', '0'], { showsStatus: true });
    expect(await running.code).toBe(0);
    expect(running.statuses).toContainEqual(expect.stringMatching(/^measuring: \d+ a second, p99 /));
    expect(running.statuses.at(-1)).toBe('');
  });

  it('sub tells that nothing came, and a bench that cannot connect tells its error alone', async () => {
    const quiet = at.run(['bench', 'sub', '--topic', 'quiet', '--json', ...short]);
    expect(await quiet.code).toBe(0);
    expect(JSON.parse(quiet.out[0] ?? '')).toMatchObject({ mode: 'sub', received: 0, lost: 0 });
    const failed = at.run(['bench', 'conn', '-c', '2', '-L', 'localhost:1']);
    expect(await failed.code).toBe(1);
    expect(failed.out).toEqual([]);
    expect(failed.err).toEqual([expect.stringMatching(/^rxmqtt bench: .*connection refused/)]);
  });

  it('ends with 3 when there is no answer', async () => {
    const { port } = deaf.address() as AddressInfo;
    const { code, err } = at.run(['bench', 'conn', '-c', '1', '-L', `localhost:${port}`, '--connect-timeout', '100ms']);
    expect(await code).toBe(3);
    expect(err).toHaveLength(1);
  });

  it.each([
    [['bench'], 'give one of conn, pub, sub, e2e'],
    [['bench', 'rpc'], 'give one of conn, pub, sub, e2e'],
    [['bench', 'e2e', '--size', '10'], "option '--size' is not a whole number from 24 to 268435456: '10'"],
    [['bench', 'e2e', '--rate', '0'], "option '--rate' is not a number above 0: '0'"],
  ])('%j is refused with 2', async (args, why) => {
    const { code, err } = at.run(args);
    expect(await code).toBe(2);
    expect(err).toEqual([`rxmqtt bench: ${why}; see rxmqtt bench --help`]);
  });
});
