/**
 * The floors: bare sockets that move the same bytes. `raw` does so in blocks and looks at none of them; `packets` takes
 * each packet in hand, as a client has to: it copies every one of them into a block, or finds where every one ends.
 */
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

const BLOCK = 65_536;

async function write(bytes: Uint8Array): Promise<void> {
  if (!socket.write(bytes)) await new Promise((resolve) => socket.once('drain', resolve));
}

/** Chunks of 64 KiB, each when the one before was taken; one packet at a time where that is less. */
async function writeBlocks(count: number): Promise<void> {
  const { bytes, ends } = frameRow({ topics: [TOPIC], payload: job.payload, qos: 0, version: 4, webSocket: false });
  for (let left = count; left > 0;) {
    const packets = Math.min(left, ends.length);
    left -= packets;
    await write(bytes.subarray(0, ends[packets - 1]));
  }
}

/** Blocks of 64 KiB, into which one packet after the other is copied. */
async function writePackets(count: number): Promise<void> {
  const packet = publishFrame(TOPIC, job.payload, 0, 4);
  let block = Buffer.allocUnsafe(BLOCK);
  let used = 0;
  for (let left = count; left > 0; left--) {
    if (used + packet.length > BLOCK) {
      await write(block.subarray(0, used));
      block = Buffer.allocUnsafe(BLOCK);
      used = 0;
    }
    block.set(packet, used);
    used += packet.length;
  }
  await write(block.subarray(0, used));
}

async function publish(): Promise<void> {
  const last = publishFrame(TOPIC, job.payload, 1, 4, 1);
  const run = async (count: number): Promise<void> => {
    await (job.client === 'packets' ? writePackets(count) : writeBlocks(count));
    const acknowledged = next();
    socket.write(last);
    await acknowledged;
  };
  await run(job.warmup);
  const read = stopwatch();
  await run(job.messages);
  report(read(job.messages));
}

/** Counts packets of one size by their bytes. */
function countBytes(size: number): (chunk: Buffer) => number {
  let bytes = -SUBACK_BYTES;
  return (chunk) => Math.floor((bytes += chunk.length) / size);
}

/** Counts packets by their headers, each with a remaining length of one byte. */
function countHeaders(): (chunk: Buffer) => number {
  let skip = SUBACK_BYTES;
  let hasType = false;
  let packets = 0;
  return (chunk) => {
    let at = skip;
    while (at < chunk.length) {
      if (!hasType) {
        hasType = true;
        at++;
        continue;
      }
      hasType = false;
      at += 1 + (chunk[at] as number);
      packets++;
    }
    skip = at - chunk.length;
    return packets;
  };
}

function receive(): void {
  const count = job.client === 'packets' ? countHeaders() : countBytes(publishFrame(TOPIC, job.payload, 0, 4).length);
  let read: ((messages: number) => Figures) | undefined;
  socket.on('data', (chunk) => {
    const seen = count(chunk);
    if (read === undefined && seen >= job.warmup) read = stopwatch();
    if (seen >= job.warmup + job.messages && read !== undefined) report(read(job.messages));
  });
  socket.write(Buffer.concat([Buffer.from([0x82, name.length + 5, 0, 1, 0, name.length]), name, Buffer.from([0])]));
}

socket.write(CONNECT);
const connack = await next();
if (connack.length !== CONNACK_BYTES) throw new Error('the peer did not answer CONNECT with CONNACK');
if (job.scenario === 'publish') await publish();
else receive();
