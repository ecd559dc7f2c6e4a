/** The load of one measurement: bare sockets that know the size of each frame, so that the broker is what is measured. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { frameRow, publishFrame, type FrameRow } from '../peer/frames.js';
import type { LoadJob } from './broker-workload.js';

const TOPIC = 'bench/hall/temperature';
const job = JSON.parse(process.argv[2] ?? '{}') as LoadJob;

/** Opens a connection of MQTT 3.1.1 without keep-alive; settles with the CONNACK. */
async function open(id: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: job.port, noDelay: true });
  socket.on('error', (error) => {
    throw error;
  });
  const name = Buffer.from(id);
  const head = [0x10, 12 + name.length, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, name.length];
  socket.write(Buffer.concat([Buffer.from(head), name]));
  const [connack] = (await once(socket, 'data')) as [Buffer];
  if (connack[0] !== 0x20 || connack[3] !== 0) throw new Error('the broker refused CONNECT');
  return socket;
}

/** At most a hundred at a time: the backlog of a listening socket is not endless. */
async function openAll(count: number, prefix: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Math.min(100, count - sockets.length);
    const ids = Array.from({ length: batch }, (_, index) => `${prefix}-${sockets.length + index}`);
    sockets.push(...(await Promise.all(ids.map(open))));
  }
  return sockets;
}

/** Counts what it is sent, and acknowledges it at QoS 1. */
class Receiver {
  private readonly frame = publishFrame(TOPIC, job.payload, job.qos, 4, 1).length;
  private readonly idAt = 4 + TOPIC.length;
  private rest: Buffer = Buffer.alloc(0);
  private bytes = 0;
  delivered = 0;

  constructor(
    private readonly socket: Socket,
    private readonly counted: (messages: number) => void,
  ) {}

  async subscribe(): Promise<void> {
    const name = Buffer.from(TOPIC);
    const { socket } = this;
    socket.write(
      Buffer.concat([Buffer.from([0x82, name.length + 5, 0, 1, 0, name.length]), name, Buffer.from([job.qos])]),
    );
    const [suback] = (await once(socket, 'data')) as [Buffer];
    if (suback[0] !== 0x90 || suback[4] !== job.qos) throw new Error('the broker refused SUBSCRIBE');
    socket.on(
      'data',
      job.qos === 0 ? (chunk: Buffer) => this.count(chunk) : (chunk: Buffer) => this.acknowledge(chunk),
    );
  }

  private count(chunk: Buffer): void {
    this.bytes += chunk.length;
    const messages = Math.floor(this.bytes / this.frame);
    this.bytes -= messages * this.frame;
    this.counted(messages);
  }

  private acknowledge(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages = Math.floor(bytes.length / this.frame);
    this.rest = bytes.subarray(messages * this.frame);
    if (messages === 0) return;
    const answers = Buffer.allocUnsafe(messages * 4);
    for (let index = 0; index < messages; index++) {
      const id = index * this.frame + this.idAt;
      answers[index * 4] = 0x40;
      answers[index * 4 + 1] = 2;
      answers[index * 4 + 2] = bytes[id] as number;
      answers[index * 4 + 3] = bytes[id + 1] as number;
    }
    this.socket.write(answers);
    this.counted(messages);
  }
}

/** Sends frames of a row that all publishers share, each from where it has got to. */
class Publisher {
  private at = 0;

  constructor(
    private readonly socket: Socket,
    private readonly row: FrameRow,
  ) {
    socket.on('data', () => undefined);
  }

  send(messages: number): void {
    const { ends, bytes } = this.row;
    for (let left = messages; left > 0;) {
      const count = Math.min(left, ends.length - this.at);
      const from = this.at === 0 ? 0 : (ends[this.at - 1] as number);
      this.socket.write(bytes.subarray(from, ends[this.at + count - 1]));
      this.at = (this.at + count) % ends.length;
      left -= count;
    }
  }
}

/** Messages a second that reached their subscribers, with a bounded number under way at any time: nothing is dropped. */
async function throughput(): Promise<void> {
  const { publishers, subscribers, window, payload, qos } = job;
  let delivered = 0;
  let sent = 0;
  let turn = 0;
  const receivers = (await openAll(subscribers, 'subscriber')).map(
    (socket) =>
      new Receiver(socket, (messages) => {
        delivered += messages;
        pump();
      }),
  );
  await Promise.all(receivers.map((receiver) => receiver.subscribe()));
  const row = frameRow({ topics: [TOPIC], payload, qos, version: 4, webSocket: false });
  const senders = (await openAll(publishers, 'publisher')).map((socket) => new Publisher(socket, row));
  const share = Math.max(1, Math.floor(window / publishers / 2));
  function pump(): void {
    let room = window - (sent - delivered / subscribers);
    if (room < window / 2) return;
    while (room >= share) {
      senders[turn]?.send(share);
      turn = (turn + 1) % senders.length;
      room -= share;
      sent += share;
    }
  }
  pump();
  await wait(job.warmup);
  const [from, started] = [delivered, process.hrtime.bigint()];
  await wait(job.duration);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (delivered === from) throw new Error('nothing arrived');
  report({ rate: (delivered - from) / seconds });
}

/** Connections that say nothing; the harness weighs the broker meanwhile and ends this process. */
async function idle(): Promise<void> {
  await openAll(job.publishers, 'idle');
  process.send?.('open');
}

function report(figures: Record<string, number>): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

await (job.subscribers === 0 ? idle() : throughput());
