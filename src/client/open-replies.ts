import { BoundedCache } from '../topic/bounded-cache.js';
import type { MqttMessage } from './mqtt-message.js';

/** How many requests are remembered. */
const CAPACITY = 200;

/**
 * The requests whose reply is being published, or has failed. Acknowledgements leave in order, so the acknowledgement
 * of such a request may wait behind another one; if the connection ends meanwhile, the broker sends the request again.
 */
export class OpenReplies {
  private readonly known = new BoundedCache<string, true>(CAPACITY);

  /** Whether this is a repetition of a known request, which must not be answered again. */
  has(request: MqttMessage): boolean {
    return request.dup && this.known.get(keyOf(request)) === true;
  }

  /** A reply is about to be published. */
  opened(request: MqttMessage): void {
    this.known.set(keyOf(request), true);
  }

  /** All replies have arrived. */
  answered(request: MqttMessage): void {
    this.known.delete(keyOf(request));
  }
}

/** A repetition has the same packet identifier [MQTT-4.4.0-1]. */
function keyOf({ packetId, properties }: MqttMessage): string {
  const { responseTopic = '', correlationData = new Uint8Array() } = properties ?? {};
  return `${packetId} ${correlationData.subarray(0, 64).join()} ${responseTopic}`;
}
