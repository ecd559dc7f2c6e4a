import { EMPTY, ignoreElements, merge, mergeMap, type Observable, range, timer } from 'rxjs';
import { awsIot } from '../../src/aws/index.js';
import { connect, type ClientOptions, type MqttClient, type MqttError } from '../../src/index.js';
import { VirtualClock } from '../model/virtual-clock.js';
import { AwsStandIn, ENDPOINT } from './stand-in.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The embedded broker answers at once; a network takes some time. */
const STEP = 1000;

/** Virtual time, which waits while a URL is being signed: Web Crypto works in the time of the platform. */
class Day {
  readonly clock = new VirtualClock();
  readonly aws = new AwsStandIn();
  private dials = 0;
  private asked = 0;
  /** Attempts for which the credentials fail to load, by their number. */
  readonly failing = new Set<number>();

  connect(life: number, clientId: string): MqttClient {
    const options = awsIot({
      endpoint: ENDPOINT,
      credentials: () => {
        this.asked++;
        if (this.failing.has(this.asked)) {
          this.dials++;
          return Promise.reject(new Error('the identity pool is away'));
        }
        return Promise.resolve(this.aws.issue(life));
      },
    });
    return connect({
      ...options,
      clientId,
      clean: false,
      protocolVersion: 4,
      transport: (target) => {
        this.dials++;
        return this.aws.transport(target);
      },
    });
  }

  async pass(ms: number): Promise<void> {
    for (const until = this.clock.now + ms; this.clock.now < until;) {
      this.clock.advance(STEP);
      while (this.asked > this.dials) await new Promise((resolve) => setImmediate(resolve));
      // A failed promise is told a microtask later.
      if (this.failing.has(this.asked)) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe('a day at the stand-in for AWS IoT Core', () => {
  let day: Day;
  beforeEach(() => (day = new Day()));
  afterEach(() => day.clock.close());

  it('[AWSIoTPythonSDK] configureIAMCredentials: 24 hours with tokens of 15 minutes lose nothing, and keep the limits', async () => {
    const { aws } = day;
    const client = day.connect(15 * MINUTE, 'device');
    const acknowledged = new Set<string>();
    const failures: unknown[] = [];
    const commands: string[] = [];
    let sent = 0;
    const publish = () => client.publish('device/data', String(sent++), { qos: 1 }).pipe(ignoreElements());
    // A reading every ten seconds, and 250 at once every hour.
    const readings = timer(0, 10_000)
      .pipe(mergeMap(publish))
      .subscribe({ error: (error) => failures.push(error) });
    const bursts = timer(HOUR / 2, HOUR)
      .pipe(
        mergeMap(() => range(250)),
        mergeMap(publish),
      )
      .subscribe({ error: (error) => failures.push(error) });
    // More filters than one SUBSCRIBE may have.
    for (let n = 0; n < 20; n++) {
      client.subscribe(`device/commands/${n}`, { qos: 2 }).subscribe({
        next: (message) => commands.push(message.text()),
        error: (error) => failures.push(error),
      });
    }
    let ordered = 0;
    const orders = timer(5 * MINUTE, 7 * MINUTE).subscribe(() =>
      aws.publish(`device/commands/${ordered % 20}`, String(ordered++)),
    );

    await day.pass(24 * HOUR);
    for (const source of [readings, bursts, orders]) source.unsubscribe();
    await day.pass(MINUTE);

    for (const { payload, topic } of aws.published) {
      if (topic === 'device/data') acknowledged.add(Buffer.from(payload).toString());
    }
    expect(aws.violations).toEqual([]);
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(14_000);
    expect(acknowledged.size).toBe(sent);
    expect(ordered).toBeGreaterThan(200);
    expect(new Set(commands).size).toBe(ordered);
    expect(aws.refused).toEqual([]);
    expect(aws.accepted.length).toBeGreaterThanOrEqual(96);
    expect(new Set(aws.accepted).size).toBe(aws.accepted.length);
    void client.end({ force: true });
    await day.pass(STEP);
  }, 120_000);

  it('tries again when the credentials fail to load, and names them', async () => {
    day.failing.add(1);
    day.failing.add(2);
    const client = day.connect(HOUR, 'device');
    const reasons: (MqttError | undefined)[] = [];
    client.state$.subscribe((state) => {
      if (state.status === 'reconnecting') reasons.push(state.reason);
    });
    let done = false;
    client.publish('device/data', 'kept', { qos: 1 }).subscribe(() => (done = true));
    await day.pass(MINUTE);
    expect(reasons.map((reason) => reason?.message)).toEqual(
      Array(2).fill('the AWS credentials could not be loaded: the identity pool is away; check the option credentials'),
    );
    expect(reasons[0]?.code).toBe('AUTH_FAILED');
    expect(done).toBe(true);
    void client.end({ force: true });
    await day.pass(STEP);
  });

  it.each<[string, ClientOptions, (client: MqttClient) => Observable<unknown>]>([
    ['keep-alive of 1500 s', { keepalive: 1500 }, () => EMPTY],
    ['9 filters in SUBSCRIBE', {}, (client) => client.subscribe(times(9, (n) => `a/${n}`))],
    ['101 publishes in a second', {}, (client) => merge(...times(120, () => client.publish('a', '')))],
    ['PUBLISH at QoS 2', {}, (client) => client.publish('a', '', { qos: 2 })],
    ['the topic a/b/c/d/e/f/g/h/i', {}, (client) => client.publish('a/b/c/d/e/f/g/h/i', '')],
    ['a message of 140000 bytes', {}, (client) => client.publish('a', new Uint8Array(140_000))],
  ])('has a guard: without the limits of awsIot, "%s" ends the connection', async (violation, options, act) => {
    const { aws } = day;
    const { limits, subscribeBatchSize, ...rest } = awsIot({ endpoint: ENDPOINT, credentials: aws.issue(HOUR) });
    expect([limits?.topicLevels, subscribeBatchSize]).toEqual([8, 8]);
    const client = connect({ ...rest, ...options, clientId: 'device', protocolVersion: 4, transport: aws.transport });
    // It is under way when the client is ended, and errors with that.
    act(client).subscribe({ error: () => undefined });
    day.clock.advance(0);
    while (aws.accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    day.clock.advance(STEP);
    expect(aws.violations[0]).toBe(violation);
    void client.end({ force: true });
    day.clock.advance(STEP);
  });
});

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
