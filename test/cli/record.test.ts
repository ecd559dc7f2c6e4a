import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { firstValueFrom, take, toArray } from 'rxjs';
import { connect, type MqttClient } from '../../src/index.js';
import { Histogram } from '../../src/cli/bench/histogram.js';
import { topicMapOf } from '../../src/cli/options/topic-map.js';
import { type DueMessage, scheduled } from '../../src/cli/recording.js';
import { replaying } from '../../src/cli/replaying.js';
import { readRecorded, recordedLine, type RecordedMessage } from '../../src/packet/recorded-message.js';
import { elapsed } from '../../src/rx/clock.js';
import { message, mqttTest, recorded } from '../../src/testing/index.js';
import { embedded, type Embedded } from './embedded.js';

let at: Embedded;
let client: MqttClient;
const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-record-'));
beforeAll(async () => {
  at = await embedded();
  client = connect(at.url);
});
afterAll(async () => {
  await client.end();
  await at.close();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('rxmqtt record and replay', () => {
  it('keep topic, bytes, QoS, retain and properties, and recorded() reads the file', async () => {
    const recording = at.run(['record', 'day/#', '-n', '3']);
    await at.subscribed('day/#');
    const properties = {
      contentType: 'x',
      correlationData: Uint8Array.of(0, 255),
      userProperties: [['a', 'b'] as const],
      messageExpiryInterval: 1000,
    };
    await firstValueFrom(client.publish('day/a', 'ä\u0001"', { qos: 1, retain: true, properties }));
    await firstValueFrom(client.publish('day/b', Uint8Array.of(0xc3, 0x28, 0), { qos: 2 }));
    await firstValueFrom(client.publish('day/c', ''));
    expect(await recording.code).toBe(0);
    const ndjson = recording.out.join('\n');

    const played = await firstValueFrom(recorded(ndjson).pipe(toArray()));
    expect(played.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
      ['day/a', 1, true],
      ['day/b', 2, false],
      ['day/c', 0, false],
    ]);

    const copies = firstValueFrom(
      client.subscribe('copy/#', { qos: 2, retainAsPublished: true }).pipe(take(3), toArray()),
    );
    await firstValueFrom(client.granted('copy/#'));
    const replay = at.run(['replay', file('day.ndjson', ndjson), '--map', 'day/#=>copy/#', '--speed', '100']);
    expect(await replay.code).toBe(0);
    expect(replay.err).toEqual([expect.stringMatching(/^3 messages in \d\.\d s, late p50 .*, p99 .*, max /)]);
    const [first, second, third] = await copies;
    expect(first).toMatchObject({ topic: 'copy/a', qos: 1, retain: true });
    expect(first?.text()).toBe('ä\u0001"');
    expect(first?.properties).toMatchObject({ ...properties, messageExpiryInterval: expect.any(Number) });
    expect([second?.qos, ...(second?.payload ?? [])]).toEqual([2, 0xc3, 0x28, 0]);
    expect(third).toMatchObject({ topic: 'copy/c', qos: 0, retain: false });
    expect(third?.payload).toHaveLength(0);
  });

  it('replay reads the standard input, and names a line that it cannot read', async () => {
    const stdin = '{"time":0,"topic":"in","payload":"1"}\n\nnonsense\n';
    const running = at.run(['replay', '-'], { stdin });
    expect(await running.code).toBe(1);
    expect(running.err).toEqual(['rxmqtt replay: line 3 of the recording is not JSON']);
  });

  it.each([
    ['{"time":0,"topic":"a/+"}', 'the topic "a/+" holds the wildcard "+"'],
    ['{"time":0,"topic":"a","properties":{"colour":1}}', 'property "colour" is unknown'],
  ])('replay names the line of what cannot be published: %s', async (line, problem) => {
    const running = at.run(['replay', '-'], { stdin: `{"time":0,"topic":"in"}\n${line}\n` });
    expect(await running.code).toBe(1);
    expect(running.err).toEqual([`rxmqtt replay: line 2 of the recording: ${problem}`]);
  });

  it('replay says how to read a compressed recording', async () => {
    const running = at.run(['replay', '-'], { stdin: [gzipSync('{"time":0,"topic":"in"}\n')] });
    expect(await running.code).toBe(1);
    expect(running.err).toEqual(['rxmqtt replay: the recording is compressed; give zcat FILE | rxmqtt replay -']);
  });

  it.each([
    ['"payload":{"secret":1}', 'payload'],
    ['"payload64":"secret?"', 'payload64'],
    ['"qos":3', 'qos'],
    ['"retain":"secret"', 'retain'],
    ['"properties":null', 'properties'],
    ['"properties":{"correlationData64":"secret?"}', 'correlationData64'],
  ])('replay names the line and the field that is invalid, and shows nothing of it: %s', async (field, name) => {
    const running = at.run(['replay', '-'], { stdin: `{"time":0,"topic":"in"}\n{"time":0,"topic":"in",${field}}\n` });
    expect(await running.code).toBe(1);
    expect(running.err).toEqual([`rxmqtt replay: line 2 of the recording has an invalid ${name}`]);
  });

  it('with -n has failed when it is interrupted before', async () => {
    const running = at.run(['record', 'early', '-n', '1']);
    await at.subscribed('early');
    running.interrupt();
    expect(await running.code).toBe(1);
    expect(running.err).toEqual(['interrupted']);
  });

  it('replay --loop begins again until it is interrupted', async () => {
    const several = firstValueFrom(client.subscribe('loop', { qos: 1 }).pipe(take(5), toArray()));
    await firstValueFrom(client.granted('loop'));
    const line = (time: number): string => `{"time":${time},"topic":"loop","payload":"${time}","qos":1}\n`;
    const running = at.run(['replay', file('loop.ndjson', line(0) + line(2)), '--loop']);
    expect((await several).map((one) => one.text())).toEqual(['0', '2', '0', '2', '0']);
    running.interrupt();
    expect(await running.code).toBe(0);
  });

  it.each([
    [['replay'], 2, 'give one file, or - for the standard input'],
    [['replay', 'x', '--speed', 'fast'], 2, "option '--speed' is not a number above 0: 'fast'"],
    [['replay', '-', '--loop'], 2, "the standard input can be read once; '--loop' needs a file"],
    [
      ['replay', 'x', '--map', 'a=>b/#'],
      2,
      "option '--map' has more wildcards on the right than on the left: 'a=>b/#'",
    ],
    [['replay', '/no/such/file'], 1, '/no/such/file cannot be read: ENOENT'],
  ])('%j ends with %i', async (args, expected, why) => {
    const { code, err } = at.run(args);
    expect(await code).toBe(expected);
    expect(err).toEqual([`rxmqtt replay: ${why}${expected === 2 ? '; see rxmqtt replay --help' : ''}`]);
  });
});

describe('replaying', () => {
  const due = (...times: number[]): DueMessage[] =>
    times.map((time) => ({ at: time, line: { time, topic: `t/${time}` } }));

  it('publishes each message within 1 ms of its time, regardless of earlier ones', () => {
    mqttTest((t) => {
      const client = t.connect();
      const times = [0, 0, 0.4, 7.25, 7.5, 1000, 1000.75, 3_600_000];
      const seen: number[] = [];
      const lateness = new Histogram();
      const watched = {
        publish: (...given: Parameters<typeof client.publish>) => {
          seen.push(elapsed());
          return client.publish(...given);
        },
      };
      let isDone = false;
      t.at(10, () =>
        replaying(watched, due(...times), { maps: [], lateness }).subscribe({ complete: () => (isDone = true) }),
      );
      t.to('2h');
      const [begin = 0] = seen;
      expect(seen).toHaveLength(times.length);
      seen.forEach((moment, index) => expect(Math.abs(moment - begin - (times[index] ?? NaN))).toBeLessThanOrEqual(1));
      expect(lateness.max).toBeLessThanOrEqual(1);
      expect(isDone).toBe(true);
    });
  });

  it('takes no more lines than may be unacknowledged, and continues as they are acknowledged', () => {
    mqttTest((t) => {
      const client = t.connect();
      let taken = 0;
      const lines = function* (): Generator<DueMessage> {
        for (; taken < 3000; taken++) yield { at: 0, line: { time: 0, topic: 't', qos: 1 } };
      };
      let isDone = false;
      t.at(10, () => {
        replaying(client, lines(), { maps: [], lateness: new Histogram() }).subscribe({
          complete: () => (isDone = true),
        });
        expect(taken).toBe(999);
      });
      t.to('1m');
      expect([taken, isDone]).toEqual([3000, true]);
    });
  });

  it('a faster speed and a second round keep the order of the file', async () => {
    const lines: RecordedMessage[] = [100, 120, 110, 150].map((time) => ({ time, topic: 't' }));
    const rounds: number[] = [];
    for await (const { at } of scheduled(() => lines, 10, true)) {
      rounds.push(at);
      if (rounds.length === 6) break;
    }
    expect(rounds).toEqual([0, 2, 2, 5, 5, 7]);
  });
});

describe('--map', () => {
  it.each([
    ['a/#=>b/#', 'a/x/y', 'b/x/y'],
    ['a/#=>b/#', 'a', 'b'],
    ['a/#=>b/c', 'a/x', 'b/c'],
    ['+/temp/+=>t/+/x/+', 'hall/temp/7', 't/hall/x/7'],
    ['#=>copy/#', 'a/b', 'copy/a/b'],
    ['a/#=>b/#', 'c/x', undefined],
  ])('%s makes of %s %s', (rule, topic, other) => {
    expect(topicMapOf(rule)(topic)).toBe(other);
  });

  it.each(['a', 'a=>', '=>b', 'a=>b=>c', 'a/#/b=>c'])('%s is refused', (rule) => {
    expect(() => topicMapOf(rule)).toThrow(/is not FROM=>TO|holds/);
  });
});

describe('a recorded line', () => {
  it('leaves out what holds for one connection only, and rounds the time to µs', () => {
    const one = message('t', 'x', { properties: { topicAlias: 7, subscriptionIdentifier: [1] } });
    expect(recordedLine(one, 1.23456)).toBe('{"time":1.235,"topic":"t","payload":"x"}');
    expect(readRecorded(recordedLine(one, 1), 1)).toEqual({ time: 1, topic: 't', payload: 'x' });
  });
});
