'use strict';

/**
 * What mqtt-packet asks of Node's `Buffer`, on a plain `Uint8Array`: nothing of it needs a global `Buffer`.
 * Any `Uint8Array` counts as a buffer here, because a page has no other kind.
 */
const encoder = new TextEncoder();
// A byte order mark at the start of a string is data in MQTT [MQTT-1.5.4-3].
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

class Buffer extends Uint8Array {
  static from(source, offset, length) {
    if (typeof source === 'string') return Buffer.from(encoder.encode(source).buffer);
    return new Buffer(source, offset, length);
  }

  static alloc(size) {
    return new Buffer(size);
  }

  static allocUnsafe(size) {
    return new Buffer(size);
  }

  static isBuffer(value) {
    return value instanceof Uint8Array;
  }

  static byteLength(value) {
    return typeof value === 'string' ? encoder.encode(value).length : value.byteLength;
  }

  static [Symbol.hasInstance](value) {
    return value instanceof Uint8Array;
  }

  write(text, offset = 0) {
    return encoder.encodeInto(text, this.subarray(offset)).written;
  }

  copy(target, offset = 0) {
    target.set(this, offset);
    return this.length;
  }

  writeUInt8(value, offset) {
    view(this).setUint8(offset, value);
  }

  writeUInt16BE(value, offset) {
    view(this).setUint16(offset, value);
  }

  writeUInt32BE(value, offset) {
    view(this).setUint32(offset, value);
  }

  readUInt8(offset) {
    return view(this).getUint8(offset);
  }

  readUInt16BE(offset) {
    return view(this).getUint16(offset);
  }

  readUInt32BE(offset) {
    return view(this).getUint32(offset);
  }

  toString(_encoding, start, end) {
    return decoder.decode(this.subarray(start, end));
  }
}

/** Reads and writes past the end throw a `RangeError`, as Node's do. */
function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

module.exports = { Buffer };
