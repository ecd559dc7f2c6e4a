import { decodeUtf8, encodeUtf8 } from '../utf8.js';

const VERSION = 1;

/** Size of a record's header: version and checksum. */
export const HEADER = 5;

/** Writes the header of a record whose contents begin at {@link HEADER}. */
export function sealed(record: Uint8Array): Uint8Array {
  record[0] = VERSION;
  new DataView(record.buffer).setUint32(1, checksum(record));
  return record;
}

export function isIntact(record: Uint8Array, atLeast: number): boolean {
  if (record.length < atLeast || record[0] !== VERSION) return false;
  return new DataView(record.buffer, record.byteOffset).getUint32(1) === checksum(record);
}

/** A record with JSON contents. */
export function encodeJson(value: object): Uint8Array {
  const text = encodeUtf8(JSON.stringify(value));
  const record = new Uint8Array(HEADER + text.length);
  record.set(text, HEADER);
  return sealed(record);
}

/** Undefined when the record is damaged. The caller knows from the key which type an intact record has. */
export function decodeJson<T extends object>(record: Uint8Array): T | undefined {
  return isIntact(record, HEADER + 2) ? (JSON.parse(decodeUtf8(record, HEADER)) as T) : undefined;
}

/** FNV-1a of everything after the header. It detects damage, not forgery. */
function checksum(record: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = HEADER; at < record.length; at++) hash = Math.imul(hash ^ (record[at] ?? 0), 0x01000193);
  return hash >>> 0;
}
