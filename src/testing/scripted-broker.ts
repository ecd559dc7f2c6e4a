import { Subscription } from 'rxjs';
import type { BrokerMessage } from '../broker/index.js';
import { createDecoder, encode } from '../packet/codec.js';
import type { ConnectPacket, Packet, PacketCommand, ProtocolVersion } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { afterElapsed } from '../rx/clock.js';
import { type MemoryConnection, memoryPair } from '../transport/memory.js';
import type { Accepted, Backend } from './embedded-broker.js';
import { message, toBytes } from './message.js';
import { connack, disconnect, pingresp } from './packets.js';

/** A move that breaks the line. */
export const CUT = Symbol('the line breaks');
/** A move that closes the connection in order. */
export const CLOSE = Symbol('the broker closes the connection');

/** A move of a scripted broker: it sends a packet, breaks the line, or closes the connection. */
export type Move = Packet | typeof CUT | typeof CLOSE;

/** Answers a packet with nothing, one move, or several. Packets are sent as one chunk. */
export type Answer<P extends Packet = Packet> = (packet: P, peer: ScriptedPeer) => Move | readonly Move[] | undefined;

/** @inline */
export type PacketOf<C extends PacketCommand> = Extract<Packet, { cmd: C }>;

/** A move at a moment of a script. */
export interface Cue {
  readonly frame: number;
  readonly move: Move;
}

/** A script, and its diagram. */
interface Script {
  readonly marbles: string;
  readonly cues: readonly Cue[];
}

/** A broker that the test controls. It answers CONNECT and PINGREQ unless the test decides otherwise. */
export class ScriptedBroker implements Backend {
  readonly accepted: Accepted[] = [];
  readonly retained = new Map<string, never>();
  readonly peers: ScriptedPeer[] = [];
  private readonly answers = new Map<PacketCommand, Answer>([
    ['connect', () => connack()],
    ['pingreq', () => pingresp()],
  ]);
  private readonly scripts: Script[] = [];
  private packetIds = 0;

  constructor(private readonly now: () => number) {}

  answer<C extends PacketCommand>(cmd: C, answer: Answer<PacketOf<C>>): void {
    // It is called only for packets of this command.
    this.answers.set(cmd, answer as Answer);
  }

  /** Adds a script for the next connection without one. */
  script(marbles: string, cues: readonly Cue[]): void {
    this.scripts.push({ marbles: marbles.trim(), cues });
  }

  /** Describes the scripts that no connection has used. */
  get unused(): readonly string[] {
    return this.scripts.map(({ marbles }) => `t.script("${marbles}"): no CONNECT came for it`);
  }

  open(cut: () => void): MemoryConnection {
    const [ours, theirs] = memoryPair('line');
    this.peers.push(new ScriptedPeer(theirs, this, cut));
    return ours;
  }

  forgetSession(): void {
    throw new Error(
      'forgetSession failed: the test scripts the broker; answer CONNECT with connack() without sessionPresent',
    );
  }

  /** Sends a message on every open connection. */
  publish({ topic, payload = '', qos = 0, retain = false, properties }: BrokerMessage): void {
    if (qos > 0) this.packetIds = (this.packetIds % 65535) + 1;
    const id = qos === 0 ? 0 : this.packetIds;
    const packet = new PublishPacket(topic, toBytes(payload), qos, retain, false, id, properties);
    for (const peer of this.peers) if (peer.isOpen) peer.send(packet);
  }

  /** Ends the connections of one client, or of all. Returns whether there was one. */
  disconnect(clientId: string | undefined, how: (peer: ScriptedPeer) => void): boolean {
    const peers = this.peers.filter((peer) => peer.isOpen && (clientId === undefined || peer.clientId === clientId));
    for (const peer of peers) how(peer);
    return peers.length > 0;
  }

  close(): Promise<void> {
    for (const peer of this.peers) peer.end();
    return Promise.resolve();
  }

  /** @internal Reacts to a packet. */
  moves(packet: Packet, peer: ScriptedPeer): readonly Move[] {
    if (packet.cmd === 'publish') this.note(packet, peer.clientId);
    if (packet.cmd === 'connect') {
      const script = this.scripts.shift();
      if (script !== undefined) {
        peer.play(script.cues);
        return [];
      }
    }
    const moves = this.answers.get(packet.cmd)?.(packet, peer) ?? [];
    return Array.isArray(moves) ? (moves as readonly Move[]) : [moves as Move];
  }

  private note({ topic, payload, qos, retain }: PublishPacket, clientId: string | undefined): void {
    this.accepted.push({ at: this.now(), clientId, message: message(topic, payload.slice(), { qos, retain }) });
  }
}

/** The scripted broker's end of one connection. */
export class ScriptedPeer {
  /** The identifier of the client, once CONNECT has arrived. */
  clientId: string | undefined;
  private version: ProtocolVersion = 5;
  private readonly decoder = createDecoder({ receiver: 'server' });
  private readonly playing = new Subscription();

  constructor(
    private readonly connection: MemoryConnection,
    private readonly broker: ScriptedBroker,
    /** Breaks the line. */
    readonly cut: () => void,
  ) {
    const end = (): void => this.playing.unsubscribe();
    connection.incoming$.subscribe({
      next: (bytes) => this.decoder.decode(bytes, (packet) => this.take(packet)),
      error: end,
      complete: end,
    });
  }

  /** Whether the connection is open. */
  get isOpen(): boolean {
    return !this.connection.closed;
  }

  /** Sends packets to the client, as one chunk. */
  send(...packets: readonly Packet[]): void {
    for (const packet of packets) this.connection.out.append(encode(packet, this.version));
    this.connection.commit();
  }

  /** Sends the bytes of a hex dump to the client. */
  sendHex(hex: string): void {
    const digits = hex.replace(/\s/g, '').match(/../g) ?? [];
    this.connection.out.append(Uint8Array.from(digits, (digit) => Number.parseInt(digit, 16)));
    this.connection.commit();
  }

  /** Closes the connection in order. */
  close(): void {
    this.connection.end();
  }

  /** Closes the connection in order; on MQTT 5, sends DISCONNECT first. */
  disconnect(reasonCode: number): void {
    if (this.version === 5) this.send(disconnect(reasonCode));
    this.close();
  }

  /** @internal */
  play(cues: readonly Cue[]): void {
    for (const { frame, move } of cues) {
      if (frame === 0) this.perform([move]);
      else this.playing.add(afterElapsed(frame, () => this.perform([move])));
    }
  }

  /** @internal */
  end(): void {
    this.playing.unsubscribe();
    this.connection.destroy();
  }

  private take(packet: Packet): void {
    if (packet.cmd === 'connect') this.begin(packet);
    this.perform(this.broker.moves(packet, this));
  }

  private begin({ protocolVersion, clientId }: ConnectPacket): void {
    this.version = protocolVersion;
    this.clientId = clientId;
  }

  private perform(moves: readonly Move[]): void {
    const packets = moves.filter((move): move is Packet => typeof move === 'object');
    if (packets.length > 0) this.send(...packets);
    if (moves.includes(CUT)) this.cut();
    if (moves.includes(CLOSE)) this.close();
  }
}
