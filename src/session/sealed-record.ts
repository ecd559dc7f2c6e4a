import { decodeUtf8, encodeUtf8 } from '../utf8.js';

const VERSION = 1;

/** Bytes that stand before the contents of each record of a store: version and checksum. */
export const HEADER = 5;

/** Completes a record whose contents begin at {@link HEADER}. */
export function sealed(record: Uint8Array): Uint8Array {
  record[0] = VERSION;
  new DataView(record.buffer).setUint32(1, checksum(record));
  return record;
}

export function isIntact(record: Uint8Array, atLeast: number): boolean {
  if (record.length < atLeast || record[0] !== VERSION) return false;
  return new DataView(record.buffer, record.byteOffset).getUint32(1) === checksum(record);
}

/** A record of what JSON can say. */
export function encodeJson(value: object): Uint8Array {
  const text = encodeUtf8(JSON.stringify(value));
  const record = new Uint8Array(HEADER + text.length);
  record.set(text, HEADER);
  return sealed(record);
}

/** Undefined when the record is damaged. What is intact has the type that its key stands for. */
export function decodeJson<T extends object>(record: Uint8Array): T | undefined {
  return isIntact(record, HEADER + 2) ? (JSON.parse(decodeUtf8(record, HEADER)) as T) : undefined;
}

/** FNV-1a over everything behind the header: it finds damage, it does not defend against forgery. */
function checksum(record: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = HEADER; at < record.length; at++) hash = Math.imul(hash ^ (record[at] ?? 0), 0x01000193);
  return hash >>> 0;
}
