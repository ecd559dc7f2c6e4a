/** Splits a stream of bytes into packets, without decoding them. */
export class Framer {
  private rest = new Uint8Array(0);

  /** The packets that this chunk completes, as copies. */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.rest.length + chunk.length);
    bytes.set(this.rest);
    bytes.set(chunk, this.rest.length);
    const frames: Uint8Array[] = [];
    let at = 0;
    for (let end = endOf(bytes, at); end !== undefined; end = endOf(bytes, at)) {
      frames.push(bytes.subarray(at, end));
      at = end;
    }
    this.rest = bytes.slice(at);
    return frames;
  }
}

/** The end of the packet that begins at `start`; undefined while it is incomplete. */
function endOf(bytes: Uint8Array, start: number): number | undefined {
  let length = 0;
  for (let at = start + 1; at < bytes.length && at <= start + 4; at++) {
    const byte = bytes[at] as number;
    length += (byte & 0x7f) * 128 ** (at - start - 1);
    if (byte < 0x80) return at + 1 + length <= bytes.length ? at + 1 + length : undefined;
  }
  return undefined;
}
