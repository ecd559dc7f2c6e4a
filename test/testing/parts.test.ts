import { map, toArray } from 'rxjs';
import 'rxmqtt/testing/jest';
import { connect, type MqttError, request } from '../../src/index.js';
import { fakeClient, inProcessBroker, message, mqttTest, recorded } from './support.js';

describe('fakeClient()', () => {
  it('emits to subscribers, records publishes, and shows observed filters', () => {
    const client = fakeClient();
    const seen: string[] = [];
    const subscription = client.subscribe('hall/+').subscribe((m) => seen.push(m.text()));
    client.emit('hall/7', { celsius: 21 });
    client.emit('other', 'x');
    client.publish('set', '1', { qos: 1, retain: true }).subscribe();
    expect(seen).toEqual(['{"celsius":21}']);
    expect(client).toBeSubscribedTo('hall/+');
    expect(client).toBeConnected();
    expect(client).toHavePublished('set', '1', { times: 1 });
    expect(client).not.toHavePublished('set', '2');
    subscription.unsubscribe();
    expect(client.subscribed).toEqual([]);
  });

  it('keeps retained messages, changes its state, and ends', async () => {
    const client = fakeClient();
    const seen: string[] = [];
    client.emit('a', '1', { retain: true });
    client.subscribe(['a', 'b']).subscribe({
      next: (m) => seen.push(`${m.text()} ${m.retain}`),
      complete: () => seen.push('done'),
    });
    client.become({ status: 'idle' });
    expect(client).not.toBeConnected();
    await client.end();
    expect(seen).toEqual(['1 true', 'done']);
    expect(client.state.status).toBe('ended');
    const failed: string[] = [];
    client.publish('a', '').subscribe({ error: (error: Error) => failed.push(error.name) });
    expect(failed).toEqual(['ClosedError']);
  });
});

describe('fakeClient(), like any client,', () => {
  it('says what was negotiated, and counts', () => {
    const client = fakeClient();
    expect(client.state).toMatchObject({ negotiated: { protocolVersion: 5, clientId: 'fake' } });
    expect(client.stats()).toMatchObject({ outbox: { messages: 0 }, reconnects: 0 });
  });

  it('answers requests with what the test emits', () => {
    const client = fakeClient();
    const answers: unknown[] = [];
    request(client, 'add', '[1,2]').subscribe((reply) => answers.push(reply.json()));
    const { responseTopic = '', correlationData } = client.published[0]?.properties ?? {};
    client.emit(responseTopic, 3, { properties: { correlationData: correlationData as Uint8Array } });
    expect(answers).toEqual([3]);
    return client.end();
  });

  it('takes no invalid topics, filters and options', () => {
    const client = fakeClient();
    const failed: string[] = [];
    const error = (problem: Error): number => failed.push(problem.message);
    client.publish('a/+', 'x').subscribe({ error });
    client.subscribe('a/#/b').subscribe({ error });
    client.subscribe([]).subscribe({ error });
    expect(failed).toEqual([
      expect.stringContaining('the topic holds the wildcard "+"'),
      'the topic filter "a/#/b" holds "#" before its last level',
      'no topic filter was given; give at least one',
    ]);
    expect(client.published).toEqual([]);
    expect(client.subscribed).toEqual([]);
  });

  it('lists a filter once, however many observe it', () => {
    const client = fakeClient();
    const first = client.subscribe('a').subscribe();
    client.subscribe(['a', 'b']).subscribe();
    expect(client.subscribed).toEqual(['a', 'b']);
    first.unsubscribe();
    expect(client.subscribed).toEqual(['a', 'b']);
  });

  it('refuses the requests that the test names', () => {
    const client = fakeClient({ refuse: { publish: 'secret/#', subscribe: ['secret/#'] } });
    const failed: unknown[] = [];
    const error = ({ name, reasonCode }: MqttError): number => failed.push([name, reasonCode]);
    client.publish('secret/1', 'x', { qos: 1 }).subscribe({ error });
    client.subscribe('secret/#').subscribe({ error });
    expect(failed).toEqual([
      ['PublishError', 0x87],
      ['SubscribeError', 0x87],
    ]);
    const receipts: unknown[] = [];
    client.publish('secret/1', 'x').subscribe((receipt) => receipts.push(receipt));
    expect(receipts).toEqual([{ packetId: 0, qos: 0, reasonCode: 0 }]);
  });
});

describe('recorded()', () => {
  const lines = [
    '{"time":1000.25,"topic":"a","payload":"x","qos":1,"retain":true}',
    '',
    '{"time":1010.25,"topic":"b","payload64":"AQL/"}',
    '{"time":2010.25,"topic":"c","payload":"","properties":{"contentType":"t","correlationData64":"AQI="}}',
  ].join('\n');

  it('plays messages at their times, and completes', () => {
    mqttTest((t) => {
      t.expectObservable(recorded(lines).pipe(map((m) => m.topic))).toBe('a 9ms b 999ms (c|)');
      t.at(5000, () =>
        recorded(lines)
          .pipe(toArray())
          .subscribe(([first, second, third]) => {
            expect(first).toMatchObject({ qos: 1, retain: true });
            expect(first?.text()).toBe('x');
            expect([...(second?.payload ?? [])]).toEqual([1, 2, 255]);
            expect(third?.properties).toEqual({ contentType: 't', correlationData: Uint8Array.of(1, 2) });
          }),
      );
      t.to(8000);
    });
  });

  it('names the line that it cannot read', () => {
    const failed: string[] = [];
    for (const text of ['{"time":0,"topic":"a"}\nnonsense', '{"topic":"a"}']) {
      recorded(text).subscribe({ error: (error: Error) => failed.push(error.message) });
    }
    expect(failed).toEqual(['line 2 of the recording is not JSON', 'line 1 of the recording has no time or no topic']);
  });
});

describe('the matchers', () => {
  it('look at clients and the broker of a test', () => {
    mqttTest((t) => {
      const client = t.connect();
      client.subscribe('in').subscribe();
      t.publish('10ms a', { a: ['in', 'x'] });
      t.at(20, () => client.publish('out', { x: 1 } as never, { qos: 1 }).subscribe({ error: () => undefined }));
      t.at(20, () => client.publish('out', '{"x":1}', { qos: 1, retain: true }).subscribe());
      t.to(30);
      expect(client).toBeConnected();
      expect(client).toBeSubscribedTo('in');
      expect(client).toHaveReceived('in', 'x', { times: 1 });
      expect(client).toHavePublished('out', { x: 1 });
      expect(t.broker).toHavePublished('out', { x: 1 }, { times: 1 });
      expect(t.broker).toHaveRetained('out');
      expect(client).toHaveSent('CONNECT v5 clean');
      expect(client).toHaveSent({ cmd: 'subscribe' });
      expect([message('a', 1)]).toHaveReceived('a', 1);
    });
  });

  it('say what there is when it is something else', () => {
    const client = fakeClient();
    client.publish('a', 'x').subscribe();
    expect(() => expect(client).toHavePublished('b', 'y')).toThrow(
      'expected it to have published "b" "y"; there is:\n  a "x" q0',
    );
    expect(() => expect(client).not.toBeConnected()).toThrow('expected it not to be connected');
    expect(() => expect({}).toHaveSent('PINGREQ')).toThrow('toHaveSent looks at a client of t.connect()');
  });
});

describe("users' own fake timers", () => {
  it('go on working with a whole client and a broker', async () => {
    for (const doNotFake of [[], ['performance'], ['Date']] as const) {
      jest.useFakeTimers({ doNotFake: [...doNotFake] });
      const broker = inProcessBroker();
      const client = connect({ url: 'mqtt://here', clientId: 'c', keepalive: 10, transport: broker.transport });
      await jest.advanceTimersByTimeAsync(100);
      expect(client).toBeConnected();
      await jest.advanceTimersByTimeAsync(30_000);
      expect(broker.wire('c').filter((row) => row.includes('PINGREQ')).length).toBeGreaterThanOrEqual(3);
      expect(client).toBeConnected();
      const ended = client.end();
      await jest.advanceTimersByTimeAsync(3000);
      await ended;
      await broker.close();
      expect(jest.getTimerCount()).toBe(0);
      jest.useRealTimers();
    }
  });
});

describe('a small test', () => {
  it('takes less than 20 ms', () => {
    const test = (): void =>
      mqttTest((t) => {
        const client = t.connect({ keepalive: 10 });
        t.expectSent(client).toBe('C 8999ms P', { C: 'CONNECT v5 clean', P: 'PINGREQ' });
      });
    test();
    const { user } = process.cpuUsage();
    for (let i = 0; i < 10; i++) test();
    expect((process.cpuUsage().user - user) / 10_000).toBeLessThan(20);
  });
});
