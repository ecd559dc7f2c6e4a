import { asBytes } from '../bytes.js';
import { ErrorCode, MqttError, PublishError } from '../errors.js';
import type { PublishProperties } from '../packet/packets.js';
import { elapsed } from '../rx/clock.js';
import { quoted } from '../quoted.js';
import { OutgoingPublish, type PublishObserver } from '../session/outgoing-publish.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { checkNumber, isRecord, kindOf, refuseUnknown, shown } from '../options/check-options.js';
import type { Payload, PublishOptions } from './client-options.js';
import { toProperties } from './properties-input.js';

const KNOWN: readonly string[] = ['qos', 'retain', 'ackTimeout', 'properties'] satisfies (keyof PublishOptions)[];

/**
 * Checks the arguments of `publish()`.
 * @throws PublishError that names the invalid argument; TypeError for an unknown option.
 */
export function toOutgoing(
  topic: string,
  payload: Payload,
  options: PublishOptions = {},
  observer: PublishObserver,
): OutgoingPublish {
  const problem = topicNameProblem(topic);
  if (problem !== undefined) {
    throw invalid(`the topic ${problem}`, ErrorCode.INVALID_TOPIC, typeof topic === 'string' ? topic : undefined);
  }
  const given: unknown = options;
  if (!isRecord(given)) {
    // Not shown: a payload in the wrong place.
    throw new TypeError(`publish to ${quoted(topic)} failed: the options are ${kindOf(given)}; give an object`);
  }
  refuseUnknown(options, KNOWN, 'publish');
  const qos = options.qos ?? 0;
  const retain = options.retain ?? false;
  const properties = options.properties ?? undefined;
  const ackTimeout = options.ackTimeout ?? undefined;
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    throw invalid(`QoS is ${shown(qos)}; give 0, 1 or 2`, ErrorCode.INVALID_QOS, topic);
  }
  if (typeof retain !== 'boolean') {
    throw new TypeError(`publish to ${quoted(topic)} failed: retain is ${shown(retain)}; give true or false`);
  }
  const message = new OutgoingPublish(
    topic,
    toBytes(payload, topic),
    qos,
    retain,
    properties === undefined ? undefined : publishProperties(properties, topic),
    observer,
  );
  if (ackTimeout !== undefined) {
    checkNumber('ackTimeout', ackTimeout, 1, Infinity, 'ms', false, `publish to ${quoted(topic)} failed`);
    message.ackTimeout = ackTimeout;
  }
  if (message.properties?.messageExpiryInterval !== undefined) message.acceptedAt = elapsed();
  return message;
}

/** The bytes of a payload. */
export function toBytes(payload: Payload, topic: string): Uint8Array {
  const bytes = asBytes(payload);
  if (bytes !== undefined) return bytes;
  throw invalid(
    `the payload is of type ${payload === null ? 'null' : typeof payload}; ` +
      'give a string (JSON.stringify() makes one of it), a Uint8Array, an ArrayBuffer or a DataView',
    ErrorCode.INVALID_PAYLOAD,
    topic,
  );
}

/**
 * Drops the properties that belong to one connection, so that the properties of a received message can be reused
 * [MQTT-3.3.4-6].
 */
function publishProperties(input: NonNullable<PublishOptions['properties']>, topic: string): PublishProperties {
  try {
    const properties = toProperties(input, 'publish');
    delete properties.subscriptionIdentifier;
    delete properties.topicAlias;
    return properties;
  } catch (error) {
    if (!(error instanceof MqttError)) throw error;
    throw invalid(error.message, error.code, topic);
  }
}

function invalid(what: string, code: ErrorCode, topic?: string): PublishError {
  return new PublishError(`publish${topic === undefined ? '' : ` to ${quoted(topic)}`} failed: ${what}`, { code });
}
