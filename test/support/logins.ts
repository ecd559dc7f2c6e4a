import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeAny } from '../../src/packet/encode-any.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { connectPacket } from './raw-client.js';

/** Sockets that are dialled at a time: Mosquitto keeps a hundred that it has not accepted. */
const AT_A_TIME = 50;

export interface Login {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

/** How a login ended: the return code of CONNACK (3.1.1), or undefined for a connection that was closed without one. */
export interface Outcome {
  readonly code: number | undefined;
  /** ms after the CONNECTs were sent. */
  readonly after: number;
}

/**
 * Opens a connection for each login, then sends all CONNECTs at once; resolves when each is answered or closed.
 *
 * @param accepted - whether the broker has accepted so many: until then they wait in the kernel.
 */
export async function logInAtOnce(
  url: string,
  logins: readonly Login[],
  accepted: (count: number) => Promise<boolean>,
): Promise<readonly Outcome[]> {
  const { sockets, answers } = await openAll(url, logins.length);
  try {
    while (!(await accepted(logins.length))) await wait(10);
    const began = performance.now();
    logins.forEach((login, index) => sockets[index]?.write(connectOf(login)));
    return await Promise.all(answers.map(async (answer) => ({ code: await answer, after: performance.now() - began })));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

interface Opened {
  readonly sockets: readonly Socket[];
  /** A socket may be closed before the last one is open. */
  readonly answers: readonly Promise<number | undefined>[];
}

async function openAll(url: string, count: number): Promise<Opened> {
  const { hostname: host, port } = new URL(url);
  const sockets: Socket[] = [];
  const answers: Promise<number | undefined>[] = [];
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(AT_A_TIME, count - sockets.length) }, () =>
      dial({ host, port: Number(port), noDelay: true }),
    );
    answers.push(...next.map((socket) => answerOf(socket)));
    await Promise.all(next.map((socket) => once(socket, 'connect')));
    sockets.push(...next);
  }
  return { sockets, answers };
}

function answerOf(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(undefined));
    // CONNACK of 3.1.1 has four bytes.
    socket.once('data', (bytes) => resolve(bytes[3]));
  });
}

function connectOf({ clientId, username, password }: Login): Uint8Array {
  const out = new WriteBuffer(256);
  encodeAny(connectPacket({ protocolVersion: 4, clientId, username, password: Buffer.from(password) }), out, 4);
  return Buffer.concat(out.take());
}
