/** The floor: a bare socket that moves the same bytes and looks at none of them. */
import { connect } from 'node:net';
import { frameRow, publishFrame } from '../peer/frames.js';
import type { Figures } from '../workload.js';
import { readJob, report, stopwatch } from './measure.js';
import { TOPIC } from './topics.js';

const job = readJob();
const { hostname, port } = new URL(job.url);
const socket = connect({ host: hostname, port: Number(port), noDelay: true });
const name = Buffer.from(TOPIC);
const CONNECT = Buffer.from([0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 4, 0x62, 0x61, 0x72, 0x65]);
const CONNACK_BYTES = 4;
const SUBACK_BYTES = 5;

const next = (): Promise<Buffer> => new Promise((resolve) => socket.once('data', resolve));

/** Chunks of 64 KiB, each when the one before was taken; one packet at a time where that is less. */
async function publish(): Promise<void> {
  const { bytes, ends } = frameRow({ topics: [TOPIC], payload: job.payload, qos: 0, version: 4, webSocket: false });
  const last = publishFrame(TOPIC, job.payload, 1, 4, 1);
  const run = async (count: number): Promise<void> => {
    for (let left = count; left > 0;) {
      const packets = Math.min(left, ends.length);
      left -= packets;
      const taken = socket.write(bytes.subarray(0, ends[packets - 1]));
      if (!taken) await new Promise((resolve) => socket.once('drain', resolve));
    }
    const acknowledged = next();
    socket.write(last);
    await acknowledged;
  };
  await run(job.warmup);
  const read = stopwatch();
  await run(job.messages);
  report(read(job.messages));
}

function receive(): void {
  const size = publishFrame(TOPIC, job.payload, 0, 4).length;
  const startsAt = SUBACK_BYTES + job.warmup * size;
  const endsAt = SUBACK_BYTES + (job.warmup + job.messages) * size;
  let seen = 0;
  let read: ((messages: number) => Figures) | undefined;
  socket.on('data', (chunk) => {
    seen += chunk.length;
    if (read === undefined && seen >= startsAt) read = stopwatch();
    if (seen >= endsAt && read !== undefined) report(read(job.messages));
  });
  socket.write(Buffer.concat([Buffer.from([0x82, name.length + 5, 0, 1, 0, name.length]), name, Buffer.from([0])]));
}

socket.write(CONNECT);
const connack = await next();
if (connack.length !== CONNACK_BYTES) throw new Error('the peer did not answer CONNECT with CONNACK');
if (job.scenario === 'publish') await publish();
else receive();
