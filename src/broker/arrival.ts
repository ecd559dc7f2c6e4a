import { Observable } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { ConnectPacket, Packet } from '../packet/packets.js';
import { ServerDecoder } from '../packet/server-decoder.js';
import type { AcceptedConnection } from '../transport/transport.js';
import { refuse } from './connack.js';
import { PacketQueue } from './packet-queue.js';

/** A connection whose first packet was a CONNECT. */
export interface Arrival {
  readonly connection: AcceptedConnection;
  readonly connect: ConnectPacket;
  /** Everything behind it. */
  readonly packets: PacketQueue;
}

/**
 * Bytes to packets, the first of which must be CONNECT [MQTT-3.1.0-1]. Emits once, stays silent while the packets come
 * in, and completes with them; completes at once when the first packet is something else or malformed.
 */
export function arrivals(connection: AcceptedConnection, maximumPacketSize: number): Observable<Arrival> {
  return new Observable((subscriber) => {
    // The version is the client's to announce; 3.1.1 is what a refusal is written in until then.
    const decoder = new ServerDecoder({ protocolVersion: 4, maximumPacketSize });
    const packets = new PacketQueue(connection);
    let arrived = false;
    const emit = (packet: Packet): void => {
      if (arrived) return packets.next(packet);
      if (packet.cmd !== 'connect') throw new ProtocolError('the first packet is not CONNECT', { reasonCode: 0x82 });
      arrived = true;
      subscriber.next({ connection, connect: packet, packets });
    };
    subscriber.add(() => decoder.stop());
    subscriber.add(
      connection.incoming$.subscribe({
        next(bytes) {
          try {
            decoder.decode(bytes, emit);
          } catch (error) {
            if (arrived) return packets.end(error);
            if (error instanceof ProtocolError) refuseFirst(connection, bytes, error.reasonCode);
            subscriber.complete();
          }
        },
        error(error) {
          packets.end(error);
          subscriber.complete();
        },
        complete() {
          packets.end();
          subscriber.complete();
        },
      }),
    );
  });
}

/** Answers what is no acceptable CONNECT, as far as it can be told what the client would understand. */
function refuseFirst(connection: AcceptedConnection, chunk: Uint8Array, reasonCode: number): void {
  if (chunk[0] !== 0x10) return;
  // An unknown version is told so in the words of 3.1.1 [v4 MQTT-3.1.2-2]: those of MQTT 5 may mean nothing to it.
  if (reasonCode === 0x84) return refuse(connection, 4, reasonCode);
  if (announcesVersion5(chunk)) refuse(connection, 5, reasonCode);
}

function announcesVersion5(chunk: Uint8Array): boolean {
  let at = 1;
  while (at < 4 && (chunk[at] ?? 0) >= 0x80) at++;
  const name = [0, 4, 0x4d, 0x51, 0x54, 0x54, 5];
  return name.every((byte, index) => chunk[at + 1 + index] === byte);
}
