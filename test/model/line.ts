import type { PacketDecoder } from '../../src/packet/decoder.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Packet, ProtocolVersion } from '../../src/packet/packets.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import type { MemoryPeer } from '../../src/transport/memory.js';
import type { Ending, LineTraits, Operation } from './schedule.js';
import type { VirtualClock } from './virtual-clock.js';

export type Cut = Pick<Operation & { type: 'cut' }, 'after' | 'ending' | 'delay'>;

export interface LineEvents {
  /** The client wrote a packet, whether or not it arrives. */
  readonly written: (line: Line, packet: Packet) => void;
  /** A packet of the client arrived. */
  readonly arrived: (line: Line, packet: Packet) => void;
  /** The line is gone, for both sides or for the broker. */
  readonly gone: (line: Line) => void;
  readonly malformed: (error: unknown) => void;
}

/** One way of a line: bytes in order, as late as its traits say. */
class Way {
  silent = false;
  private due = 0;
  private pending = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly deliver: (bytes: Uint8Array) => void,
  ) {}

  pass(bytes: Uint8Array, latency: number): void {
    if (bytes.length === 0) return;
    if (latency < 0 && this.pending === 0) return this.deliver(bytes);
    this.due = Math.max(this.due, this.clock.now + Math.max(0, latency));
    this.pending++;
    this.clock.plan(this.due - this.clock.now, () => {
      this.pending--;
      this.deliver(bytes);
    });
  }
}

/** One connection: bytes both ways until it is cut, by byte or by packet. */
export class Line {
  broken = false;
  /** What the broker announced on it. */
  receiveMaximum = 65535;
  private cut: { -readonly [K in keyof Cut]: Cut[K] } | undefined;
  private left = 0;
  private version: ProtocolVersion;
  private readonly up: Way;
  private readonly down: Way;

  constructor(
    readonly number: number,
    private readonly peer: MemoryPeer,
    private readonly clock: VirtualClock,
    private readonly traits: () => LineTraits,
    version: ProtocolVersion,
    private readonly events: LineEvents,
  ) {
    this.version = version;
    const options = { protocolVersion: version, maximumPacketSize: 1e9 };
    const monitor = new ServerDecoder(options);
    const broker = new ServerDecoder(options);
    this.up = new Way(clock, (bytes) => {
      if (!this.broken) this.read(broker, bytes, (packet) => this.broken || events.arrived(this, packet));
    });
    this.down = new Way(clock, (bytes) => {
      if (this.broken || peer.closed) return;
      if (!this.traits().byByte) return peer.write(bytes);
      for (const byte of bytes) peer.write(Uint8Array.of(byte));
    });
    peer.incoming$.subscribe({
      next: (bytes) => {
        this.read(monitor, bytes, (packet) => events.written(this, packet));
        this.pass('up', bytes);
      },
      complete: () => this.leave(),
    });
  }

  /** The client is dead: nothing that it still does matters. */
  sever(): void {
    this.up.silent = true;
    this.down.silent = true;
    this.leave();
  }

  send(packet: Packet): void {
    if (this.broken) return;
    const out = new WriteBuffer();
    encodeAny(packet, out, this.version);
    this.pass('down', Buffer.concat(out.take()));
  }

  cutAfter(cut: Cut): void {
    this.cut = { ...cut };
    this.left = cut.after.count;
    if (this.left === 0) this.fallSilent();
  }

  end(ending: Ending): void {
    if (this.broken) return;
    if (ending === 'silence') {
      this.up.silent = true;
      this.down.silent = true;
      return;
    }
    if (ending === 'disconnect' && this.version === 5 && !this.peer.closed && !this.down.silent) {
      const out = new WriteBuffer();
      // Server shutting down.
      encodeAny({ cmd: 'disconnect', reasonCode: 0x8b }, out, 5);
      this.leave();
      this.peer.write(Buffer.concat(out.take()));
    }
    this.leave();
    if (ending === 'reset') this.peer.fail();
    else this.peer.end();
  }

  setCongested(congested: boolean): void {
    if (!this.peer.closed) this.peer.setCongested(congested);
  }

  get closed(): boolean {
    return this.peer.closed;
  }

  private leave(): void {
    if (this.broken) return;
    this.broken = true;
    this.events.gone(this);
  }

  private pass(direction: 'up' | 'down', bytes: Uint8Array): void {
    const way = this[direction];
    if (way.silent) return;
    const { cut } = this;
    const { latency } = this.traits();
    if (cut?.after.direction !== direction) return way.pass(bytes, latency);
    const whole = cut.after.unit === 'packets';
    const through = whole ? bytes : bytes.subarray(0, this.left);
    this.left -= whole ? 1 : through.length;
    if (this.left > 0) return way.pass(through, latency);
    // Silent from here on, also for what the delivery itself causes.
    this.fallSilent();
    way.pass(through, latency);
  }

  private fallSilent(): void {
    const { cut } = this;
    if (cut === undefined) return;
    this[cut.after.direction].silent = true;
    this.cut = undefined;
    this.clock.plan(Math.max(0, this.traits().latency) + cut.delay, () => this.end(cut.ending));
  }

  private read(decoder: PacketDecoder, bytes: Uint8Array, emit: (packet: Packet) => void): void {
    try {
      decoder.decode(bytes, emit);
    } catch (error) {
      this.events.malformed(error);
    }
  }
}
