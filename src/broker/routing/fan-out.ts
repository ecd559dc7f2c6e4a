import { encodePublish } from '../../packet/encode.js';
import type { ProtocolVersion } from '../../packet/packets.js';
import type { PublishPacket } from '../../packet/publish-packet.js';
import { BY_REFERENCE_FROM, type WriteBuffer } from '../../packet/write-buffer.js';

/** Where a frame is in its block. A server never overwrites the blocks of its connections. */
class Frame {
  block: Uint8Array | undefined = undefined;
  start = 0;
  end = 0;
}

/**
 * One message on its way to many subscribers. Shared work is done once: the bytes of a QoS 0 PUBLISH, and the copy of
 * the payload for queues.
 */
export class FanOut {
  private old: Frame | undefined = undefined;
  private current: Frame | undefined = undefined;
  private copy: Uint8Array | undefined = undefined;

  constructor(
    readonly message: PublishPacket,
    /** When it came in, by `elapsed()`; undefined when it cannot expire. */
    readonly acceptedAt: number | undefined,
  ) {}

  /** The payload for a queue, copied from a larger block so that the block is not retained. */
  get kept(): Uint8Array {
    const { payload } = this.message;
    if (payload.length * 2 >= payload.buffer.byteLength) return payload;
    return (this.copy ??= new Uint8Array(payload));
  }

  /** Writes PUBLISH at QoS 0, without RETAIN and with the message's own properties. */
  write(out: WriteBuffer, version: ProtocolVersion): void {
    const frame = version === 5 ? this.current : this.old;
    if (frame?.block !== undefined) {
      out.append(frame.block.subarray(frame.start, frame.end));
      return;
    }
    const { topic, payload, properties } = this.message;
    const before = out.length;
    encodePublish(out, version, topic, payload, 0, false, false, 0, properties);
    if (payload.length >= BY_REFERENCE_FROM) return;
    const written = new Frame();
    written.block = out.bytes;
    written.end = out.position;
    written.start = out.position - (out.length - before);
    if (version === 5) this.current = written;
    else this.old = written;
  }
}
