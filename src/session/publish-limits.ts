import { ErrorCode, PublishError } from '../errors.js';
import { publishSize } from '../packet/encode.js';
import type { SendLimits } from '../packet/limits.js';
import type { ProtocolVersion, QoS } from '../packet/packets.js';
import { quoted } from '../quoted.js';
import { levelCount } from '../topic/level-count.js';
import type { OutgoingPublish } from './outgoing-publish.js';

/** Bounds of every publish that the application sets, in addition to the broker's announced limits. */
export interface PublishLimits {
  /** The most PUBLISH packets within any second, repetitions included. Further ones wait in the outbox. */
  readonly publishRate?: number;
  /** The most QoS 1 and 2 messages that are sent and not acknowledged. Further ones wait in the outbox. */
  readonly inFlight?: number;
  /** The largest PUBLISH packet, in bytes. A larger one errors. */
  readonly packetSize?: number;
  /** The most levels of a topic: `a/b/c` has three. A topic with more errors. */
  readonly topicLevels?: number;
  /**
   * The highest QoS. A publish above it errors, or is sent at that QoS with `downgradeQos`. It also bounds the QoS of
   * subscriptions.
   */
  readonly qos?: QoS;
}

/**
 * Why the application's limits refuse a message; undefined if they do not. The size depends on the protocol version;
 * version 4 gives the smallest.
 */
export function overLimits(
  message: OutgoingPublish,
  limits: PublishLimits,
  version: ProtocolVersion = 4,
): PublishError | undefined {
  const { qos = 2, topicLevels = Infinity, packetSize = Infinity } = limits;
  const { topic, payload, properties } = message;
  if (message.qos > qos) {
    return refused(topic, `QoS ${message.qos} is above limits.qos; publish with QoS ${qos}, or set downgradeQos`, {
      code: ErrorCode.NOT_SUPPORTED,
      reasonCode: 0x9b,
    });
  }
  if (topicLevels !== Infinity && levelCount(topic) > topicLevels) {
    return refused(topic, `the topic has ${levelCount(topic)} levels, and limits.topicLevels is ${topicLevels}`, {
      code: ErrorCode.INVALID_TOPIC,
      reasonCode: 0x90,
    });
  }
  if (packetSize === Infinity) return undefined;
  const size = publishSize(version, topic, payload, message.qos, properties);
  if (size <= packetSize) return undefined;
  return refused(topic, `the packet has ${size} bytes, and limits.packetSize is ${packetSize}; send less at once`, {
    code: ErrorCode.PACKET_TOO_LARGE,
    reasonCode: 0x95,
  });
}

/** The broker's limits, tightened by the application's own. */
export function tightened(limits: SendLimits, own: PublishLimits | undefined): SendLimits {
  if (own === undefined) return limits;
  return {
    protocolVersion: limits.protocolVersion,
    receiveMaximum: Math.min(limits.receiveMaximum, own.inFlight ?? Infinity),
    maximumQoS: Math.min(limits.maximumQoS, own.qos ?? 2) as QoS,
    retainAvailable: limits.retainAvailable,
    maximumPacketSize: limits.maximumPacketSize,
  };
}

function refused(topic: string, why: string, options: { code: ErrorCode; reasonCode: number }): PublishError {
  return new PublishError(`publish to ${quoted(topic)} failed: ${why}`, options);
}
