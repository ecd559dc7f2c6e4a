import type { WriteBuffer } from '../packet/write-buffer.js';

/** Counts what goes over all connections of a client. */
export class Traffic {
  packetsIn = 0;
  packetsOut = 0;
  bytesIn = 0;
  private bytesOutBefore = 0;
  private current: WriteBuffer | undefined;

  get bytesOut(): number {
    return this.bytesOutBefore + (this.current?.taken ?? 0);
  }

  /** A connection has opened; what it takes from this buffer is on its way. Returns what to call at its end. */
  open(out: WriteBuffer): () => void {
    this.current = out;
    return () => {
      this.bytesOutBefore += out.taken;
      if (this.current === out) this.current = undefined;
    };
  }
}
