'use strict';

const { Buffer } = require('./buffer.cjs');

/** The `bl` of mqtt-packet's parser: one buffer instead of a list, since whole frames are handed to the parser. */
class BufferList {
  bytes = Buffer.alloc(0);

  get length() {
    return this.bytes.length;
  }

  append(chunk) {
    const joined = Buffer.alloc(this.length + chunk.length);
    joined.set(this.bytes);
    joined.set(chunk, this.length);
    this.bytes = joined;
  }

  consume(count) {
    this.bytes = this.bytes.subarray(count);
  }

  slice(start, end) {
    return this.bytes.subarray(start, end);
  }

  toString(encoding, start, end) {
    return this.bytes.toString(encoding, start, end);
  }

  readUInt8(offset) {
    return this.bytes.readUInt8(offset);
  }

  readUInt16BE(offset) {
    return this.bytes.readUInt16BE(offset);
  }

  readUInt32BE(offset) {
    return this.bytes.readUInt32BE(offset);
  }
}

module.exports = () => new BufferList();
