import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeAny } from '../../../src/packet/encode-any.js';
import type { ConnectPacket, Packet, ProtocolVersion } from '../../../src/packet/packets.js';
import { WriteBuffer } from '../../../src/packet/write-buffer.js';
import { connectPacket } from '../../support/raw-client.js';

/** A packet as it is on the wire. */
export function bytesOf(packet: Packet, version: ProtocolVersion = 5): Uint8Array {
  const out = new WriteBuffer(1024);
  encodeAny(packet, out, version);
  return Buffer.concat(out.take());
}

/** One packet many times. */
export const repeated = (packet: Uint8Array, times: number): Uint8Array =>
  Buffer.concat(new Array<Uint8Array>(times).fill(packet));

/** A connection that sends any bytes and reads only when it is told to. Errors of the line are not its concern. */
export class Attacker {
  /** Bytes that came in. */
  received = 0;
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => (this.isClosed = true));
  }

  /** Opens a connection that sends and reads nothing. */
  static async open(url: string): Promise<Attacker> {
    const { hostname, port } = new URL(url);
    const socket = dial({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new Attacker(socket);
  }

  /** Opens a connection, sends CONNECT, waits for the first bytes of the answer, and reads no more. */
  static async connect(url: string, options: Partial<ConnectPacket> = {}): Promise<Attacker> {
    const attacker = await Attacker.open(url);
    const packet = connectPacket(options);
    attacker.socket.write(bytesOf(packet, packet.protocolVersion));
    await Promise.race([once(attacker.socket, 'readable'), once(attacker.socket, 'close')]);
    attacker.socket.read();
    return attacker;
  }

  /** Reads and forgets all that comes from now on. */
  read(): this {
    this.socket.on('data', (chunk: Uint8Array) => (this.received += chunk.length));
    return this;
  }

  /** Sends bytes and waits until the kernel has them, the connection ends, or so many ms have passed. */
  async send(bytes: Uint8Array, patience = 60_000): Promise<void> {
    if (this.isClosed || this.socket.write(bytes)) return;
    const over = new AbortController();
    const { signal } = over;
    const given = [once(this.socket, 'drain', { signal }), once(this.socket, 'close', { signal })];
    await Promise.race([...given, wait(patience, undefined, { signal })]).catch(() => undefined);
    over.abort();
    await Promise.allSettled(given);
  }

  /** Sends the same bytes again and again, as fast as they are taken, for so many ms. Returns how many bytes it sent. */
  async flood(bytes: Uint8Array, ms: number): Promise<number> {
    const until = performance.now() + ms;
    let sent = 0;
    while (!this.isClosed && performance.now() < until) {
      await this.send(bytes, until - performance.now());
      sent += bytes.length;
      // A socket that takes everything at once would never let anything else run.
      await wait(0);
    }
    return sent;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
