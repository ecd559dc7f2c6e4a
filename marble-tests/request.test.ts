import { of, throwError, timer, map, delay } from 'rxjs';
import { request, respond, type MqttMessage, type PublishPacket, type RequestOptions } from '../src/index.js';
import {
  connack,
  connackWith,
  disconnect,
  inVirtualTime,
  puback,
  publish,
  shown,
  suback,
  type Answers,
  type World,
} from './support.js';

const granting: Answers = {
  subscribe: ({ packetId, subscriptions }) => suback(packetId, ...subscriptions.map(() => 1)),
};

/** The requests that the newest connection has seen. */
const requests = (world: World): PublishPacket[] =>
  world.line.packets.filter((packet): packet is PublishPacket => packet.cmd === 'publish');

/** Sends a reply to a request. */
function reply(world: World, request: PublishPacket | undefined, text: string): void {
  const { responseTopic = '', correlationData } = request?.properties ?? {};
  world.line.send(
    publish(responseTopic, text, { properties: correlationData === undefined ? {} : { correlationData } }),
  );
}

const replied = (message: MqttMessage): string => message.text();

describe('request()', () => {
  it('subscribes to its response topic, then publishes, and emits the reply that belongs to it', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'add', '1+2'), replied);
      world.to(10);
      const [sent] = requests(world);
      expect(world.line.packets.map(({ cmd }) => cmd)).toEqual(['connect', 'subscribe', 'publish']);
      expect(sent).toMatchObject({ topic: 'add', qos: 1 });
      expect(sent?.properties?.responseTopic).toMatch(/^rxmqtt\/replies\/c\/[0-9a-f]{16}$/);
      expect(sent?.properties?.correlationData).toHaveLength(12);
      world.line.send(publish(sent?.properties?.responseTopic ?? '', 'stranger'));
      world.to(20);
      reply(world, sent, '3');
      expect(log).toEqual(['20 3', '20 done']);
    });
  });

  it('waits for SUBACK before it publishes', () => {
    inVirtualTime({}, (world) => {
      world.to(0);
      world.watch(request(world.client, 'add', '1+2'));
      world.to(100);
      expect(requests(world)).toEqual([]);
      world.line.send(suback(1, 1));
      expect(requests(world)).toHaveLength(1);
    });
  });

  it('has one subscription for all requests, and tells their replies apart', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const one = world.watch(request(world.client, 'add', '1'), replied).log;
      const two = world.watch(request(world.client, 'add', '2'), replied).log;
      world.to(10);
      const [first, second] = requests(world);
      reply(world, second, 'two');
      reply(world, first, 'one');
      expect([one, two]).toEqual([
        ['10 one', '10 done'],
        ['10 two', '10 done'],
      ]);
      world.to(5000);
      world.watch(request(world.client, 'add', '3'));
      world.to(5010);
      expect(world.line.packets.filter(({ cmd }) => cmd === 'subscribe')).toHaveLength(1);
    });
  });

  it('is cold: each subscription sends a request', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const request$ = request(world.client, 'add', '1');
      world.to(10);
      expect(requests(world)).toEqual([]);
      world.watch(request$);
      world.watch(request$);
      world.to(20);
      const [first, second] = requests(world);
      expect(first?.properties?.correlationData).not.toEqual(second?.properties?.correlationData);
    });
  });

  it('gives up its subscription 10 s after the last request', () => {
    inVirtualTime({ answers: granting, keepalive: 0 }, (world) => {
      world.to(0);
      const { subscription } = world.watch(request(world.client, 'add', '1'));
      world.to(100);
      subscription.unsubscribe();
      world.to(10_099);
      expect(world.line.packets.some(({ cmd }) => cmd === 'unsubscribe')).toBe(false);
      world.to(10_100);
      expect(world.line.packets.some(({ cmd }) => cmd === 'unsubscribe')).toBe(true);
    });
  });

  it('errors with TimeoutError when no reply came in time, also without a connection', () => {
    inVirtualTime({ dial: { refuse: true } }, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'add', '1', { timeout: 200 }));
      world.to(199);
      expect(log).toEqual([]);
      world.to(200);
      expect(log).toEqual(['200 ! TimeoutError TIMEOUT']);
    });
  });

  it('counts the time to the last reply', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'poll', '', { timeout: 200, replies: 2 }), replied);
      world.to(150);
      reply(world, requests(world)[0], 'one');
      world.to(300);
      expect(log).toEqual(['150 one', '200 ! TimeoutError TIMEOUT']);
    });
  });

  it('emits as many replies as were asked for, or all until the time-out', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const two = world.watch(request(world.client, 'poll', '', { replies: 2 }), replied).log;
      const all = world.watch(request(world.client, 'poll', '', { replies: Infinity, timeout: 100 }), replied).log;
      world.to(10);
      for (const text of ['a', 'b', 'c']) for (const request of requests(world)) reply(world, request, text);
      world.to(200);
      expect(two).toEqual(['10 a', '10 b', '10 done']);
      expect(all).toEqual(['10 a', '10 b', '10 c', '100 done']);
    });
  });

  it('errors at once when the broker knows of no subscriber', () => {
    inVirtualTime({ answers: { ...granting, publish: ({ packetId }) => puback(packetId, 0x10) } }, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'add', '1'));
      world.to(10);
      expect(log).toEqual(['0 ! PublishError PUBLISH_REFUSED']);
    });
  });

  it('continues across a reconnect: it is sent again, and the reply finds it', () => {
    inVirtualTime({ answers: granting, reconnect: { minDelay: 100, jitter: 'none' } }, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'add', '1'), replied);
      world.to(10);
      const [before] = requests(world);
      world.line.peer.fail();
      world.to(200);
      const [again] = requests(world);
      expect(world.line.packets.map(({ cmd }) => cmd)).toEqual(['connect', 'subscribe', 'publish']);
      expect(again?.properties).toEqual(before?.properties);
      reply(world, again, 'one');
      expect(log).toEqual(['200 one', '200 done']);
    });
  });

  it('begins its response topic with the response information of the broker', () => {
    const answers = { ...granting, connect: () => connackWith({ responseInformation: 'tenant/7/' }) };
    inVirtualTime({ answers, properties: { requestResponseInformation: true } }, (world) => {
      world.to(0);
      world.watch(request(world.client, 'add', '1'));
      world.to(10);
      expect(requests(world)[0]?.properties?.responseTopic).toMatch(/^tenant\/7\/[0-9a-f]{16}$/);
    });
  });

  it('connects a lazy client, and lets it rest afterwards', () => {
    inVirtualTime({ answers: granting, lazy: true, linger: 50 }, (world) => {
      world.to(100);
      expect(world.lines).toEqual([]);
      const { log } = world.watch(request(world.client, 'add', '1'), replied);
      world.to(110);
      reply(world, requests(world)[0], 'one');
      expect(log).toEqual(['110 one', '110 done']);
      world.to(20_000);
      expect(world.client.state.status).toBe('idle');
    });
  });

  it.each([
    [
      '3.1.1 is spoken',
      { protocolVersion: 4 as const, answers: { connect: () => connack() } },
      'PublishError NOT_SUPPORTED',
    ],
    [
      'the response topic is refused',
      { answers: { subscribe: () => suback(1, 0x87) } },
      'SubscribeError SUBSCRIBE_REFUSED',
    ],
  ])('errors when %s', (_title, options, error) => {
    inVirtualTime(options, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'add', '1'));
      world.to(10);
      expect(log).toEqual([`0 ! ${error}`]);
    });
  });

  it('errors with ClosedError when the client ends', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      const { log } = world.watch(request(world.client, 'add', '1', { qos: 0 }));
      world.to(10);
      void world.client.end();
      world.to(20);
      expect(log).toEqual(['10 ! ClosedError CLOSED']);
      expect(world.watch(request(world.client, 'add', '1')).log).toEqual(['20 ! ClosedError CLOSED']);
    });
  });

  it.each([
    ['an unknown option', 'add', { patience: 1 }, 'TypeError'],
    ['a time-out that is none', 'add', { timeout: -1 }, 'TypeError'],
    ['no replies', 'add', { replies: 0 }, 'TypeError'],
    ['endless replies', 'add', { replies: Infinity, timeout: 0 }, 'TypeError'],
    ['a response topic', 'add', { properties: { responseTopic: 'x' } }, 'TypeError'],
    ['a wildcard in the topic', 'add/+', {}, 'PublishError INVALID_TOPIC'],
  ])('refuses %s before a byte is written', (_title, topic, options, error) => {
    inVirtualTime({ answers: granting }, (world) => {
      world.to(0);
      world.take();
      expect(world.watch(request(world.client, topic, '1', options as RequestOptions)).log).toEqual([`0 ! ${error}`]);
      world.to(10);
      expect(world.take()).toEqual([]);
    });
  });
});

describe('respond()', () => {
  const asked = (text: string, id: number): PublishPacket =>
    publish('add', text, { id, properties: { responseTopic: 'back', correlationData: Uint8Array.of(0, 255, id) } });

  it('publishes what the handler gives to the response topic, with the correlation data as it came', () => {
    inVirtualTime({ answers: granting }, (world) => {
      const { log } = world.watch(
        respond(world.client, 'add', (request) => `${request.text()}!`),
        shown,
      );
      world.to(0);
      world.line.send(asked('1', 7));
      world.to(0);
      const [answer] = requests(world);
      expect(answer).toMatchObject({
        topic: 'back',
        qos: 1,
        properties: { correlationData: Uint8Array.of(0, 255, 7) },
      });
      expect(answer?.properties).not.toHaveProperty('responseTopic');
      expect(answer?.text()).toBe('1!');
      expect(log).toEqual([]);
      world.to(10);
      world.line.send(puback(1), puback(2));
      expect(log).toEqual(['10 add=1']);
    });
  });

  it('acknowledges a request before it is answered, and handles as many at a time as it may', () => {
    inVirtualTime({ answers: { ...granting, publish: ({ packetId }) => puback(packetId) } }, (world) => {
      world.watch(
        respond(world.client, 'add', (request) => timer(100).pipe(map(() => request.text())), { concurrency: 1 }),
      );
      world.to(0);
      world.line.send(asked('1', 7), asked('2', 8));
      world.take();
      world.to(300);
      expect(world.take()).toEqual([
        '100 PUBACK #7',
        '100 PUBLISH #2 back "1" q1',
        '200 PUBACK #8',
        '200 PUBLISH #3 back "2" q1',
      ]);
    });
  });

  it('sends every value as a reply of its own', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.watch(respond(world.client, 'add', () => of('a', 'b'), { qos: 0 }));
      world.to(0);
      world.line.send(asked('1', 7));
      world.to(0);
      expect(requests(world).map((packet) => packet.text())).toEqual(['a', 'b']);
    });
  });

  it('hands on a message that wants no reply', () => {
    inVirtualTime({ answers: granting }, (world) => {
      const { log } = world.watch(
        respond(world.client, 'add', () => throwError(() => new Error('not asked'))),
        shown,
      );
      world.to(0);
      world.line.send(publish('add', 'plain', { id: 5 }));
      expect(log).toEqual(['0 add=plain']);
      expect(world.take().at(-1)).toBe('0 PUBACK #5');
    });
  });

  it('tells onError what the handler errors with, or else faults$, and goes on', () => {
    inVirtualTime({ answers: granting }, (world) => {
      const failed: unknown[] = [];
      const broken = (): string => {
        throw new RangeError('no');
      };
      const faults = world.watch(world.client.faults$, (fault) => `${fault.code} ${String(fault.cause)}`).log;
      const silent = world.watch(respond(world.client, 'add', broken), shown).log;
      const told = world.watch(
        respond(world.client, 'add', broken, {
          onError: (error, request) => failed.push([String(error), request.text()]),
        }),
        shown,
      ).log;
      world.to(0);
      world.line.send(asked('1', 7));
      world.to(0);
      expect(silent).toEqual(['0 add=1']);
      expect(told).toEqual(['0 add=1']);
      expect(faults).toEqual(['0 REQUEST_FAILED RangeError: no']);
      expect(failed).toEqual([['RangeError: no', '1']]);
      expect(world.take()).toContain('0 PUBACK #7');
    });
  });

  it('goes on across a reconnect', () => {
    inVirtualTime({ answers: granting, reconnect: { minDelay: 100, jitter: 'none' } }, (world) => {
      world.watch(respond(world.client, 'add', (request) => of(request.text()).pipe(delay(10)), { qos: 0 }));
      world.to(0);
      world.line.send(disconnect(0x8b));
      world.to(150);
      world.line.send(publish('add', 'later', { properties: { responseTopic: 'back' } }));
      world.to(200);
      expect(requests(world).map((packet) => packet.text())).toEqual(['later']);
    });
  });

  it('subscribes to the filter of a shared subscription', () => {
    inVirtualTime({ answers: granting }, (world) => {
      world.watch(respond(world.client, '$share/workers/add', (request) => request.text(), { qos: 0 }));
      world.to(0);
      world.line.send(publish('add', 'x', { properties: { responseTopic: 'back', subscriptionIdentifier: 1 } }));
      world.to(0);
      expect(world.take()).toEqual([
        '0 CONNECT v5 clean',
        '0 SUBSCRIBE #1 $share/workers/add:0 id=1',
        '0 PUBLISH back "x" q0',
      ]);
    });
  });

  it('refuses an unknown option', () => {
    inVirtualTime({}, (world) => {
      const options = { patience: 1 } as object;
      expect(world.watch(respond(world.client, 'add', () => '', options)).log).toEqual(['0 ! TypeError']);
    });
  });
});
