import type { WriteBuffer } from '../packet/write-buffer.js';

/** Counts the traffic over all connections of a client. */
export class Traffic {
  packetsIn = 0;
  packetsOut = 0;
  bytesIn = 0;
  private bytesOutBefore = 0;
  private current: WriteBuffer | undefined;

  get bytesOut(): number {
    return this.bytesOutBefore + (this.current?.taken ?? 0);
  }

  /** Starts counting a connection by its output buffer. Returns the function to call when it ends. */
  open(out: WriteBuffer): () => void {
    this.current = out;
    return () => {
      this.bytesOutBefore += out.taken;
      if (this.current === out) this.current = undefined;
    };
  }
}
