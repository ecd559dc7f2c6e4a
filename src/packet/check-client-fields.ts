import { ErrorCode } from '../errors.js';
import { checkCodes, checkCredentials, checkPacketId, checkSize, checkText, isWhole, refused } from './check-fields.js';
import type { ConnectPacket, Packet, ProtocolVersion } from './packets.js';

/** The packets that a client sends besides PUBLISH and its acknowledgements; servers send the last two, too. */
export type ClientPacket = Extract<
  Packet,
  { readonly cmd: 'connect' | 'subscribe' | 'unsubscribe' | 'pingreq' | 'disconnect' | 'auth' }
>;

/**
 * Checks the fields of a packet that a client sends.
 * @throws MqttError that names the field but does not quote its value.
 */
export function checkClientFields(packet: ClientPacket, version: ProtocolVersion): void {
  switch (packet.cmd) {
    case 'connect':
      return checkConnect(packet);
    case 'subscribe':
      checkPacketId(packet.packetId, 'SUBSCRIBE');
      checkFilters(
        packet.subscriptions.map(({ filter }) => filter),
        'SUBSCRIBE',
      );
      for (const { qos, retainHandling = 0 } of packet.subscriptions) {
        if (!isWhole(qos, 0, 2)) throw refused('SUBSCRIBE', 'its QoS is not 0, 1 or 2', ErrorCode.INVALID_QOS);
        if (!isWhole(retainHandling, 0, 2)) throw refused('SUBSCRIBE', 'its retain handling is not 0, 1 or 2');
      }
      return;
    case 'unsubscribe':
      checkPacketId(packet.packetId, 'UNSUBSCRIBE');
      return checkFilters(packet.filters, 'UNSUBSCRIBE');
    case 'auth':
      if (version !== 5) throw refused('AUTH', 'only MQTT 5 has it');
      return checkCodes([packet.reasonCode], 'AUTH');
    case 'disconnect':
      return checkCodes([packet.reasonCode], 'DISCONNECT');
    case 'pingreq':
      return;
  }
}

function checkConnect(packet: ConnectPacket): void {
  const { protocolVersion, clientId, clean, keepalive, will } = packet;
  checkText(clientId, 'CONNECT', 'client identifier');
  if (!isWhole(protocolVersion, 3, 5)) throw refused('CONNECT', 'its protocol version is not 3, 4 or 5');
  if (clientId === '' && (protocolVersion === 3 || (protocolVersion === 4 && !clean))) {
    throw refused('CONNECT', 'its client identifier is empty; give one, or ask for a clean session on 3.1.1');
  }
  if (!isWhole(keepalive, 0, 0xffff)) throw refused('CONNECT', 'its keep-alive is not a whole number from 0 to 65535');
  checkCredentials(packet);
  if (will === undefined) return;
  checkText(will.topic, 'CONNECT', 'will topic', ErrorCode.INVALID_TOPIC);
  if (will.topic === '' || /[+#]/.test(will.topic)) {
    throw refused('CONNECT', 'its will topic is empty or holds a wildcard', ErrorCode.INVALID_TOPIC);
  }
  if (!isWhole(will.qos, 0, 2)) throw refused('CONNECT', 'its will QoS is not 0, 1 or 2', ErrorCode.INVALID_QOS);
  checkSize(will.payload, 'will payload');
}

function checkFilters(filters: readonly string[], packet: string): void {
  if (filters.length === 0) throw refused(packet, 'it has no topic filter', ErrorCode.INVALID_FILTER);
  for (const filter of filters) {
    checkText(filter, packet, 'topic filter', ErrorCode.INVALID_FILTER);
    if (filter === '') throw refused(packet, 'a topic filter is empty', ErrorCode.INVALID_FILTER);
  }
}
