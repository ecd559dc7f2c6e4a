import { parser as createParser, type Packet as ParsedPacket, type Parser } from 'mqtt-packet';
import { malformed } from './malformed.js';
import type { Packet, ProtocolVersion, QoS, RetainHandling, Subscription, WillPacket } from './packets.js';
import type { Checked } from './validate.js';

/**
 * Reads the packets that only clients send with mqtt-packet, one complete, validated frame at a time. The properties
 * come from the validation, because mqtt-packet loses the order of user properties.
 */
export class MqttPacketFrames {
  private readonly parser: Parser;
  private parsed: ParsedPacket | undefined;
  private error: unknown;

  constructor(readonly version: ProtocolVersion) {
    this.parser = createParser({ protocolVersion: version });
    this.parser.on('packet', (packet) => (this.parsed = packet));
    this.parser.on('error', (error: unknown) => (this.error = error));
  }

  /** @throws ProtocolError 0x81 if mqtt-packet rejects the frame. */
  read(frame: Uint8Array, checked: Checked): Packet {
    this.parsed = undefined;
    this.error = undefined;
    try {
      // mqtt-packet wraps any Uint8Array in a Buffer over the same memory.
      this.parser.parse(frame as Buffer);
    } catch (cause) {
      this.error = cause;
    }
    const packet = this.parsed as ParsedPacket | undefined;
    if (this.error !== undefined || packet === undefined) throw malformed('mqtt-packet rejects it', this.error);
    return translate(packet, checked);
  }
}

function translate(packet: ParsedPacket, { version, bridge, properties, willProperties }: Checked): Packet {
  const packetId = packet.messageId ?? 0;
  switch (packet.cmd) {
    case 'connect': {
      const { will } = packet;
      return {
        cmd: 'connect',
        protocolVersion: version,
        clientId: packet.clientId,
        ...(bridge && { bridge }),
        clean: packet.clean === true,
        keepalive: packet.keepalive ?? 0,
        username: packet.username,
        password: packet.password === undefined ? undefined : plainView(packet.password),
        will:
          will && willOf(will.topic, will.payload as Uint8Array, will.qos ?? 0, will.retain === true, willProperties),
        properties,
      };
    }
    case 'subscribe':
      return { cmd: 'subscribe', packetId, subscriptions: packet.subscriptions.map(subscriptionOf), properties };
    case 'unsubscribe':
      return { cmd: 'unsubscribe', packetId, filters: packet.unsubscriptions, properties };
    default:
      throw malformed(`${packet.cmd.toUpperCase()} is not sent by clients`);
  }
}

function willOf(
  topic: string,
  payload: Uint8Array,
  qos: QoS,
  retain: boolean,
  properties: WillPacket['properties'],
): WillPacket {
  return { topic, payload: plainView(payload), qos, retain, properties };
}

function subscriptionOf(parsed: { topic: string; qos: QoS; nl?: boolean; rap?: boolean; rh?: number }): Subscription {
  const { topic: filter, qos, nl, rap, rh } = parsed;
  // QoS is the only option in 3.1 and 3.1.1.
  if (rh === undefined) return { filter, qos };
  return { filter, qos, noLocal: nl, retainAsPublished: rap, retainHandling: rh as RetainHandling };
}

/** The same bytes as a plain Uint8Array. */
function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
