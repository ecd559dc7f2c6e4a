import { Observable } from 'rxjs';
import { mqttTest, type MqttTest } from 'rxmqtt/testing';
import type { ClientOptions } from '../src/index.js';
import { memoryPair } from '../src/transport/memory.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const lasting: ClientOptions = {
  clean: false,
  sessionExpiry: 600,
  reconnect: { minDelay: 1000, maxDelay: 1000, jitter: 'none' },
};

interface World {
  /** Connections so far. */
  readonly connections: () => number;
  /** What the client sent behind CONNECT, in hexadecimal. */
  readonly sent: string[];
  readonly faults: { code: string; message: string }[];
  readonly got: string[];
  readonly lost: string[];
}

/** A broker whose session sends these bytes on each connection until they are acknowledged, and then a message `b`. */
function draw(
  version: 4 | 5,
  bytes: string,
  isAnswered: (sent: string) => boolean,
  test: (t: MqttTest, world: World) => void,
): void {
  mqttTest((t) => {
    let connections = 0;
    let answered = false;
    const sent: string[] = [];
    const transport = () =>
      new Observable<ReturnType<typeof memoryPair>[0]>((subscriber) => {
        const [mine, theirs] = memoryPair();
        connections++;
        let first = true;
        theirs.incoming$.subscribe({
          next(chunk) {
            if (!first) {
              sent.push(hex(chunk));
              answered ||= isAnswered(hex(chunk));
              return;
            }
            first = false;
            const connack = version === 5 ? '2003010000' : '20020100';
            const good = version === 5 ? '300400016200' : '3003000162';
            theirs.out.append(Buffer.from(connack + (answered ? '' : bytes) + good, 'hex'));
            theirs.commit();
          },
          error: () => undefined,
        });
        subscriber.add(() => mine.destroy());
        subscriber.next(mine);
      });
    const client = t.connect({ ...lasting, protocolVersion: version, transport });
    const world: World = { connections: () => connections, sent, faults: [], got: [], lost: [] };
    client.faults$.subscribe((fault) => world.faults.push(fault));
    client.subscribe('#').subscribe(({ topic }) => world.got.push(topic));
    client.unrouted$.subscribe(({ topic }) => world.lost.push(topic));
    test(t, world);
  });
}

describe.each([
  // PUBLISH a/+ #7 "x": RabbitMQ 3.10 sends it when it was published to a/*.
  ['QoS 1 on 3.1.1', 4, '32080003612f2b000778', '40020007'],
  ['QoS 2 on 3.1.1', 4, '34080003612f2b000778', '50020007'],
  ['QoS 1 on MQTT 5', 5, '32090003612f2b00070078', '4003000783'],
  ['QoS 2 on MQTT 5', 5, '34090003612f2b00070078', '5003000783'],
  ['an empty Response Topic', 5, '320a00016100070308000078', '4003000783'],
] as const)('a message that cannot be read, %s', (_name, version, bytes, answer) => {
  it('ends three connections, and is acknowledged and told on the fourth', () => {
    draw(
      version,
      bytes,
      (sent) => sent.startsWith(answer),
      (t, world) => {
        t.to(2500);
        expect(world.faults).toEqual([]);
        expect(world.got).toEqual([]);
        t.to(60_000);
        expect(world.connections()).toBe(4);
        expect(world.sent.some((sent) => sent.startsWith(answer))).toBe(true);
        expect(world.got).toEqual(['b']);
        expect(world.faults).toEqual([
          expect.objectContaining({
            code: 'PROTOCOL',
            message: expect.stringMatching(
              /^a message under "a(\/\+)?" was acknowledged unread, because it ended three conn/,
            ),
          }),
        ]);
      },
    );
  });
});

it('a message at QoS 0 is passed over, as often as it comes', () => {
  draw(
    4,
    '31060003612f2b78',
    () => false,
    (t, world) => {
      t.to(60_000);
      expect({ connections: world.connections(), got: world.got }).toEqual({ connections: 4, got: ['b'] });
      expect(world.faults).toHaveLength(1);
    },
  );
});

it('three endings in more than ten minutes are no verdict', () => {
  mqttTest((t) => {
    let connections = 0;
    const transport = () =>
      new Observable<ReturnType<typeof memoryPair>[0]>((subscriber) => {
        const [mine, theirs] = memoryPair();
        connections++;
        let first = true;
        theirs.incoming$.subscribe({
          next() {
            if (first) theirs.out.append(Buffer.from('2002010032080003612f2b000778', 'hex'));
            if (first) theirs.commit();
            first = false;
          },
          error: () => undefined,
        });
        subscriber.add(() => mine.destroy());
        subscriber.next(mine);
      });
    const reconnect = { minDelay: 301_000, maxDelay: 301_000, jitter: 'none' } as const;
    const client = t.connect({ ...lasting, protocolVersion: 4, transport, reconnect });
    const faults: string[] = [];
    client.faults$.subscribe(({ code }) => faults.push(code));
    t.to('2h');
    expect(connections).toBeGreaterThan(20);
    expect(faults).toEqual([]);
  });
});

it('what is wrong with the stream itself ends every connection', () => {
  // PUBLISH with QoS 3 tells no packet identifier.
  draw(
    4,
    '36080003612f2b000778',
    () => false,
    (t, world) => {
      t.to(10_500);
      expect(world.connections()).toBe(11);
      expect(world.faults).toEqual([]);
    },
  );
});
