import type { MonoTypeOperatorFunction } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { Packet } from '../packet/packets.js';
import { operate } from '../rx/operate.js';

/**
 * Errors with `ProtocolError` when the broker explains itself in a packet where we asked it not to, with Request Problem
 * Information 0 [MQTT-3.1.2-29]. PUBLISH, CONNACK and DISCONNECT may do so all the same.
 */
export function refuseProblemInformation(): MonoTypeOperatorFunction<Packet> {
  return operate((subscriber) => (packet) => {
    rejectProblemInformation(packet);
    subscriber.next(packet);
  });
}

/** @throws ProtocolError when the packet carries a reason string or user properties, and is not one that may. */
export function rejectProblemInformation(packet: Packet): void {
  switch (packet.cmd) {
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
    case 'suback':
    case 'unsuback':
    case 'auth':
      if (packet.properties?.reasonString === undefined && packet.properties?.userProperties === undefined) return;
      throw new ProtocolError(`${packet.cmd.toUpperCase()} explains itself though we asked for silence`, {
        reasonCode: 0x82,
      });
  }
}
