import { Subscription } from 'rxjs';
import type { MqttClient, Packet, ProtocolVersion } from 'rxmqtt';
import type { Terminal } from '../terminal.js';
import { hexDump } from './hex-dump.js';
import { packetLine } from './packet-line.js';
import { styled } from './style.js';

/** Shows each packet of a client on the standard error: 1 as a line, 2 with its bytes; never a secret. */
export async function showPackets(client: MqttClient, level: number, terminal: Terminal): Promise<Subscription> {
  if (level === 0) return new Subscription();
  // It takes some megabytes to be loaded.
  const encode = level > 1 ? (await import('rxmqtt/packet')).encode : undefined;
  let version: ProtocolVersion = 5;
  return client.packets$.subscribe(({ direction, packet }) => {
    if (packet.cmd === 'connect') version = packet.protocolVersion;
    const colours = { hasColours: terminal.showsStatus && terminal.hasColours };
    terminal.err(styled('dim', `${direction === 'in' ? '<' : '>'} ${packetLine(packet)}`, colours));
    if (encode !== undefined) terminal.err(styled('dim', hexDump(encode(withoutSecrets(packet), version)), colours));
  });
}

/** With stars in the place of secrets, so that lengths stay as they are. */
function withoutSecrets(packet: Packet): Packet {
  switch (packet.cmd) {
    case 'connect':
      return {
        ...packet,
        ...(packet.password !== undefined && { password: stars(packet.password) }),
        ...('properties' in packet && { properties: withoutAuthentication(packet.properties) }),
      };
    case 'connack':
    case 'auth':
      return { ...packet, properties: withoutAuthentication(packet.properties) };
    default:
      return packet;
  }
}

function withoutAuthentication<P extends { readonly authenticationData?: Uint8Array }>(properties?: P): P | undefined {
  const { authenticationData } = properties ?? {};
  if (properties === undefined || authenticationData === undefined) return properties;
  return { ...properties, authenticationData: stars(authenticationData) };
}

const stars = (secret: Uint8Array): Uint8Array => new Uint8Array(secret.length).fill(0x2a);
