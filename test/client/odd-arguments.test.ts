import { of, type Observable } from 'rxjs';
import { ackAfter, connect, latest, memory, parse, publishTo, toAsyncIterable } from '../../src/index.js';
import { request, respond, topicTemplate, type MqttClient } from '../../src/index.js';
import { awsIotAuthorizer, awsIotMtls } from '../../src/aws/index.js';
import { createBroker } from '../../src/broker/index.js';
import { clientMachine } from '../../src/sans-io/index.js';
import { levelStore } from '../../src/store-level/index.js';
import { chaos, mqttTest } from '../../src/testing/index.js';
import { inVirtualTime } from '../../marble-tests/support.js';

/** As JavaScript may call it. */
const odd = (value: unknown): never => value as never;
const bare: unknown = Object.create(null);

/** What people give instead of options: what holds none, so that it would count as none. */
const NO_OPTIONS: readonly (readonly [value: unknown, kind: string])[] = [
  [Promise.resolve({}), 'a Promise'],
  [new Date(0), 'a Date'],
  [new Map(), 'a Map'],
  [/x/, 'a RegExp'],
  [[], 'an array'],
  [() => 1, 'a function'],
  [5, '5'],
  [true, 'true'],
  ['secret', 'a text'],
];

function errorOf(ask: () => Observable<unknown>): Error {
  const errors: Error[] = [];
  ask().subscribe({ error: (error: Error) => errors.push(error) });
  expect(errors).toHaveLength(1);
  return errors[0] as Error;
}

describe('what holds no options is refused where options are taken', () => {
  it.each(NO_OPTIONS)('%p', (value, kind) => {
    const { transport } = memory();
    const url = 'mqtt://h';
    expect(() => connect(url, odd(value))).toThrow(`connect: the options are ${kind}; give an object`);
    expect(() => connect({ url, transport, offline: odd(value) })).toThrow(
      `connect: offline is ${kind}; give an object`,
    );
    expect(() => connect({ url, transport, ws: { headers: odd(value) } })).toThrow(`ws.headers is ${kind}`);
    expect(() => connect({ url, transport, properties: odd(value) })).toThrow(`properties is ${kind}; give an object`);
    expect(() => createBroker(odd(value))).toThrow(`createBroker: the options are ${kind}; give an object`);
    inVirtualTime({ defaults: { topics: { 'a/#': { qos: 1 } } } }, ({ client }) => {
      const told = [
        errorOf(() => client.publish('a', 'x', odd(value))).message,
        errorOf(() => client.subscribe('a', odd(value))).message,
        errorOf(() => client.unsubscribe('a', odd(value))).message,
        errorOf(() => client.reconnect(odd(value))).message,
      ];
      for (const message of told) expect(message).toContain(`the options are ${kind}; give an object`);
      const properties = odd(value);
      const more = [
        errorOf(() => client.publish('a', 'x', { properties })).message,
        errorOf(() => client.subscribe('a', { properties })).message,
        errorOf(() => client.unsubscribe('a', { properties })).message,
        errorOf(() => request(client, 'a', 'x', { properties })).message,
        errorOf(() => respond(client, 'a', () => 'x', { properties })).message,
      ];
      for (const message of more) expect(message).toMatch(/properties (is|are) .*; give an object/);
      expect([...told, ...more].join()).not.toContain('secret');
    });
  });

  it('a URL object, a function and a class in place of the URL are named, not shown', () => {
    expect(() => connect(odd(new URL('mqtt://h')))).toThrow('connect: the url is a URL; give a text');
    expect(() => connect(odd(() => 'secret'))).toThrow('connect: the url is a function; give a text');
    expect(() => connect(odd(['mqtt://h']))).toThrow('connect: the url is an array; give a text');
  });

  it('an instance of a class and an object without a prototype are options', async () => {
    class Options {
      lazy = true;
    }
    await connect('mqtt://h', new Options()).end();
    await connect('mqtt://h', Object.assign(Object.create(null) as object, { lazy: true })).end();
  });
});

describe('what is no topic filter', () => {
  it.each([
    [null, 'the topic filter null is not a string'],
    [5, 'the topic filter 5 is not a string'],
    [() => 1, 'the topic filter a function is not a string'],
    [Promise.resolve('a'), 'the topic filter a Promise is not a string'],
    [[7], 'the topic filter 7 is not a string'],
    [[bare], 'the topic filter an object is not a string'],
    [[], 'no topic filter was given; give at least one'],
  ])('%p', (filter, message) => {
    inVirtualTime({}, ({ client }) => {
      const asks = [client.subscribe(odd(filter)), client.unsubscribe(odd(filter)), client.granted(odd(filter))];
      for (const ask of [...asks, latest(client, odd(filter))]) {
        expect(errorOf(() => ask as Observable<unknown>)).toMatchObject({ code: 'INVALID_FILTER', message });
      }
    });
  });

  it.each([3, '1', Symbol('q'), bare])('QoS %p is refused, also below limits.qos', (qos) => {
    inVirtualTime({ limits: { qos: 1 } }, ({ client }) => {
      expect(errorOf(() => client.subscribe('a', { qos: odd(qos) }))).toMatchObject({ code: 'INVALID_QOS' });
      expect(errorOf(() => client.subscribe({ a: { qos: odd(qos) } })).message).not.toMatch(/cannot convert/i);
    });
  });
});

describe('publish', () => {
  it('names the topic that is wrong, and no payload in the wrong place', () => {
    inVirtualTime({ defaults: { topics: { 'a/#': { qos: 1 } } } }, ({ client }) => {
      expect(errorOf(() => client.publish('a/+', 'x')).message).toBe(
        'publish to "a/+" failed: the topic holds the wildcard "+"',
      );
      expect(errorOf(() => client.publish(odd(null), 'x'))).toMatchObject({ code: 'INVALID_TOPIC' });
      expect(errorOf(() => client.publish('a', odd({}), odd('secret'))).message).not.toContain('secret');
    });
  });
});

describe('an ended client', () => {
  it('errors with ClosedError, whatever it is asked', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      void world.client.end();
      world.by(10);
      for (const ask of [() => world.client.ping(), () => world.client.reauthenticate()]) {
        expect(errorOf(ask)).toMatchObject({ code: 'CLOSED' });
      }
    });
  });

  it('reconnect() names itself in what it refuses', () => {
    inVirtualTime({}, ({ client }) => {
      expect(errorOf(() => client.reconnect({ clean: false })).message).toMatch(/^reconnect: clean: false /);
    });
  });
});

describe('functions refuse wrong arguments where they are called', () => {
  const client = connect('mqtt://h', { lazy: true });
  const NONE: MqttClient = odd(undefined);
  it.each<[message: string, call: () => unknown]>([
    ['ackAfter: project is undefined; give a function', () => ackAfter(odd(undefined))],
    ['publishTo: project is an object; give a function', () => publishTo(client, odd({ concurrency: 3 }))],
    ['publishTo: client is undefined; give what connect() returns', () => publishTo(NONE)],
    ['latest: client is undefined; give what connect() returns', () => latest(NONE, 'a')],
    ['request: client is undefined; give what connect() returns', () => request(NONE, 'a', '')],
    ['parse: schema is an object; give a Standard Schema', () => parse(odd({}))],
    ['toAsyncIterable: signal is an object; give an AbortSignal', () => toAsyncIterable(of(1), { signal: odd({}) })],
    ['toAsyncIterable: highWaterMark is "5"; give a whole', () => toAsyncIterable(of(1), { highWaterMark: odd('5') })],
    ['ackAfter: concurrency is an object; give', () => ackAfter(() => of(1), { concurrency: odd(bare) })],
    ['it has no string or finite number for {x}', () => topicTemplate('a/{x}').name({ x: Number.NaN })],
    ['it has no string or finite number for {x}', () => topicTemplate('a/{x}').name(odd(null))],
    ['levelStore: database is a text; give a level database', () => levelStore(odd('./queue'))],
    [
      'connect: will.payload is an object; give a text or bytes',
      () => connect('mqtt://h', { will: odd({ topic: 'a', payload: {} }) }),
    ],
    ['the endpoint undefined is not a host', () => awsIotAuthorizer(odd({}))],
    ['the endpoint 5 is not a host', () => awsIotMtls(odd({ endpoint: 5, tls: {} }))],
    [
      'mqttTest: option "latenc" is unknown; did you mean latency?',
      () => mqttTest(() => undefined, odd({ latenc: 1 })),
    ],
    ['chaos: every is 0; give at least 1 ms', () => mqttTest((t) => chaos(t, { every: 0 }))],
    ['null is not a duration', () => mqttTest((t) => chaos(t, { every: odd(null) }))],
    ['clientMachine: options is a text; give an object', () => clientMachine(odd('mqtt://h'))],
    ['clientMachine: transport has no effect', () => clientMachine(odd({ transport: memory().transport }))],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });

  it('feed(), which would throw later and elsewhere', async () => {
    const machine = clientMachine();
    expect(() => machine.feed(odd(5))).toThrow('feed: bytes is 5; give a Uint8Array');
    await machine.end({ force: true });
  });

  it('respond, on the Observable, and before the first request', () => {
    expect(errorOf(() => respond(client, 'a', odd('pong'))).message).toBe(
      'respond: handler is a text; give a function',
    );
    expect(errorOf(() => respond(NONE, 'a', () => 'x')).message).toContain('respond: client is undefined');
  });
});
