const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The largest remaining length of an MQTT packet. */
const LONGEST = 268_435_455;

/**
 * The lines of a byte stream, without their line breaks; the last one may have none.
 * @throws Error (rejects) for a line that is too long for a packet.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      yield withoutReturn(joined(parts, chunk.subarray(from, at)));
      parts = [];
      length = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST) throw new Error(`a line is longer than ${LONGEST} bytes; no MQTT packet can carry it`);
  }
  if (parts.length > 0) yield withoutReturn(joined(parts, new Uint8Array(0)));
}

function joined(parts: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  return parts.length === 0 ? last : Buffer.concat([...parts, last]);
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
