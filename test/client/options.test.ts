import { connectWith } from '../../src/client/connect.js';
import { awsIot, awsIotAuthorizer, awsIotMtls } from '../../src/aws/index.js';
import { createBroker } from '../../src/broker/index.js';
import {
  ackAfter,
  backoff,
  conflate,
  connect,
  durable,
  json,
  latestByTopic,
  memory,
  memoryStore,
  type MqttClient,
  parse,
  presence,
  publishTo,
  request,
  respond,
  scramSha256,
  toAsyncIterable,
  watchPresence,
} from '../../src/index.js';
import { EMPTY, type Observable } from 'rxjs';
import { inVirtualTime } from '../../marble-tests/support.js';

/** As JavaScript may call it. */
const odd = (value: unknown): never => value as never;

/** A client on Node and one in a browser, neither of which dials. */
const onNode = (options: object): MqttClient => connect({ url: 'mqtt://h', lazy: true, ...options });
const { transport } = memory();
const inBrowser = (options: object): MqttClient => connectWith(transport)({ url: 'ws://h', lazy: true, ...options });

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
  return 'accepted';
}

describe('an option of connect() that is unknown is a TypeError, at every depth', () => {
  it.each([
    [{ clientID: 'a' }, 'connect: option "clientID" is unknown; did you mean clientId?'],
    [
      { tls: { rejectUnauthorised: false } },
      'tls: option "rejectUnauthorised" is unknown; did you mean tls.rejectUnauthorized?',
    ],
    [{ ws: { header: {} } }, 'ws: option "header" is unknown; did you mean ws.headers?'],
    [{ socket: { nodelay: true } }, 'socket: option "nodelay" is unknown; did you mean socket.noDelay?'],
    [{ will: { topic: 't', message: 'x' } }, 'will: option "message" is unknown; known are topic, payload,'],
    [{ offline: { maxMesages: 1 } }, 'did you mean offline.maxMessages?'],
    [{ reconnect: { minDealy: 1 } }, 'did you mean reconnect.minDelay?'],
    [{ timeouts: { conack: 1 } }, 'did you mean timeouts.connack?'],
    [
      { limits: { keepalive: { minimum: 1 } } },
      'limits.keepalive: option "minimum" is unknown; did you mean limits.keepalive.min?',
    ],
    [{ defaults: { qoss: 1 } }, 'did you mean defaults.qos?'],
    [{ defaults: { topics: { 'a/#': { retian: true } } } }, 'defaults.topics["a/#"]: option "retian" is unknown'],
    [{ followRedirect: { hops: 1 } }, 'followRedirect: option "hops" is unknown'],
  ])('%j', (options, message) => {
    expect(messageOf(() => onNode(options))).toContain(message);
  });

  it.each([
    ['reconnectPeriod', 'reconnect.minDelay'],
    ['rejectUnauthorized', 'tls.rejectUnauthorized'],
    ['ca', 'tls.ca'],
    ['servername', 'tls.servername'],
    ['queueQoSZero', 'offline.qos0'],
    ['wsOptions', 'ws'],
    ['protocolId', 'protocolVersion'],
    ['clientid', 'clientId'],
    ['hostname', 'url'],
    ['incomingStore', 'store'],
    ['outgoingStore', 'store'],
    ['transformWsUrl', 'beforeConnect'],
    ['manualConnect', 'lazy'],
    ['authPacket', 'auth'],
  ])('%s, as MQTT.js calls it, is answered with %s', (name, ours) => {
    expect(messageOf(() => onNode({ [name]: 1 }))).toBe(`connect: option "${name}" is unknown; did you mean ${ours}?`);
  });
});

describe('an option of connect() of the wrong kind is a TypeError that shows no secret', () => {
  it.each([
    [{ reconnect: true }, 'reconnect is true; give false, options like { minDelay: 1000 }, or a function'],
    [{ reconnect: 5000 }, 'reconnect is 5000; give false, options like { minDelay: 1000 }, or a function'],
    [{ password: 4711 }, 'password is not a string; give a text'],
    [{ username: ['secret'] }, 'username is not a string; give a text'],
    [{ tls: true }, 'tls is true; give an object'],
    [{ tls: 'secret' }, 'tls is a text; give an object'],
    [{ tls: { rejectUnauthorized: 'no' } }, 'tls.rejectUnauthorized is "no"; give true or false'],
    [{ tls: { ca: 7 } }, 'tls.ca is 7; give an array of texts or bytes'],
    [{ tls: { minVersion: 'TLSv1' } }, `tls.minVersion is "TLSv1"; give 'TLSv1.2' or 'TLSv1.3'`],
    [{ ws: { headers: { authorization: 7 } } }, 'ws.headers["authorization"] is not a string; give a text'],
    [{ ws: [] }, 'ws is an array; give an object'],
    [{ socket: { family: '4' } }, 'socket.family is "4"; give 4 or 6'],
    [{ will: 'gone' }, 'will is a text; give an object'],
    [{ will: { topic: 't', qos: '1' } }, 'will.qos is "1"; give 0, 1 or 2'],
    [{ properties: 5 }, 'properties is 5; give an object'],
    [{ servers: 'mqtt://h' }, 'servers is a text; give an array of URLs'],
    [{ servers: [7] }, 'servers[0] is not a string; give a text'],
    [{ keepalive: '30' }, 'keepalive is "30"; give a whole number from 0 to 65535 s'],
    [{ clean: 'false' }, 'clean is "false"; give true or false'],
    [{ offline: { qos0: 1 } }, 'offline.qos0 is 1; give true or false'],
    [{ offline: true }, 'offline is true; give an object'],
    [{ timeouts: 500 }, 'timeouts is 500; give an object'],
    [{ followRedirect: 'always' }, 'followRedirect is a text; give true, false, or options'],
    [{ transport: {} }, 'transport is an object; give a function'],
    [{ isFatal: true }, 'isFatal is true; give a function'],
  ])('%j', (options, message) => {
    expect(messageOf(() => onNode(options))).toBe(`connect: ${message}`);
  });
});

describe('null counts as left out', () => {
  it.each([
    { will: null, properties: null, tls: null, ws: null, username: null, password: null, keepalive: null },
    { will: { topic: 't', qos: null, properties: null }, offline: { maxBytes: null }, reconnect: null, limits: null },
    { defaults: { qos: null, topics: { a: { qos: null, retain: null } } }, timeouts: null, socket: null },
    { properties: { receiveMaximum: null, userProperties: null } },
  ])('%j', async (options) => {
    await onNode(options).end();
  });

  it('in the options of publish(), subscribe(), unsubscribe(), reconnect() and end(), too', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const { client } = world;
      const errors: unknown[] = [];
      const all = { qos: null, retain: null, ackTimeout: null, properties: null };
      const calls: Observable<unknown>[] = [
        client.publish('a', 'x', odd(null)),
        client.publish('a', 'x', odd(all)),
        client.subscribe('a', odd(null)),
        client.subscribe('a', odd({ qos: null, ack: null, linger: null, ackTimeout: null, properties: null })),
        client.subscribe({ a: odd({ qos: null, noLocal: null }) }),
        client.unsubscribe('a', odd(null)),
        client.reconnect(odd({ clean: null })),
      ];
      for (const call of calls) call.subscribe({ error: (error: unknown) => errors.push(error) });
      world.by(1);
      expect(errors).toEqual([]);
      void client.end(odd({ timeout: null, force: null, reasonCode: null, sessionExpiry: null }));
      world.by(1);
      expect(client.state).toEqual({ status: 'ended' });
    });
  });
});

describe('in browsers', () => {
  it.each([
    [{ tls: { ca: 'x' } }, 'tls works on Node only; browsers use the TLS settings of the system'],
    [{ ws: { headers: { a: 'b' } } }, 'ws.headers works on Node only; browsers send none'],
    [{ ws: { agent: {} } }, 'ws.agent works on Node only'],
    [{ socket: { noDelay: true } }, 'socket.noDelay works on Node only'],
    [{ proxy: 'env' }, 'proxy works on Node only; browsers use the proxy of the system'],
    [{ ws: { protocol: 'mqtt' } }, 'ws: option "protocol" is unknown; did you mean ws.protocols?'],
    [{ keepalive: '30' }, 'keepalive is "30"; give a whole number'],
  ])('%j is a TypeError', (options, message) => {
    expect(messageOf(() => inBrowser(options))).toContain(`connect: ${message}`);
  });

  it('takes what they have', async () => {
    await inBrowser({ ws: { protocols: ['mqtt'] }, socket: { highWaterMark: 1000 }, tls: null }).end();
  });
});

describe('what beforeConnect returns', () => {
  it.each([
    [{ usrname: 'a' }, 'beforeConnect: option "usrname" is unknown; did you mean username?'],
    [{ password: 5 }, 'beforeConnect: password is not a string; give a text'],
    [{ tls: { certificate: 'x' } }, 'beforeConnect: tls: option "certificate" is unknown; did you mean tls.cert?'],
    [{ will: { topic: 't', qos: 3 } }, 'beforeConnect: will.qos is 3; give 0, 1 or 2'],
    [{ offline: {} }, 'beforeConnect: option "offline" is unknown'],
    ['secret-token', 'beforeConnect: the options are a text; give an object'],
  ])('%j fails the attempt', (returned, message) => {
    inVirtualTime({ beforeConnect: () => odd(returned), reconnect: false }, (world) => {
      world.to(0);
      const { state } = world.client;
      expect(state).toMatchObject({ status: 'ended', reason: { message: expect.stringContaining(message) as string } });
      expect(JSON.stringify(state)).not.toContain('secret');
      expect(world.lines).toHaveLength(0);
    });
  });

  it('null is left out, and a will that is null takes the will away', () => {
    const beforeConnect = () => odd({ username: null, will: null });
    inVirtualTime({ beforeConnect, username: 'u', will: { topic: 'gone' } }, (world) => {
      world.to(0);
      expect(world.line.packets[0]).toMatchObject({ cmd: 'connect', username: 'u' });
      expect(world.line.packets[0]).not.toMatchObject({ will: expect.anything() as object });
    });
  });
});

describe('options of a call', () => {
  const CALLS: readonly (readonly [string, (client: MqttClient) => Observable<unknown>, string])[] = [
    ['publish', (client) => client.publish('a', '', odd({ retained: true })), 'did you mean retain?'],
    ['publish', (client) => client.publish('a', '', odd({ qos: '1' })), 'QoS is "1"; give 0, 1 or 2'],
    ['publish', (client) => client.publish('a', '', odd(1)), 'the options are 1; give an object'],
    ['subscribe', (client) => client.subscribe('a', odd({ nl: true })), 'did you mean noLocal?'],
    ['subscribe', (client) => client.subscribe('a', odd({ qos: '1' })), 'QoS is "1"; give 0, 1 or 2'],
    ['subscribe', (client) => client.subscribe('a', odd({ noLocal: 1 })), 'noLocal is 1; give true or false'],
    ['subscribe', (client) => client.subscribe('a', odd({ linger: '5' })), 'linger is a text; give a number of ms'],
    ['subscribe', (client) => client.subscribe('a', odd(1)), 'the options are 1; give an object'],
    ['subscribe', (client) => client.subscribe({ a: odd({ rap: true }) }), 'did you mean retainAsPublished?'],
    ['unsubscribe', (client) => client.unsubscribe('a', odd({ qos: 1 })), 'option "qos" is unknown'],
    ['reconnect', (client) => client.reconnect(odd({ clear: true })), 'did you mean clean?'],
    ['reconnect', (client) => client.reconnect(odd({ clean: 1 })), 'clean is 1; give true or false'],
    ['request', (client) => request(client, 'a', '', odd({ timout: 1 })), 'did you mean timeout?'],
    ['request', (client) => request(client, 'a', '', odd({ replies: '2' })), 'replies is a text; give a whole number'],
    ['respond', (client) => respond(client, 'a', () => '', odd({ concurency: 1 })), 'did you mean concurrency?'],
    ['respond', (client) => respond(client, 'a', () => '', odd({ qos: 3 })), 'qos is 3; give 0, 1 or 2'],
  ];

  it.each(CALLS)('%s: %s', (name, call, message) => {
    inVirtualTime({}, (world) => {
      world.to(0);
      const errors: string[] = [];
      call(world.client).subscribe({ error: (error: Error) => errors.push(error.message) });
      world.by(1);
      expect(errors).toEqual([expect.stringContaining(message)]);
      expect(errors[0]).toContain(name);
    });
  });

  it.each([
    [{ tiemout: 5 }, 'end: option "tiemout" is unknown; did you mean timeout?'],
    [{ force: 'yes' }, 'end: force is "yes"; give true or false'],
    [{ timeout: '5' }, 'end: timeout is "5"; give a number from 0 to Infinity ms'],
    [{ reasonCode: '4' }, 'end: reasonCode is "4", which a client may not send'],
  ])('end(%j)', (options, message) => {
    const client = onNode({});
    expect(messageOf(() => client.end(odd(options)))).toContain(message);
    void client.end();
  });
});

describe('options of operators and other entries', () => {
  const endpoint = 'example-ats.iot.eu-central-1.amazonaws.com';
  const schema = odd({ '~standard': {} });
  it.each<[string, () => unknown, string]>([
    ['ackAfter', () => ackAfter(() => EMPTY, odd({ concurency: 1 })), 'did you mean concurrency?'],
    ['conflate', () => conflate(1, odd({ kye: 1 })), 'did you mean key?'],
    ['json', () => json(odd({ onError: 'continue' })), `onError is a text; give 'error', 'skip' or a function`],
    ['parse', () => parse(schema, odd({ onerror: 'skip' })), 'did you mean onError?'],
    [
      'publishTo',
      () => publishTo(odd({}), undefined, odd({ onError: 'skip' })),
      `give 'error', 'continue' or a function`,
    ],
    ['toAsyncIterable', () => toAsyncIterable(EMPTY, odd({ highwatermark: 1 })), 'did you mean highWaterMark?'],
    ['latestByTopic', () => latestByTopic(odd({ expires: 1 })), 'did you mean expire?'],
    ['presence', () => presence('t', odd({ qos: 3 })), 'qos is 3; give 0, 1 or 2'],
    ['watchPresence', () => watchPresence(odd({}), 'a/{b}', odd({ onlien: 'x' })), 'did you mean online?'],
    ['backoff', () => backoff(odd({ maxdelay: 1 })), 'did you mean maxDelay?'],
    ['scramSha256', () => scramSha256(odd({ user: 'u', password: 'secret' })), 'option "user" is unknown'],
    ['awsIot', () => awsIot(odd({ endpoint, credential: {} })), 'did you mean credentials?'],
    ['awsIotMtls', () => awsIotMtls(odd({ endpoint, port: 443.5 })), 'port is 443.5; give 8883 or 443'],
    [
      'awsIotAuthorizer',
      () => awsIotAuthorizer(odd({ endpoint, scheme: 'ws' })),
      `scheme is "ws"; give 'wss' or 'mqtts'`,
    ],
    ['createBroker', () => createBroker(odd({ listener: [] })), 'did you mean listeners?'],
    [
      'createBroker',
      () => createBroker(odd({ listeners: 'tcp://:1883' })),
      'listeners is a text; give an array of URLs',
    ],
    ['createBroker', () => createBroker(odd({ listeners: [{ url: 'x', tsl: {} }] })), 'did you mean listeners[0].tls?'],
    [
      'createBroker',
      () => createBroker(odd({ tls: { caFile: 'x' } })),
      'tls: option "caFile" is unknown; did you mean tls.ca?',
    ],
    [
      'createBroker',
      () => createBroker(odd({ authenticate: true })),
      'authenticate is true; give a function or an array of functions',
    ],
    [
      'createBroker',
      () => createBroker(odd({ persistence: {} })),
      'option "persistence" is one of aedes, and store here; see docs/from-aedes.md',
    ],
    [
      'createBroker',
      () => createBroker(odd({ store: durable(memoryStore()) })),
      'store is an object; give a store such as levelStore(database), without durable()',
    ],
    ['createBroker', () => createBroker(odd({ store: new Map() })), 'store is a Map; give a store such as'],
    ['durable', () => durable(odd(new Map())), 'this is no store; give one such as levelStore(database)'],
    ['createBroker', () => createBroker(odd({ limits: { inflight: 1 } })), 'did you mean limits.inFlight?'],
    ['createBroker', () => createBroker(odd({ sysInterval: '10' })), 'sysInterval is "10"; give a number'],
  ])('%s', (name, call, message) => {
    const text = messageOf(call);
    expect(text).toContain(message);
    expect(text).toContain(`${name}: `);
    expect(text).not.toContain('secret');
  });

  it('createBroker: null is left out', async () => {
    await createBroker(odd({ tls: null, listeners: null, store: null, limits: { inFlight: null } })).close();
  });
});
