/** `rxmq` */
const MAGIC = 0x72786d71;

/** The bytes that the numbers take. */
export const SMALLEST_PAYLOAD = 24;

/** What a payload of a bench tells. */
export interface Numbers {
  /** Who sent it: a number that is the publisher's own. */
  readonly publisher: number;
  /** Counts the messages of the publisher from 0. */
  readonly sequence: number;
  /** When it was to be sent, in ms since 1970. */
  readonly sentAt: number;
}

/** A payload of so many bytes that begins with these numbers. */
export function numberedPayload({ publisher, sequence, sentAt }: Numbers, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, publisher);
  view.setFloat64(8, sequence);
  view.setFloat64(16, sentAt);
  return bytes;
}

/** The numbers of a payload; undefined for one that comes from elsewhere. */
export function readNumbers(payload: Uint8Array): Numbers | undefined {
  if (payload.length < SMALLEST_PAYLOAD) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (view.getUint32(0) !== MAGIC) return undefined;
  return { publisher: view.getUint32(4), sequence: view.getFloat64(8), sentAt: view.getFloat64(16) };
}
