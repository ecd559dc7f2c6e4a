import { firstValueFrom } from 'rxjs';
import { connect, type MqttClient } from '../../src/index.js';
import { conditionOf } from '../../src/cli/options/condition.js';
import { message } from '../../src/testing/index.js';
import { embedded, type Embedded } from './embedded.js';

let at: Embedded;
let client: MqttClient;
beforeAll(async () => {
  at = await embedded({ authorizeSubscribe: ({ filter }) => !filter.startsWith('secret') });
  client = connect(at.url);
});
afterAll(async () => {
  await client.end();
  await at.close();
});

const node = (code: string): string[] => [process.execPath, '-e', code];

describe('rxmqtt request and respond', () => {
  it('the program gets the payload and the topic, and its output is the answer', async () => {
    const code = `
      let text = '';
      process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
        process.stdout.write([text, process.env.MQTT_TOPIC, process.env.RXMQTT_PASSWORD].join('|'));
      });`;
    const environment = { ...process.env, RXMQTT_PASSWORD: 'secret' };
    const responder = at.run(['respond', 'text/+', '--', ...node(code)], { environment });
    await at.subscribed('text/+');
    const asking = at.run(['request', 'text/upper', 'hello', '-W', '20']);
    expect(await asking.code).toBe(0);
    expect(asking.out).toEqual(['hello|text/upper|']);
    responder.interrupt();
    expect(await responder.code).toBe(0);
    expect(responder.err).toEqual([]);
  }, 30_000);

  it('a program that fails gives no answer and does not end the service', async () => {
    const responder = at.run(['respond', 'half', '--', ...node('process.exit(process.argv[1] ? 0 : 3)')]);
    await at.subscribed('half');
    const asking = at.run(['request', 'half', 'x', '-W', '20']);
    await responder.errLine(/^no answer to a request to half: .* ended with code 3$/);
    asking.interrupt();
    expect(await asking.code).toBe(1);
    await firstValueFrom(client.publish('half', 'no request', { qos: 1 }));
    await responder.errLine(/^a message to half has no response topic, so it is not a request$/);
    responder.interrupt();
    expect(await responder.code).toBe(0);
  }, 30_000);

  it('a request without an answer ends with 3, one without a subscriber with 4', async () => {
    const silent = client.subscribe('silent').subscribe();
    await firstValueFrom(client.granted('silent'));
    const late = at.run(['request', 'silent', 'x', '-W', '50ms']);
    expect(await late.code).toBe(3);
    expect(late.err[0]).toContain('was not answered within 50 ms');
    silent.unsubscribe();
    const unheard = at.run(['request', 'nobody/here', 'x']);
    expect(await unheard.code).toBe(4);
    expect(unheard.err).toEqual([
      'rxmqtt request: request to "nobody/here" failed: it has no subscriber; start a responder first',
    ]);
  });

  it('a request says why the client has ended, and ends with the code of that', async () => {
    const absent = at.run(['request', 'a', 'x', '--url', 'localhost:1']);
    expect(await absent.code).toBe(1);
    expect(absent.err).toEqual([
      'rxmqtt request: connecting to mqtt://localhost:1 failed: connection refused; is a broker listening there?',
    ]);
    const locked = await embedded({ authenticate: () => false });
    try {
      const refused = locked.run(['request', 'a', 'x']);
      expect(await refused.code).toBe(4);
      expect(refused.err).toEqual([expect.stringMatching(/^rxmqtt request: the broker at .* refused the connection/)]);
    } finally {
      await locked.close();
    }
  });

  it.each([
    [['respond', 'a'], 'rxmqtt respond: a program is missing: FILTER -- CMD [ARG...]; see rxmqtt respond --help'],
    [
      ['respond', 'a', 'b', '--', 'cat'],
      "rxmqtt respond: unexpected argument 'b'; the program follows after '--'; see rxmqtt respond --help",
    ],
    [
      ['request', 'a', '-D', 'response-topic=x'],
      'rxmqtt request: the command itself sets response-topic and correlation-data; leave them out; ' +
        'see rxmqtt request --help',
    ],
  ])('%j is refused with 2', async (args, line) => {
    const { code, err } = at.run(args);
    expect(await code).toBe(2);
    expect(err).toEqual([line]);
  });
});

describe('rxmqtt wait', () => {
  it('ends with 0 when a message matches, and prints it', async () => {
    const running = at.run(['wait', 'fleet/+', '--where', 'state=ready', '--where', 'n>=5', '-W', '20']);
    await at.subscribed('fleet/+');
    for (const payload of ['ready', '{"state":"ready","n":4}', '{"state":"away","n":9}', '{"state":"ready","n":5}']) {
      await firstValueFrom(client.publish('fleet/7', payload, { qos: 1 }));
    }
    expect(await running.code).toBe(0);
    expect(running.out).toEqual(['fleet/7 {"state":"ready","n":5}']);
  });

  it('a retained message counts', async () => {
    await firstValueFrom(client.publish('status', 'on', { qos: 1, retain: true }));
    expect(await at.run(['wait', 'status', '--where', '=on']).code).toBe(0);
    expect(await at.run(['wait', 'status', '--where', '=on', '--retained', 'no', '-W', '50ms']).code).toBe(3);
  });

  it('ends with 3 when none does in time, be it that the broker is not there', async () => {
    const { code, err } = at.run(['wait', 'never', '-W', '50ms']);
    expect(await code).toBe(3);
    expect(err).toEqual(['rxmqtt wait: no message matched within 0.05 s']);
    const absent = at.run(['wait', 'never', '-W', '200ms', '--url', 'mqtt://localhost:1']);
    expect(await absent.code).toBe(3);
    expect(absent.err[0]).toMatch(/connection refused; .*; trying again$/);
  });

  it('ends with 4 when the broker refuses the filter', async () => {
    const { code, err } = at.run(['wait', 'secret/a']);
    expect(await code).toBe(4);
    expect(err).toEqual([expect.stringMatching(/^rxmqtt wait: .*secret\/a/)]);
  });
});

describe('--where', () => {
  const deep = { state: 'ready', n: 5, on: true, list: [{ celsius: 20.5 }], none: null, empty: '', text: '7' };
  it.each([
    ['state=ready', true],
    ['state!=ready', false],
    ['state', true],
    ['other', false],
    ['other!=x', true],
    ['other<5', false],
    ['n=5', true],
    ['n=5.0', true],
    ['n>5', false],
    ['n>=5', true],
    ['n<=5', true],
    ['n<5', false],
    ['on=true', true],
    ['none=null', true],
    ['none<5', false],
    ['none>=0', false],
    ['on>0', false],
    ['empty<5', false],
    ['list>=0', false],
    ['state<5', false],
    ['text>6', true],
    ['list.0.celsius>20', true],
    ['list.1.celsius>20', false],
    ['list.length=1', true],
    ['list=[{"celsius":20.5}]', true],
    ['=ready', false],
  ])('%s of %j', (condition, holds) => {
    expect(conditionOf(condition)(message('t', deep))).toBe(holds);
  });

  it('=text compares a payload that is no JSON', () => {
    expect(conditionOf('=on')(message('t', 'on'))).toBe(true);
    expect(conditionOf('state=on')(message('t', 'on'))).toBe(false);
  });

  it.each(['', 'n>', 'n<x'])('%j is refused', (condition) => {
    expect(() => conditionOf(condition)).toThrow(/is not PATH=VALUE|not a number/);
  });
});
