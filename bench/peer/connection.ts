import { frameRow, webSocketMessage, type FrameRow } from './frames.js';

/** What the peer does for the next client. */
export interface PeerJob {
  /** Deliver messages once this many filters were subscribed to; 0: never. */
  readonly filters: number;
  readonly topics: readonly string[];
  readonly again: number;
  readonly count: number;
  readonly payload: number;
  readonly qos: 0 | 1 | 2;
  readonly inFlight: number;
}

/** The socket of one client. */
export interface Line {
  readonly webSocket: boolean;
  /** Bytes as they are; false when the line is full. */
  write(bytes: Uint8Array): boolean;
}

const EMPTY = Buffer.alloc(0);

/**
 * Serves one client, with as little work a packet as can be: counts what comes in, acknowledges a chunk's packets in
 * one write, and delivers from a row of packets that was encoded beforehand.
 */
export class PeerConnection {
  private rest: Buffer = EMPTY;
  /** Bytes of a QoS 0 packet that are still to come. */
  private skip = 0;
  private version: 4 | 5 = 4;
  private subscribed = 0;
  private row: FrameRow | undefined;
  /** The next packet of the row. */
  private next = 0;
  private left = 0;
  private open = 0;

  constructor(
    private readonly line: Line,
    private readonly job: PeerJob,
  ) {}

  /** Bytes came in. */
  receive(chunk: Buffer): void {
    if (this.skip >= chunk.length) {
      this.skip -= chunk.length;
      return;
    }
    let bytes = this.skip === 0 ? chunk : chunk.subarray(this.skip);
    this.skip = 0;
    if (this.rest.length > 0) bytes = Buffer.concat([this.rest, bytes]);
    this.rest = EMPTY;
    const answers = Buffer.allocUnsafe(bytes.length);
    let length = 0;
    let settled = 0;
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at] as number;
      let body = at + 1;
      let remaining = 0;
      let byte = 0x80;
      for (let shift = 0; byte >= 0x80 && body < bytes.length; shift += 7) {
        byte = bytes[body++] as number;
        remaining |= (byte & 0x7f) << shift;
      }
      if (byte >= 0x80) break;
      const end = body + remaining;
      if (first < 0x32 && first >= 0x30) {
        if (end > bytes.length) this.skip = end - bytes.length;
        at = end;
        continue;
      }
      if (end > bytes.length) break;
      const type = first >> 4;
      let answer = 0;
      let id = body;
      if (type === 3) {
        answer = (first & 6) === 2 ? 0x40 : 0x50;
        id = body + 2 + (((bytes[body] as number) << 8) | (bytes[body + 1] as number));
      } else if (type === 6) {
        answer = 0x70;
      } else if (type === 5) {
        answer = 0x62;
      } else if (type === 4 || type === 7) {
        settled++;
      } else {
        this.control(type, bytes, body, end);
      }
      if (answer !== 0) {
        answers[length] = answer;
        answers[length + 1] = 2;
        answers[length + 2] = bytes[id] as number;
        answers[length + 3] = bytes[id + 1] as number;
        length += 4;
      }
      at = end;
    }
    if (at < bytes.length) this.rest = bytes.subarray(at);
    if (length > 0) this.send(answers.subarray(0, length));
    if (settled > 0) {
      this.open -= settled;
      this.deliver();
    }
  }

  /** Sends what the window and the line allow. */
  deliver(): void {
    const { row } = this;
    if (row === undefined) return;
    const { ends, bytes, again } = row;
    const total = ends.length;
    while (this.left > 0) {
      let count = Math.min(this.left, total - this.next);
      if (this.job.qos > 0) count = Math.min(count, this.job.inFlight - this.open);
      // At QoS 0 about as much as a socket is read in one go.
      else count = Math.min(count, Math.max(1, Math.floor(65_536 / (bytes.length / total))));
      if (count <= 0) return;
      const start = this.next === 0 ? 0 : (ends[this.next - 1] as number);
      const end = ends[this.next + count - 1] as number;
      this.next += count;
      if (this.next === total) this.next = again;
      this.left -= count;
      if (this.job.qos > 0) this.open += count;
      if (!this.line.write(bytes.subarray(start, end))) return;
    }
  }

  private control(type: number, bytes: Buffer, body: number, end: number): void {
    switch (type) {
      case 1:
        this.version = bytes[body + 2 + bytes.readUInt16BE(body)] === 5 ? 5 : 4;
        return this.send(this.version === 5 ? Buffer.from([0x20, 3, 0, 0, 0]) : Buffer.from([0x20, 2, 0, 0]));
      case 8:
        return this.subscribe(bytes, body, end);
      case 12:
        return this.send(Buffer.from([0xd0, 0]));
      default:
    }
  }

  private subscribe(bytes: Buffer, body: number, end: number): void {
    let at = body + 2;
    if (this.version === 5) at += 1 + (bytes[at] as number);
    const codes: number[] = [];
    while (at < end) {
      at += 2 + bytes.readUInt16BE(at);
      codes.push((bytes[at++] as number) & 3);
    }
    const properties = this.version === 5 ? [0] : [];
    const remaining = 2 + properties.length + codes.length;
    const header = [0x90];
    for (let left = remaining; ;) {
      header.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
      left >>>= 7;
      if (left === 0) break;
    }
    this.send(Buffer.from([...header, bytes[body] as number, bytes[body + 1] as number, ...properties, ...codes]));
    this.subscribed += codes.length;
    if (this.job.filters === 0 || this.subscribed < this.job.filters || this.row !== undefined) return;
    this.row = frameRow({ ...this.job, version: this.version, webSocket: this.line.webSocket });
    this.left = this.job.count;
    this.deliver();
  }

  private send(bytes: Buffer): void {
    this.line.write(this.line.webSocket ? webSocketMessages(bytes) : bytes);
  }
}

/** Answers to a client over a WebSocket, in messages that stay below 64 KiB. */
function webSocketMessages(bytes: Buffer): Buffer {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 32_768) messages.push(webSocketMessage(bytes.subarray(at, at + 32_768)));
  return Buffer.concat(messages);
}
