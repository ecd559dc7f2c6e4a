import { createSocket, type Socket } from 'node:dgram';
import type { SrvRecord } from '../../src/index.js';

const SRV = 33;
const NO_SUCH_NAME = 3;

/** A name server on the loopback interface, over UDP, that knows SRV records alone. */
export class DnsStub {
  /** What it was asked for, in order. */
  readonly asked: string[] = [];
  /** The records by name; a test may change them. Other names do not exist. */
  readonly records = new Map<string, readonly SrvRecord[]>();
  /** It gives no answer at all. */
  isSilent = false;

  private constructor(private readonly socket: Socket) {
    socket.on('message', (question, { port, address }) => {
      const name = nameIn(question);
      this.asked.push(name);
      if (!this.isSilent) socket.send(answer(question, this.records.get(name.toLowerCase())), port, address);
    });
  }

  static async start(): Promise<DnsStub> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new DnsStub(socket);
  }

  /** For `setServers`. */
  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}

const HEADER = 12;

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = HEADER, length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return labels.join('.');
}

/** RFC 1035 and RFC 2782: the question once more, and the records with the name as a pointer to it. */
function answer(question: Buffer, records: readonly SrvRecord[] | undefined): Buffer {
  const asked = question.subarray(HEADER, HEADER + nameIn(question).length + 2 + 4);
  const header = Buffer.alloc(HEADER);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (records === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records?.length ?? 0, 6);
  return Buffer.concat([header, asked, ...(records ?? []).map(record)]);
}

function record({ name, port, priority, weight }: SrvRecord): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const target = Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
  const fixed = Buffer.alloc(18);
  fixed.writeUInt16BE(0xc000 | HEADER, 0);
  fixed.writeUInt16BE(SRV, 2);
  // Class IN; the time to live stays 0.
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt16BE(6 + target.length, 10);
  fixed.writeUInt16BE(priority, 12);
  fixed.writeUInt16BE(weight, 14);
  fixed.writeUInt16BE(port, 16);
  return Buffer.concat([fixed, target]);
}
