import {
  ClosedError,
  ConnectError,
  ErrorCode,
  MqttError,
  ProtocolError,
  PublishError,
  SessionLostError,
} from '../errors.js';
import type { AckPacket } from '../packet/packets.js';
import { reasonCodeName } from '../packet/reason-codes.js';
import { quoted } from '../quoted.js';
import type { OutgoingPublish } from './outgoing-publish.js';

/** An acknowledgement that does not fit its exchange. */
export function outOfOrder(packet: AckPacket, what: string): ProtocolError {
  return new ProtocolError(`the peer sent ${packet.cmd.toUpperCase()} ${packet.packetId} for ${what}`, {
    reasonCode: 0x82,
  });
}

/** It is unknown whether the broker has the message. */
export function inDoubt(message: OutgoingPublish): SessionLostError {
  return new SessionLostError(
    `publish to ${quoted(message.topic)} is in doubt: the broker lost the session before it acknowledged the message; ` +
      `publish it again if a second copy does no harm`,
    { inDoubt: true },
  );
}

/** The client has ended, for this reason, before the message was finished. */
export function notFinished({ topic, sent, log }: OutgoingPublish, reason: MqttError): ClosedError {
  const { cause, reasonCode } = reason;
  const outcome = `was not ${sent ? 'acknowledged' : 'sent'}`;
  const isKept = !(cause instanceof MqttError && cause.code === ErrorCode.STORE);
  const rest = log === undefined ? '' : isKept ? ', and stays in the store' : ', and may be missing from the store';
  return new ClosedError(`publish to ${quoted(topic)} ${outcome}${rest}: ${reason.message}`, { cause, reasonCode });
}

/** The options do not allow the message to wait for a connection. */
export function notConnected(message: OutgoingPublish, cause?: MqttError): ConnectError {
  return new ConnectError(
    `publish to ${quoted(message.topic)} failed: not connected, and the option retention or ` +
      `offline.qos0 does not allow queueing; wait for the connection, or change the option`,
    { cause },
  );
}

/** The broker answered with a reason code of 0x80 or above. */
export function refusedByBroker(message: OutgoingPublish, reasonCode: number): PublishError {
  return new PublishError(
    `publish to ${quoted(message.topic)} was refused by the broker: ${reasonCodeName(reasonCode)}`,
    {
      reasonCode,
    },
  );
}

/** None of the allowed connections brought an acknowledgement. */
export function givenUp(message: OutgoingPublish): PublishError {
  return new PublishError(
    `publish to ${quoted(message.topic)} was given up: each connection that carried it ended before its acknowledgement; ` +
      `look at the topic and the permissions`,
  );
}

/** The `Quarantine` found that the broker ends connections over this message. */
export function poisonError(message: OutgoingPublish, reason: MqttError): PublishError {
  return new PublishError(
    `publish to ${quoted(message.topic)} was set aside: the broker ended the connection each time it was sent alone ` +
      `(${reason.message}); look at the size, the topic and the permissions`,
    { cause: reason, reasonCode: reason.reasonCode },
  );
}
