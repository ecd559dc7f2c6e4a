import { readUtf8 } from '../utf8.js';
import { malformed } from './malformed.js';

/** Reads the fields of one packet, and never a byte past its end. */
export class PacketReader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
    /** The packet's name for error messages. */
    private readonly carrier: string,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  byte(field: string): number {
    this.need(1, field);
    return this.bytes[this.at++] as number;
  }

  uint16(field: string): number {
    this.need(2, field);
    const { bytes, at } = this;
    this.at = at + 2;
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }

  uint32(field: string): number {
    const high = this.uint16(field);
    return high * 0x10000 + this.uint16(field);
  }

  /** A variable byte integer; MQTT 5 requires the shortest form [MQTT-1.5.5-1]. */
  varInt(field: string): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte(field);
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0)
        throw malformed(`${this.carrier.toUpperCase()} ${field} is not written in the shortest form`);
      return value;
    }
    throw malformed(`${this.carrier.toUpperCase()} ${field} is longer than four bytes`);
  }

  string(field: string): string {
    const length = this.uint16(field);
    this.need(length, field);
    const start = this.at;
    this.at = start + length;
    const text = readUtf8(this.bytes, start, this.at);
    if (text === undefined) throw malformed(`${this.carrier.toUpperCase()} ${field} is not UTF-8 or holds U+0000`);
    return text;
  }

  /** A copy of the bytes, because a view would keep the whole chunk in memory. */
  binary(field: string): Uint8Array {
    const length = this.uint16(field);
    this.need(length, field);
    const { bytes, at } = this;
    this.at = at + length;
    // A copy: what holds this must not hold the whole chunk.
    return new Uint8Array(bytes.subarray(at, at + length));
  }

  private need(size: number, field: string): void {
    if (this.at + size > this.end) throw malformed(`${this.carrier.toUpperCase()} ends within its ${field}`);
  }
}
