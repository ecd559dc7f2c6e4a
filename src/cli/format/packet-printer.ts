import type { Packet, PacketEvent, ProtocolVersion } from 'rxmqtt';
import type { Terminal } from '../terminal.js';
import { hexDump } from './hex-dump.js';
import { packetLine } from './packet-line.js';
import { styled } from './style.js';

/**
 * Makes packet printers, one for each client. They print to the standard error and never show a secret: at level 1 a
 * line per packet, at level 2 also the bytes. Undefined for level 0.
 */
export async function packetPrinter(
  level: number,
  terminal: Terminal,
): Promise<(() => (event: PacketEvent) => void) | undefined> {
  if (level === 0) return undefined;
  // Loaded only when needed, because it takes some megabytes.
  const encode = level > 1 ? (await import('rxmqtt/packet')).encode : undefined;
  const colours = { hasColours: terminal.showsStatus && terminal.hasColours };
  const print = (text: string): void => terminal.err(styled('dim', text, colours));
  return () => {
    let version: ProtocolVersion = 5;
    return ({ direction, packet }) => {
      if (packet.cmd === 'connect') version = packet.protocolVersion;
      print(`${direction === 'in' ? '<' : '>'} ${packetLine(packet)}`);
      if (encode !== undefined) print(hexDump(encode(withoutSecrets(packet), version)));
    };
  };
}

/** Replaces secrets by stars of the same length. */
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
