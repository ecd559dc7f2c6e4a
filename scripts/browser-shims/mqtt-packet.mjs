/**
 * What a client asks of mqtt-packet, in the browser bundle. PUBLISH, its acknowledgements and every property block have
 * readers and writers of their own in `src/packet/`; what is left to mqtt-packet there are the packets around them,
 * without properties. These few lines take its place, which saves a page nine of ten bytes of it.
 *
 * A frame is given to the parser when it is complete and was checked. A test holds both directions equal to mqtt-packet.
 */
const encoder = new TextEncoder();

/** mqtt-packet answers with a Buffer; callers ask its class for views of their own bytes. */
class Bytes extends Uint8Array {
  static from(buffer, offset, length) {
    return new Uint8Array(buffer, offset, length);
  }
}

/** The body of a packet that is being written. */
class Body {
  bytes = [];

  byte(value) {
    this.bytes.push(value);
    return this;
  }

  short(value) {
    return this.byte(value >> 8).byte(value & 0xff);
  }

  /** A string or bytes, behind their length. */
  field(value) {
    const bytes = typeof value === 'string' ? encoder.encode(value) : value;
    if (bytes.length > 0xffff) throw new Error('a field is longer than 65535 bytes');
    this.short(bytes.length);
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  packet(first) {
    const header = [first];
    let left = this.bytes.length;
    do {
      header.push((left % 128) | (left > 127 ? 0x80 : 0));
      left >>= 7;
    } while (left > 0);
    const frame = new Bytes(header.length + this.bytes.length);
    frame.set(header);
    frame.set(this.bytes, header.length);
    return frame;
  }
}

function connect({ protocolId, protocolVersion, clientId, clean, keepalive, username, password, will }) {
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (will === undefined ? 0 : 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0)) |
    (clean ? 0x02 : 0);
  const isV5 = protocolVersion === 5;
  const body = new Body().field(protocolId).byte(protocolVersion).byte(flags).short(keepalive);
  if (isV5) body.byte(0);
  body.field(clientId);
  if (will !== undefined) {
    if (isV5) body.byte(0);
    body.field(will.topic).field(will.payload);
  }
  if (username !== undefined) body.field(username);
  if (password !== undefined) body.field(password);
  return body.packet(0x10);
}

/** The packets that carry an identifier: on MQTT 5 an empty property block comes behind it. */
function identified({ messageId }, isV5) {
  const body = new Body().short(messageId);
  return isV5 ? body.byte(0) : body;
}

function subscribe(packet, isV5) {
  const body = identified(packet, isV5);
  for (const { topic, qos, nl, rap, rh } of packet.subscriptions) {
    body.field(topic).byte(isV5 ? qos | (nl ? 0x04 : 0) | (rap ? 0x08 : 0) | (rh << 4) : qos);
  }
  return body.packet(0x82);
}

function unsubscribe(packet, isV5) {
  const body = identified(packet, isV5);
  for (const filter of packet.unsubscriptions) body.field(filter);
  return body.packet(0xa2);
}

export function generate(packet, { protocolVersion } = {}) {
  const isV5 = protocolVersion === 5;
  switch (packet.cmd) {
    case 'connect':
      return connect(packet);
    case 'subscribe':
      return subscribe(packet, isV5);
    case 'unsubscribe':
      return unsubscribe(packet, isV5);
    case 'pingreq':
      return new Body().packet(0xc0);
    case 'disconnect':
      return isV5 ? new Body().byte(packet.reasonCode).byte(0).packet(0xe0) : new Body().packet(0xe0);
    case 'auth':
      return new Body().byte(packet.reasonCode).byte(0).packet(0xf0);
    default:
      throw new Error('only servers send it');
  }
}

/** mqtt-packet has a cache of numbers that users turn off here. */
export const writeToStream = { cacheNumbers: false };

const PACKETS = { 2: 'connack', 9: 'suback', 11: 'unsuback', 13: 'pingresp' };

/** Where the variable byte integer that starts here ends, and its value. */
function varInt(frame, at) {
  let value = 0;
  let shift = 0;
  let byte;
  do {
    byte = frame[at++];
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte >= 0x80);
  return { value, end: at };
}

function read(frame, isV5) {
  const cmd = PACKETS[frame[0] >> 4];
  if (cmd === 'pingresp') return { cmd };
  const { end: start } = varInt(frame, 1);
  if (cmd === 'connack') {
    const code = frame[start + 1];
    return { cmd, sessionPresent: (frame[start] & 1) !== 0, [isV5 ? 'reasonCode' : 'returnCode']: code };
  }
  if (cmd === undefined) throw new Error('only servers are sent it');
  const properties = isV5 ? varInt(frame, start + 2) : { value: 0, end: start + 2 };
  const granted = Array.from(frame.subarray(properties.end + properties.value));
  return { cmd, messageId: (frame[start] << 8) | frame[start + 1], granted };
}

export function parser({ protocolVersion }) {
  const listeners = {};
  return {
    on(event, listener) {
      listeners[event] = listener;
    },
    parse(frame) {
      listeners.packet(read(frame, protocolVersion === 5));
    },
  };
}
