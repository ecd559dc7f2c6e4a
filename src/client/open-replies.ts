import { BoundedCache } from '../topic/bounded-cache.js';
import type { MqttMessage } from './mqtt-message.js';

/** How many requests are remembered. */
const CAPACITY = 200;

/**
 * The requests whose reply is on its way, or has failed. Acknowledgements leave in order, so that of such a request may
 * wait behind another one: when the connection ends meanwhile, the broker sends the request again.
 */
export class OpenReplies {
  private readonly known = new BoundedCache<string, true>(CAPACITY);

  /** Whether the broker repeats a request of which another reply could only repeat the outcome of the first. */
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

/** A repetition has the identifier of the first one [MQTT-4.4.0-1]. */
function keyOf({ packetId, properties }: MqttMessage): string {
  const { responseTopic = '', correlationData = new Uint8Array() } = properties ?? {};
  return `${packetId} ${correlationData.subarray(0, 64).join()} ${responseTopic}`;
}
