import { ErrorCode, MqttError } from '../errors.js';
import { VAR_INT_MAX } from './var-int.js';

/** @throws MqttError for a packet above the protocol's limit (section 2.1.4). */
export function checkRemainingLength(remaining: number): void {
  if (remaining <= VAR_INT_MAX) return;
  throw new MqttError(`Packet cannot be sent: it has ${remaining} bytes; MQTT allows ${VAR_INT_MAX} at the most`, {
    code: ErrorCode.PACKET_TOO_LARGE,
  });
}
