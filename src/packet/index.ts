/**
 * The codec: bytes to packets and back, properties, reason codes, topic rules. It knows no RxJS.
 *
 * @module rxmqtt/packet
 */
export { checkProperties } from './check-properties.js';
export { createDecoder, decode, encode, type DecodeOptions } from './codec.js';
export type { PacketDecoder } from './decoder.js';
export type { Side } from './fixed-header.js';
export { LARGEST_PACKET } from './limits.js';
export type * from './packets.js';
export { QoS, RetainHandling } from './packets.js';
export { normalizeUserProperties } from './properties.js';
export { PropertyId } from './property-id.js';
export {
  propertyById,
  propertyByName,
  propertyTable,
  PropertyWireType,
  type PropertyCarrier,
  type PropertyRule,
} from './property-table.js';
export { PublishPacket, type Acknowledger } from './publish-packet.js';
export { allowedReasonCodes, ConnectReturnCode, ReasonCode, reasonCodeName } from './reason-codes.js';
export { ErrorCode, MqttError, ProtocolError } from '../errors.js';
export { matches } from '../topic/matches.js';
export { topicFilterProblem } from '../topic/topic-filter.js';
export { topicNameProblem } from '../topic/topic-name.js';
