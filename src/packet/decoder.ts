import { ProtocolError } from '../errors.js';
import { Backup } from './backup.js';
import { checkFirstByte, type Side } from './fixed-header.js';
import { malformed } from './malformed.js';
import type { Packet, PacketCommand, ProtocolVersion } from './packets.js';
import { PartialFrame } from './partial-frame.js';
import { readAck } from './read-ack.js';
import { readFromServer } from './read-from-server.js';
import { readPublish } from './read-publish.js';
import { ReasonCode } from './reason-codes.js';
import { TopicCache } from './topic-cache.js';
import { unreadablePublish, type UnreadablePublish } from './unreadable-publish.js';

/** Topics that a decoder caches; a server has very many decoders. */
const REMEMBERED_TOPICS = { client: 1 << 16, server: 1 << 6 } as const;

/** A chunk on hold is kept in pieces of this many bytes: the size of a socket's chunk. */
const PIECE = 64 * 1024;

export interface PacketDecoderOptions {
  readonly protocolVersion: ProtocolVersion;
  /** The largest packet to accept, in bytes, including its fixed header. */
  readonly maximumPacketSize: number;
  /** Whether to skip a PUBLISH that cannot be read. Default: its error ends the decoding. */
  readonly skips?: ((publish: UnreadablePublish, error: ProtocolError) => boolean) | undefined;
}

/**
 * Decodes a byte stream, in chunks of any size, into the packets that a server sends; see `ServerDecoder` for the
 * others.
 */
export class PacketDecoder {
  /** On a server: the version that the client's CONNECT announced, once it was read. */
  protocolVersion: ProtocolVersion;
  private readonly skips: PacketDecoderOptions['skips'];
  /** Bytes; a longer packet is refused. */
  protected maximumPacketSize: number;
  private readonly partial = new PartialFrame();
  /** Created at the first PUBLISH. */
  private topics: TopicCache | undefined = undefined;
  private stopped = false;
  /** Stopped, or on hold. */
  private halted = false;
  private busy = false;
  private waiting: Uint8Array[] = [];
  /** Of the chunk that is decoded, once a payload in it is given away. */
  private backup: Backup | undefined = undefined;

  constructor(
    options: PacketDecoderOptions,
    /** The side that receives the packets. */
    protected readonly receiver: Side = 'client',
  ) {
    this.protocolVersion = options.protocolVersion;
    this.maximumPacketSize = options.maximumPacketSize;
    this.skips = options.skips;
  }

  /** Bytes held of an incomplete packet. */
  get buffered(): number {
    return this.partial.length;
  }

  /**
   * Emits the packets that the chunk completes before it returns. A chunk that arrives during an emission is decoded
   * after the current one.
   *
   * @throws ProtocolError for a packet that is malformed or not allowed, with the reason code for DISCONNECT. Errors
   * that `emit` throws pass through. After either, the decoder has stopped.
   */
  decode(chunk: Uint8Array, emit: (packet: Packet) => void): void {
    if (this.stopped) return;
    if (this.busy || this.halted) {
      this.waiting.push(chunk);
      return;
    }
    this.run(chunk, emit);
  }

  /** Called during an emission: stops emitting, and keeps the rest until {@link proceed}. */
  hold(): void {
    this.halted = true;
  }

  /** Whether {@link hold} was called and {@link proceed} was not yet. */
  get isOnHold(): boolean {
    return this.halted && !this.stopped;
  }

  /** Ends the hold, and decodes the kept rest; throws as {@link decode} does. */
  proceed(emit: (packet: Packet) => void): void {
    if (this.stopped || this.busy) return;
    this.halted = false;
    this.run(this.waiting.shift(), emit);
  }

  /** Stops emitting, even the rest of the current chunk, and discards everything held. */
  stop(): void {
    this.stopped = true;
    this.halted = true;
    this.waiting = [];
    this.partial.clear();
  }

  private run(chunk: Uint8Array | undefined, emit: (packet: Packet) => void): void {
    this.busy = true;
    let done = false;
    try {
      for (let next = chunk; next !== undefined; next = this.halted ? undefined : this.waiting.shift()) {
        this.continue(next, emit);
      }
      done = true;
    } finally {
      this.busy = false;
      if (!done) this.stop();
    }
  }

  /** Completes the packet that the last chunk began, then continues with this chunk. */
  private continue(chunk: Uint8Array, emit: (packet: Packet) => void): void {
    const { partial } = this;
    if (partial.length === 0) {
      this.scan(chunk, 0, emit);
    } else if (partial.size === 0) {
      // A part of a fixed header, at most four bytes.
      partial.add(chunk, 0, chunk.length);
      this.scan(partial.take(), 0, emit);
    } else {
      const missing = partial.size - partial.length;
      partial.add(chunk, 0, Math.min(missing, chunk.length));
      if (missing > chunk.length) return;
      this.scan(partial.take(), 0, emit);
      this.scan(chunk, missing, emit);
    }
  }

  /** Emits every complete packet from a position on, and keeps the beginning of an incomplete one. */
  private scan(bytes: Uint8Array, at: number, emit: (packet: Packet) => void): void {
    let left: Uint8Array | undefined;
    try {
      left = this.scanUntilTaken(bytes, at, emit);
    } finally {
      this.backup?.release();
      this.backup = undefined;
    }
    if (left !== undefined) this.scan(left, 0, emit);
  }

  /** Returns the rest of the chunk if the application has detached its memory. */
  private scanUntilTaken(bytes: Uint8Array, at: number, emit: (packet: Packet) => void): Uint8Array | undefined {
    const end = bytes.length;
    const view = new DataView(bytes.buffer, bytes.byteOffset, end);
    while (at < end && !this.halted) {
      const first = bytes[at] as number;
      let body = at + 1;
      let remaining = 0;
      let shift = 0;
      let byte;
      do {
        if (body === end) {
          this.partial.begin(0, bytes, at);
          return undefined;
        }
        byte = bytes[body++] as number;
        remaining |= (byte & 0x7f) << shift;
        shift += 7;
        if (byte >= 0x80 && shift === 28) throw malformed('the remaining length is longer than four bytes');
      } while (byte >= 0x80);
      // [MQTT-1.5.5-1] is new in MQTT 5.
      if (byte === 0 && shift > 7 && this.protocolVersion === 5) {
        throw malformed('the remaining length is not written in the shortest form');
      }
      const next = body + remaining;
      if (next - at > this.maximumPacketSize) throw this.tooLarge(next - at);
      if (next > end) {
        checkFirstByte(first, this.protocolVersion, this.receiver);
        this.partial.begin(next - at, bytes, at);
        return undefined;
      }
      const packet = this.read(first, bytes, view, at, body, next);
      if (next < end && packet?.cmd === 'publish') this.backup ??= new Backup(bytes, next);
      if (packet !== undefined) emit(packet);
      at = next;
      if (bytes.length === 0) return this.backup?.restore(at);
    }
    if (at < end && !this.stopped) this.keep(bytes, at);
    return undefined;
  }

  /**
   * Keeps the rest of a chunk for later. A copy, because an emitted payload is a view of the chunk, which a handler may
   * transfer; in pieces, so that the next hold copies little again.
   */
  private keep(bytes: Uint8Array, at: number): void {
    const pieces: Uint8Array[] = [];
    for (let from = at; from < bytes.length; from += PIECE) pieces.push(bytes.slice(from, from + PIECE));
    this.waiting.unshift(...pieces);
  }

  /** Reads one packet; undefined for a skipped PUBLISH. */
  private read(
    first: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    body: number,
    end: number,
  ): Packet | undefined {
    const { protocolVersion, receiver } = this;
    switch (first) {
      case 0x40:
        return readAck('puback', bytes, body, end, protocolVersion, receiver);
      case 0x50:
        return readAck('pubrec', bytes, body, end, protocolVersion, receiver);
      case 0x62:
        return readAck('pubrel', bytes, body, end, protocolVersion, receiver);
      case 0x70:
        return readAck('pubcomp', bytes, body, end, protocolVersion, receiver);
    }
    if (first >> 4 === 3) {
      this.topics ??= new TopicCache(REMEMBERED_TOPICS[receiver]);
      try {
        return readPublish(first, bytes, view, body, end, protocolVersion, receiver, this.topics);
      } catch (error) {
        const publish = unreadablePublish(first, bytes, body, end);
        if (publish !== undefined && this.skips?.(publish, error as ProtocolError) === true) return undefined;
        throw error;
      }
    }
    return this.readOther(checkFirstByte(first, protocolVersion, receiver), bytes, start, body, end);
  }

  /** Reads the rarer packets. */
  protected readOther(cmd: PacketCommand, bytes: Uint8Array, _start: number, body: number, end: number): Packet {
    const { protocolVersion, receiver } = this;
    return cmd === 'pubrel'
      ? readAck(cmd, bytes, body, end, protocolVersion, receiver)
      : readFromServer(cmd, bytes, body, end, protocolVersion, receiver);
  }

  private tooLarge(size: number): ProtocolError {
    return new ProtocolError(
      `Packet too large: it has ${size} bytes, and the limit is ${this.maximumPacketSize}; raise the maximum packet size`,
      { reasonCode: ReasonCode.PACKET_TOO_LARGE },
    );
  }
}
