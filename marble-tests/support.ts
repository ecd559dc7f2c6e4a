import { interval, Subscription, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  connect,
  memory,
  type ClientOptions,
  type ConnectionState,
  type MemoryOptions,
  type MemoryPeer,
  type MqttClient,
} from 'rxmqtt';
import { createDecoder, encode, type Packet, type PacketCommand, type ProtocolVersion } from 'rxmqtt/packet';
import { connack } from './packets.js';
import { line } from './wire.js';

export * from './packets.js';
export { table } from './wire.js';

/** What a broker says to a packet: nothing, one packet, or several. */
export type Answer<P extends Packet = Packet> = (
  packet: P,
  line: VirtualLine,
) => Packet | readonly Packet[] | undefined;
export type Answers = { readonly [C in PacketCommand]?: Answer<Extract<Packet, { cmd: C }>> };

/** The broker's end of one connection. */
export class VirtualLine {
  /** Packets of the client, in order. */
  readonly packets: Packet[] = [];
  /** When the client's side was gone; undefined while it is there. */
  closedAt: number | undefined;
  private version: ProtocolVersion = 5;
  private readonly decoder = createDecoder({ receiver: 'server' });

  constructor(
    readonly peer: MemoryPeer,
    world: World,
    answers: Answers,
  ) {
    peer.incoming$.subscribe({
      next: (bytes) =>
        this.decoder.decode(bytes, (packet) => {
          if (packet.cmd === 'connect') this.version = packet.protocolVersion;
          this.packets.push(packet);
          world.wire.push(`${world.now} ${line(packet)}`);
          const answer = (answers[packet.cmd] as Answer | undefined)?.(packet, this);
          if (answer !== undefined) this.send(...(Array.isArray(answer) ? (answer as Packet[]) : [answer as Packet]));
        }),
      complete: () => {
        this.closedAt = world.now;
        world.wire.push(`${world.now} closed`);
      },
    });
  }

  /** Sends packets to the client, as one chunk. */
  send(...packets: Packet[]): void {
    this.peer.write(Buffer.concat(packets.map((packet) => encode(packet, this.version))));
  }

  /** Sends bytes as they stand in a hex dump. */
  sendHex(bytes: string): void {
    this.peer.write(new Uint8Array(Buffer.from(bytes.replace(/\s/g, ''), 'hex')));
  }
}

export interface WorldOptions extends Omit<ClientOptions, 'transport'> {
  readonly dial?: MemoryOptions;
  /** Merged over a broker that accepts at once and answers pings. */
  readonly answers?: Answers;
}

const POLITE: Answers = { connect: () => connack(), pingreq: () => ({ cmd: 'pingresp' }) };

/** A client, its broker, and the clock. */
export class World {
  readonly client: MqttClient;
  /** Connections, oldest first. */
  readonly lines: VirtualLine[] = [];
  /** Everything that the client did on the wire: `"<ms> <packet>"`, and `"<ms> closed"`. */
  wire: string[] = [];
  /** Every transition of the state: `"<ms> <status>"`, with the delay where the client waits. */
  readonly states: string[] = [];

  /** What ends with the test. */
  readonly chores = new Subscription();

  constructor(
    private readonly scheduler: TestScheduler,
    options: WorldOptions,
  ) {
    const { dial, answers, ...clientOptions } = options;
    const net = memory(dial);
    net.connections$.subscribe((peer) => this.lines.push(new VirtualLine(peer, this, { ...POLITE, ...answers })));
    this.client = connect({ url: 'mqtt://virtual', clientId: 'c', ...clientOptions, transport: net.transport });
    this.client.state$.subscribe({
      next: (state) => this.states.push(`${this.now} ${describe(state)}`),
      complete: () => this.states.push(`${this.now} complete`),
    });
  }

  get now(): number {
    return this.scheduler.frame;
  }

  /** The newest connection. */
  get line(): VirtualLine {
    const last = this.lines.at(-1);
    if (last === undefined) throw new Error('the client has not connected yet');
    return last;
  }

  /** Lets time pass until this frame, inclusive. */
  to(frame: number): void {
    this.scheduler.maxFrames = frame;
    this.scheduler.flush();
    this.scheduler.frame = frame;
  }

  /** Lets time pass by this many ms. */
  by(ms: number): void {
    this.to(this.now + ms);
  }

  /** Does something every so many ms, until the test ends. */
  every(ms: number, action: () => void): void {
    this.chores.add(interval(ms).subscribe(action));
  }

  /** Subscribes to what is expected to go on, or to end with the client. */
  fire(source: Observable<unknown>): void {
    source.subscribe({ error: () => undefined });
  }

  /** What the client did on the wire since the last call. */
  take(): string[] {
    const { wire } = this;
    this.wire = [];
    return wire;
  }

  /** Timers and gathered work that are still due. */
  get pending(): number {
    return this.scheduler.actions.filter((action) => !action.closed).length;
  }

  /** Subscribes and notes what happens: `"<ms> <value>"`, `"<ms> done"`, `"<ms> ! <error name>: <code>"`. */
  watch<T>(source: Observable<T>, show: (value: T) => string = String): Watched {
    const log: string[] = [];
    const subscription = source.subscribe({
      next: (value) => log.push(`${this.now} ${show(value)}`),
      error: (error: Error & { code?: string }) => log.push(`${this.now} ! ${error.name} ${error.code ?? ''}`.trim()),
      complete: () => log.push(`${this.now} done`),
    });
    return { log, subscription };
  }
}

export interface Watched {
  readonly log: string[];
  readonly subscription: Subscription;
}

/** Runs a test in virtual time. The client is ended with it. */
export function inVirtualTime(options: WorldOptions, test: (world: World) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(() => {
    const world = new World(scheduler, options);
    try {
      test(world);
    } finally {
      world.chores.unsubscribe();
      void world.client.end({ force: true });
      world.by(10_000);
      scheduler.maxFrames = scheduler.frame;
    }
    // Whatever the test did, nothing runs on behind an ended client.
    expect(world.pending).toBe(0);
  });
}

function describe(state: ConnectionState): string {
  switch (state.status) {
    case 'reconnecting':
      return `reconnecting ${state.attempt} in ${String(state.delay)}`;
    case 'connecting':
      return `connecting ${state.attempt}`;
    case 'ended':
      return state.reason === undefined ? 'ended' : `ended ${state.reason.name} ${state.reason.code}`;
    default:
      return state.status;
  }
}

/** The text of a message, as tests note it. */
export const shown = (message: { topic: string; text(): string; retain: boolean; dup: boolean }): string =>
  `${message.topic}=${message.text()}${message.retain ? ' retain' : ''}`;
