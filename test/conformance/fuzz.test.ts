import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { config, Subscription } from 'rxjs';
import { connect, memory, type MemoryPeer, type MqttClient, type ProtocolVersion } from '../../src/index.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import { topicNameProblem } from '../../src/topic/topic-name.js';
import { encoded, packetFrom } from '../packet/support.js';
import { ACCEPTED, hex, turn } from './scripted-peer.js';

/** Mutated packets a version; three versions. */
const ROUNDS = 7000;

/** A small generator, so that a failure can be met again: it is named by version and round. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

type Random = (below: number) => number;

/** One or several small changes to the bytes of a packet. */
function mutate(packet: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = [...packet];
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    switch (random(8)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random(5)] ?? 0;
        break;
      case 2:
        bytes.splice(at, 1 + random(4));
        break;
      case 3:
        bytes.splice(at, 0, random(256));
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      case 5:
        bytes.splice(at, 0, ...other.subarray(0, 1 + random(other.length)));
        break;
      case 6:
        bytes[1] = random(256);
        break;
      default:
        bytes[0] = random(256);
    }
  }
  return Uint8Array.from(bytes, (byte) => byte ?? 0);
}

/** A client that connects anew at once, and a broker that accepts and says nothing else. */
class Target {
  client: MqttClient;
  peer: MemoryPeer | undefined;
  connections = 0;
  clients = 0;
  readonly faults: string[] = [];
  delivered = 0;
  private requests = new Subscription();

  constructor(private readonly version: ProtocolVersion) {
    this.client = this.make();
  }

  async ready(): Promise<void> {
    if (this.client.state.status === 'ended') this.client = this.make();
    if (this.client.state.status !== 'connected') await turn();
  }

  /** Proves that the client is alive: a message on a fresh connection arrives. */
  async proves(): Promise<boolean> {
    this.peer?.fail();
    await this.ready();
    const before = this.delivered;
    this.peer?.write(this.version === 5 ? hex('30 06 0003 616c76 00') : hex('30 05 0003 616c76'));
    return this.delivered === before + 1;
  }

  private make(): MqttClient {
    this.clients++;
    const { version } = this;
    const net = memory();
    net.connections$.subscribe((peer) => {
      this.peer = peer;
      this.connections++;
      const decoder = new ServerDecoder({ protocolVersion: version, maximumPacketSize: 1e9 });
      peer.incoming$.subscribe((bytes) => {
        try {
          decoder.decode(bytes, ({ cmd }) => {
            if (cmd !== 'connect') return;
            peer.write(hex(ACCEPTED[version]));
            this.keepBusy();
          });
        } catch (error) {
          this.faults.push(`the client wrote what a broker refuses: ${String(error)}`);
        }
      });
    });
    const client = connect({
      url: 'mqtt://fuzz',
      clientId: 'c',
      protocolVersion: version,
      keepalive: 0,
      transport: net.transport,
      reconnect: (failures$) => failures$,
      onSessionLost: 'fail',
      ...(version === 5 ? { properties: { topicAliasMaximum: 3, receiveMaximum: 20, maximumPacketSize: 65536 } } : {}),
    });
    client.messages$.subscribe(({ topic }) => {
      this.delivered++;
      const problem = topicNameProblem(topic);
      if (problem !== undefined) this.faults.push(`a message was delivered whose topic ${problem}`);
    });
    return client;
  }

  /** Requests that the mutated answers may meet: identifiers 1 to 4. */
  private keepBusy(): void {
    const { client } = this;
    queueMicrotask(() => {
      const heard = { error: () => undefined };
      this.requests.unsubscribe();
      this.requests = new Subscription();
      this.requests.add(client.publish('a', '1', { qos: 1 }).subscribe(heard));
      this.requests.add(client.publish('a', '2', { qos: 2 }).subscribe(heard));
      this.requests.add(client.unsubscribe('u').subscribe(heard));
    });
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('mutated packets against the whole client', () => {
  const unhandled: unknown[] = [];
  beforeAll(() => {
    config.onUnhandledError = (error) => unhandled.push(error);
  });
  afterAll(() => {
    config.onUnhandledError = null;
  });

  it.each([3, 4, 5] as const)(
    `[v%d] neither crash it, nor hang it, nor make it grow: ${ROUNDS} of them`,
    async (version) => {
      const random = randomOf(version * 7919);
      const valid = fc
        .sample(packetFrom('server', version), { numRuns: 500, seed: version })
        .map((packet) => encoded(packet, version));
      const pick = (): Uint8Array => valid[random(valid.length)] ?? new Uint8Array(1);
      const target = new Target(version);
      await turn();
      let heap = 0;
      for (let round = 0; round < ROUNDS; round++) {
        await target.ready();
        const bytes = mutate(pick(), pick(), random);
        const cut = random(bytes.length + 1);
        target.peer?.write(bytes.subarray(0, cut));
        target.peer?.write(bytes.subarray(cut));
        // Else a length that grew would swallow all that follows.
        if (round % 8 === 7) target.peer?.fail();
        if (round % 500 === 499) {
          expect([version, round, await target.proves()]).toEqual([version, round, true]);
          expect([version, round, target.faults]).toEqual([version, round, []]);
        }
        if (round === ROUNDS / 2) heap = heapUsed();
      }
      await turn();
      expect(heapUsed() - heap).toBeLessThan(8_000_000);
      // The changes were such that both happened often: packets that were taken, and connections that were ended.
      expect(target.connections).toBeGreaterThan(ROUNDS / 20);
      expect(target.delivered).toBeGreaterThan(ROUNDS / 500);
      expect(unhandled).toEqual([]);
      await target.client.end({ force: true });
    },
    180_000,
  );
});
