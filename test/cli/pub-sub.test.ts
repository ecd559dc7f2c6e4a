import { firstValueFrom, take, toArray } from 'rxjs';
import { connect, type MqttClient, type MqttMessage } from '../../src/index.js';
import { recorded } from '../../src/testing/index.js';
import { embedded, type Embedded } from './embedded.js';

let at: Embedded;
let client: MqttClient;
beforeAll(async () => {
  at = await embedded();
  client = connect(at.url);
});
afterAll(async () => {
  await client.end();
  await at.close();
});

/** What will come of a filter, which the broker has granted. */
async function listening(filter: string, count: number): Promise<{ readonly all: Promise<MqttMessage[]> }> {
  const all = firstValueFrom(client.subscribe(filter, { qos: 2 }).pipe(take(count), toArray()));
  await firstValueFrom(client.granted(filter));
  return { all };
}
const publish = (topic: string, payload: string | Uint8Array, options = {}) =>
  firstValueFrom(client.publish(topic, payload, { qos: 1, ...options }));

describe('rxmqtt pub', () => {
  it('publishes with QoS, retain and properties, and ends when it is acknowledged', async () => {
    const words = ['-D', 'content-type=text/plain', '-D', 'origin=me', '-D', 'user:content-type=x'];
    const { code, out, err } = at.run(['pub', 'pub/a', '21.5', '-q', '2', '-r', ...words]);
    expect(await code).toBe(0);
    expect([out, err]).toEqual([[], []]);
    const message = await firstValueFrom(client.subscribe('pub/a', { qos: 2 }));
    expect(message).toMatchObject({ qos: 2, retain: true });
    expect(message.text()).toBe('21.5');
    expect(message.properties).toMatchObject({
      contentType: 'text/plain',
      userProperties: [
        ['origin', 'me'],
        ['content-type', 'x'],
      ],
    });
  });

  it('publishes the standard input as it is, each of its lines, and what begins with a minus behind --', async () => {
    const bytes = Uint8Array.of(0, 255, 10, 13, 10);
    const received = await listening('in/+', 5);
    expect(await at.run(['pub', 'in/whole', '-', '-q', '1'], { stdin: [bytes] }).code).toBe(0);
    const parts = ['one\ntw', 'o\r\n', '\nend'];
    expect(await at.run(['pub', 'in/lines', '--lines', '-q', '1'], { stdin: parts }).code).toBe(0);
    const messages = await received.all;
    expect([...(messages[0]?.payload ?? [])]).toEqual([...bytes]);
    expect(messages.slice(1).map((message) => message.text())).toEqual(['one', 'two', '', 'end']);
    const negative = await listening('in/negative', 1);
    expect(await at.run(['pub', '-q', '1', 'in/negative', '--', '-5']).code).toBe(0);
    expect((await negative.all).map((message) => message.text())).toEqual(['-5']);
  });

  it('--repeat publishes so often, and an endless --interval until it is interrupted', async () => {
    const thrice = await listening('often', 3);
    expect(await at.run(['pub', 'often', 'x', '--repeat', '3', '--interval', '1ms', '-q', '1']).code).toBe(0);
    expect(await thrice.all).toHaveLength(3);
    const several = await listening('ever', 2);
    const running = at.run(['pub', 'ever', 'x', '--interval', '5ms', '-q', '1']);
    await several.all;
    running.interrupt();
    expect(await running.code).toBe(0);
    expect(running.err).toEqual([]);
  });

  it('that is interrupted before it is done has failed, and has said goodbye', async () => {
    const gone = firstValueFrom(at.broker.disconnected$);
    const running = at.run(['pub', 'slow', 'x', '--repeat', '2', '--interval', '1h', '-q', '1']);
    await firstValueFrom(client.subscribe('slow'));
    running.interrupt();
    expect(await running.code).toBe(1);
    expect(running.err).toEqual(['interrupted']);
    expect((await gone).reasonCode).toBe(0);
  });

  it.each([
    [['pub'], 2, 'a topic is missing'],
    [['pub', 'a/#', 'x'], 2, 'the topic holds the wildcard "#"'],
    [['pub', 'a', 'two', 'words'], 2, 'there are arguments after the payload; put the payload in quotes'],
    [
      ['pub', 'a', '--repeat', '-1'],
      2,
      "option '--repeat' argument is ambiguous: another option follows; join a value that begins with a minus to it: --option=-value",
    ],
    [['pub', 'a', 'x', '-q', '3'], 2, "option '--qos' is not 0, 1 or 2: '3'"],
    [
      ['pub', 'a', 'x', '--interval', 'soon'],
      2,
      "option '--interval' is not a time like 100ms, 2.5s, 1m or 2h: 'soon'",
    ],
    [['pub', 'a', '-5'], 2, "unknown option '-5'; write '--' before an argument that begins with '-'"],
    [['pub', 'a', '-m', 'x'], 2, "unknown option '-m'; the payload is an argument after the topic"],
    [
      ['pub', 'a', 'x', '-P', 'secret'],
      2,
      "unknown option '-P'; give --password-file FILE, RXMQTT_PASSWORD, or type it when you are asked",
    ],
    [
      ['pub', 'a', 'x', '-D', 'payload-format-indicator=2'],
      2,
      "property 'payload-format-indicator' is not 0 or 1: '2'",
    ],
  ])('%j ends with %i and says why in one line', async (args, expected, why) => {
    const { code, err } = at.run(args);
    expect(await code).toBe(expected);
    expect(err).toEqual([`rxmqtt pub: ${why}; see rxmqtt pub --help`]);
  });

  it('says in one line that there is no broker, and ends with 1', async () => {
    const { code, err } = at.run(['pub', 'a', 'x', '--url', 'localhost:1']);
    expect(await code).toBe(1);
    expect(err).toEqual([
      'rxmqtt pub: connecting to mqtt://localhost:1 failed: connection refused; is a broker listening there?',
    ]);
  });
});

describe('rxmqtt sub', () => {
  it('prints topics and payloads, bytes in hexadecimal, and ends in order when it is interrupted', async () => {
    const running = at.run(['sub', 'sub/#']);
    await at.subscribed('sub/#');
    await publish('sub/a', 'text');
    await publish('sub/b', Uint8Array.of(0, 0x41, 0xff));
    await running.line(/^00000000/m);
    const gone = firstValueFrom(at.broker.disconnected$);
    running.interrupt();
    expect(await running.code).toBe(0);
    expect((await gone).reasonCode).toBe(0);
    expect(running.out).toEqual(['sub/a text', `sub/b (3 bytes)\n00000000  00 41 ff${' '.repeat(39)}  .A.`]);
  });

  it('prints the payload alone for one topic without wildcards, and ends after -n messages', async () => {
    const running = at.run(['sub', 'one', '-n', '2']);
    await at.subscribed('one');
    for (const payload of ['1', '2', '3']) await publish('one', payload);
    expect(await running.code).toBe(0);
    expect(running.out).toEqual(['1', '2']);
  });

  it('on a terminal: JSON in colour, and nothing that moves the cursor', async () => {
    const running = at.run(['sub', 'screen/+', '-n', '2'], { isScreen: true, hasColours: true });
    await at.subscribed('screen/+');
    await publish('screen/a', '{"a": 1}');
    await publish('screen/b', 'two\nlines\u009b2J\u202e');
    expect(await running.code).toBe(0);
    const cyan = (text: string): string => `\u001b[36m${text}\u001b[39m`;
    expect(running.out).toEqual([
      `${cyan('screen/a')} {\u001b[34m"a"\u001b[39m: \u001b[33m1\u001b[39m}`,
      `${cyan('screen/b')} two\nlines\\u009b2J\\u202e`,
    ]);
  });

  it('--json is a recording, which recorded() of the testing kit reads', async () => {
    const running = at.run(['sub', 'json/+', '-n', '2', '--json', '-q', '1']);
    await at.subscribed('json/+');
    const properties = { contentType: 'x', correlationData: Uint8Array.of(0, 200) };
    await publish('json/a', 'ä', { properties });
    await publish('json/b', Uint8Array.of(255));
    expect(await running.code).toBe(0);
    expect(running.out[0]).toMatch(/^\{"time":0,"topic":"json\/a","payload":"ä","qos":1,"properties":/);
    const [first, second] = await firstValueFrom(recorded(running.out.join('\n')).pipe(toArray()));
    expect(first).toMatchObject({ topic: 'json/a', qos: 1, retain: false });
    expect(first?.properties).toEqual(properties);
    expect([...(second?.payload ?? [])]).toEqual([255]);
  });

  it('--raw writes only the bytes; --format writes a custom line', async () => {
    const raw = at.run(['sub', 'both', '-n', '2', '--raw']);
    const format = at.run(['sub', 'both', '-n', '1', '--format', '%t %p %x %l q%q r%r %% %C|\\t']);
    await firstValueFrom(at.broker.subscribed$.pipe(take(2), toArray()));
    await publish('both', 'ab', { properties: { contentType: 'c' } });
    await publish('both', Uint8Array.of(255));
    expect(await raw.code).toBe(0);
    expect(Buffer.concat(raw.bytes)).toEqual(Buffer.from([0x61, 0x62, 255]));
    expect(raw.out).toEqual([]);
    expect(await format.code).toBe(0);
    expect(format.out).toEqual(['both ab 6162 2 q0 r0 % c|\t']);
  });

  it('--retained only prints retained messages and ends; --retained no prints the rest', async () => {
    for (const topic of ['kept/a', 'kept/b']) await publish(topic, topic, { retain: true });
    const only = at.run(['sub', 'kept/#', '--retained', 'only']);
    expect(await only.code).toBe(0);
    expect([...only.out].sort()).toEqual(['kept/a kept/a', 'kept/b kept/b']);
    const five = at.run(['sub', 'kept/#', '--retained', 'only', '-n', '5']);
    expect(await five.code).toBe(3);
    expect(five.err).toEqual(['rxmqtt sub: fewer than 5 messages retained']);
    expect(await at.run(['sub', 'kept/#', '--retained', 'only', '-n', '2']).code).toBe(0);
    for (const version of ['5', '4']) {
      const others = at.run(['sub', `kept/#`, '--retained', 'no', '-n', '1', '-V', version]);
      const connected = firstValueFrom(at.broker.subscribed$);
      await connected;
      await publish('kept/c', 'live');
      expect(await others.code).toBe(0);
      expect(others.out).toEqual(['kept/c live']);
    }
  });

  it('-W without enough messages ends with 3, without -n with 0', async () => {
    const late = at.run(['sub', 'never', '-n', '1', '-W', '50ms']);
    expect(await late.code).toBe(3);
    expect(late.err).toEqual(['rxmqtt sub: no message within 0.05 s']);
    expect(await at.run(['sub', 'never', '-W', '50ms']).code).toBe(0);
  });

  it('with -n has failed when it is interrupted before, so that a script does not go on', async () => {
    const running = at.run(['sub', 'early', '-n', '1']);
    await at.subscribed('early');
    running.interrupt();
    expect(await running.code).toBe(1);
    expect(running.err).toEqual(['interrupted']);
  });

  it('a pipe that is closed ends it quietly', async () => {
    const running = at.run(['sub', 'closed']);
    await at.subscribed('closed');
    running.closePipe();
    expect(await running.code).toBe(0);
    expect(running.err).toEqual([]);
  });

  it('a pipe that is not read stops it, until it is read', async () => {
    let isFull = true;
    const running = at.run(['sub', 'slow/#', '-n', '3', '-q', '1'], {
      isFull: () => isFull,
    });
    await at.subscribed('slow/#');
    for (const payload of ['1', '2', '3']) await publish('slow/x', payload);
    await running.line(/1$/);
    await firstValueFrom(client.ping());
    expect(running.out).toEqual(['slow/x 1']);
    isFull = false;
    running.drain();
    expect(await running.code).toBe(0);
    expect(running.out).toEqual(['slow/x 1', 'slow/x 2', 'slow/x 3']);
  });

  it('--rate shows a line a second, and the sum at the end', async () => {
    const running = at.run(['sub', 'rate', '--rate']);
    await at.subscribed('rate');
    await publish('rate', 'x'.repeat(100));
    expect(await running.line(/ 1 message$/)).toMatch(/^ +\d msg\/s +\d+(\.\d)? k?B\/s {2}1 message$/);
    running.interrupt();
    expect(await running.code).toBe(0);
    expect(running.out.at(-1)).toMatch(/^1 message, 100 B in \d+\.\d s$/);
  });

  it.each([
    [['sub'], "a topic filter is missing; all topics are '#', in quotes"],
    [['sub', 'a/#/b'], 'the topic filter \'a/#/b\' holds "#" before its last level'],
    [['sub', 'a', '--json', '--raw'], "give one of '--json', '--raw' and '--format'"],
    [['sub', 'a', '--format', '%y'], /^option '--format' has an unknown '%y'; known are t p /],
    [['sub', 'a', '-p', '1883'], "unknown option '-p'; the port is part of --url mqtt://host:1883"],
    [['sub', 'a', '--retained', 'yes'], "option '--retained' is not only or no: 'yes'"],
  ])('%j is refused with 2', async (args, why) => {
    const { code, err } = at.run(args);
    expect(await code).toBe(2);
    const line = (err[0] ?? '').replace('rxmqtt sub: ', '').replace('; see rxmqtt sub --help', '');
    if (typeof why === 'string') expect(line).toBe(why);
    else expect(line).toMatch(why);
  });
});

describe('a client command', () => {
  it('-v shows each packet in a line, without payload and credentials; -vv the bytes, without the password', async () => {
    const environment = { RXMQTT_PASSWORD: 'correct horse' };
    const args = ['pub', 'secret/topic', 'the payload', '-q', '1', '-u', 'hall', '-i', 'me'];
    const one = at.run([...args, '-v'], { environment });
    expect(await one.code).toBe(0);
    expect(one.err).toEqual([
      '> CONNECT MQTT 5 id "me" clean keep-alive 60 s user name password',
      '< CONNACK',
      '> PUBLISH #1 secret/topic q1 11 bytes',
      '< PUBACK #1 0x10 no matching subscribers',
      '> DISCONNECT',
    ]);
    const two = at.run([...args, '-vv'], { environment });
    expect(await two.code).toBe(0);
    const connect = two.err[1] ?? '';
    expect(connect).toMatch(/^00000000 {2}10 /);
    expect(connect).toContain('*****');
    expect(two.err.join('\n')).not.toContain('correct');
    expect(two.err).toContain('00000000  e0 00'.padEnd(59) + '..');
  });

  it('reports a lost connection in a line and continues', async () => {
    const running = at.run(['sub', 'lost', '-i', 'lost-one']);
    await at.subscribed('lost');
    const again = firstValueFrom(at.broker.subscribed$);
    at.broker.disconnectClient('lost-one');
    await again;
    expect(running.err).toEqual([expect.stringMatching(/; trying again$/)]);
    await publish('lost', 'found');
    await running.line(/^found$/);
    running.interrupt();
    expect(await running.code).toBe(0);
  });
});
