import type { MonoTypeOperatorFunction } from 'rxjs';
import { ProtocolError } from '../errors.js';
import type { Packet } from '../packet/packets.js';
import { operate } from '../rx/operate.js';

/**
 * Errors with `ProtocolError` if the broker sends a reason string or user properties although we disabled them with
 * Request Problem Information 0 [MQTT-3.1.2-29]. PUBLISH, CONNACK and DISCONNECT may still carry them.
 */
export function refuseProblemInformation(): MonoTypeOperatorFunction<Packet> {
  return operate((subscriber) => (packet) => {
    rejectProblemInformation(packet);
    subscriber.next(packet);
  });
}

/** @throws ProtocolError when the packet carries a reason string or user properties but may not. */
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
      throw new ProtocolError(`${packet.cmd.toUpperCase()} carries problem information, which CONNECT turned off`, {
        reasonCode: 0x82,
      });
  }
}
