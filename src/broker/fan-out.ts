import { encodePublish } from '../packet/encode.js';
import type { ProtocolVersion } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { BY_REFERENCE_FROM, type WriteBuffer } from '../packet/write-buffer.js';

/**
 * One message on its way to many subscribers. What is the same for several of them is made once: the bytes of a QoS 0
 * PUBLISH, and the copy of the payload that queues keep.
 */
export class FanOut {
  /** Where the frame was written first, by version and RETAIN: blocks are never overwritten. */
  private readonly blocks: (Uint8Array | undefined)[] = [undefined, undefined, undefined, undefined];
  private readonly ends: number[] = [0, 0, 0, 0];
  private copy: Uint8Array | undefined = undefined;

  constructor(
    readonly message: PublishPacket,
    /** ms of the scheduler when it came in, where its expiry makes that matter; else 0. */
    readonly acceptedAt: number,
  ) {}

  /** The payload for a queue: a view would keep everything that came in with it. */
  get kept(): Uint8Array {
    const { payload } = this.message;
    if (payload.length * 2 >= payload.buffer.byteLength) return payload;
    return (this.copy ??= payload.slice());
  }

  /** Writes PUBLISH at QoS 0 with the message's own properties. */
  write(out: WriteBuffer, version: ProtocolVersion, retain: boolean): void {
    const { topic, payload, properties } = this.message;
    const slot = (version === 5 ? 2 : 0) + (retain ? 1 : 0);
    const block = this.blocks[slot];
    if (block !== undefined) {
      out.append(block.subarray(this.startOf(slot), this.ends[slot]));
      return;
    }
    const before = out.length;
    encodePublish(out, version, topic, payload, 0, retain, false, 0, properties);
    if (payload.length >= BY_REFERENCE_FROM) return;
    this.blocks[slot] = out.bytes;
    this.ends[slot] = out.position;
    this.sizes[slot] = out.length - before;
  }

  private readonly sizes: number[] = [0, 0, 0, 0];

  private startOf(slot: number): number {
    return (this.ends[slot] as number) - (this.sizes[slot] as number);
  }
}
