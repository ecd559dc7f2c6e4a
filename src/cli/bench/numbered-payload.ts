/** `rxmq` */
const MAGIC = 0x72786d71;

/** The size of the numbers in bytes. */
export const SMALLEST_PAYLOAD = 24;

/** The numbers in the payload of a bench. */
export interface Numbers {
  /** Identifies the publisher. */
  readonly publisher: number;
  /** Counts the messages of the publisher from 0. */
  readonly sequence: number;
  /** When the message was due, in ms since 1970. */
  readonly sentAt: number;
}

/** A payload of this size that begins with the numbers. */
export function numberedPayload({ publisher, sequence, sentAt }: Numbers, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, publisher);
  view.setFloat64(8, sequence);
  view.setFloat64(16, sentAt);
  return bytes;
}

/** The numbers of a payload; undefined if it is not one of a bench. */
export function readNumbers(payload: Uint8Array): Numbers | undefined {
  if (payload.length < SMALLEST_PAYLOAD) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (view.getUint32(0) !== MAGIC) return undefined;
  return { publisher: view.getUint32(4), sequence: view.getFloat64(8), sentAt: view.getFloat64(16) };
}
