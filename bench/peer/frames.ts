/** Packets as bytes, made once and sent many times. */

/** Identifiers that a row of QoS 1 or 2 deliveries goes through before it starts over. */
export const IDENTIFIERS = 65_000;

export interface Publishes {
  readonly topics: readonly string[];
  /** From this topic on they are delivered over and over, those before it once. Default 0. */
  readonly again?: number;
  readonly payload: number;
  readonly qos: 0 | 1 | 2;
  readonly version: 4 | 5;
  /** Each packet in a WebSocket message of its own, as brokers send them. */
  readonly webSocket: boolean;
}

/** PUBLISH packets in a row, and where each of them ends. */
export interface FrameRow {
  readonly bytes: Buffer;
  readonly ends: Uint32Array;
  /** The packet with which it starts over. */
  readonly again: number;
}

export function publishFrame(topic: string, payload: number, qos: 0 | 1 | 2, version: 4 | 5, packetId = 0): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    qos === 0 ? Buffer.alloc(0) : Buffer.from([packetId >> 8, packetId & 0xff]),
    version === 5 ? Buffer.from([0]) : Buffer.alloc(0),
    Buffer.alloc(payload, 0x78),
  ]);
  const header = [0x30 | (qos << 1)];
  for (let left = body.length; ;) {
    const low = left & 0x7f;
    left >>>= 7;
    header.push(left > 0 ? low | 0x80 : low);
    if (left === 0) break;
  }
  return Buffer.concat([Buffer.from(header), body]);
}

/** A row that can be sent over and over: all identifiers, or all topics, or at least 64 KiB. */
export function frameRow({ topics, again = 0, payload, qos, version, webSocket }: Publishes): FrameRow {
  const one = publishFrame(topics[0] as string, payload, qos, version, 1).length;
  const count = qos > 0 ? IDENTIFIERS : Math.max(topics.length, Math.ceil(65_536 / one));
  const frames: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const topic = topics[index < again ? index : again + ((index - again) % (topics.length - again))] as string;
    const frame = publishFrame(topic, payload, qos, version, qos > 0 ? index + 1 : 0);
    frames.push(webSocket ? webSocketMessage(frame) : frame);
  }
  const ends = new Uint32Array(count);
  let end = 0;
  frames.forEach((frame, index) => (ends[index] = end += frame.length));
  return { bytes: Buffer.concat(frames), ends, again };
}

/** A binary message of a server, which does not mask. */
export function webSocketMessage(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const header = length < 126 ? Buffer.from([0x82, length]) : Buffer.from([0x82, 126, length >> 8, length & 0xff]);
  return Buffer.concat([header, bytes]);
}
