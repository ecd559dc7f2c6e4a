import { ReasonCode } from '../../packet/reason-codes.js';

/** Why a CONNECT is refused, without hints for guessing who may connect. */
export const CONNACK_REASONS: ReadonlyMap<number, string> = new Map([
  [ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, 'the client identifier is not valid'],
  [ReasonCode.BAD_USER_NAME_OR_PASSWORD, 'the user name or the password is not accepted'],
  [ReasonCode.NOT_AUTHORIZED, 'not authorized to connect'],
  [ReasonCode.BANNED, 'this client is banned'],
  [ReasonCode.BAD_AUTHENTICATION_METHOD, 'the authentication method is not supported'],
  [ReasonCode.TOPIC_NAME_INVALID, 'the topic of the will has too many levels'],
  [ReasonCode.QUOTA_EXCEEDED, 'there is no room for another session'],
  [ReasonCode.QOS_NOT_SUPPORTED, 'the QoS of the will is not available to this client'],
  [ReasonCode.RETAIN_NOT_SUPPORTED, 'the will is retained, and retained messages are not available to this client'],
  [ReasonCode.SERVER_UNAVAILABLE, 'the broker cannot answer for now; try again later'],
  [ReasonCode.CONNECTION_RATE_EXCEEDED, 'too many clients are connecting; try again later'],
]);

/** Why a filter is refused. */
export const SUBACK_REASONS: ReadonlyMap<number, string> = new Map([
  [ReasonCode.NOT_AUTHORIZED, 'not authorized for a topic filter'],
  [ReasonCode.TOPIC_FILTER_INVALID, 'a topic filter has too many levels'],
  [ReasonCode.QUOTA_EXCEEDED, 'this session has the maximum number of subscriptions'],
]);

/** Why the broker ends a connection, other than for a protocol error. */
export const DISCONNECT_REASONS: ReadonlyMap<number, string> = new Map([
  [ReasonCode.NOT_AUTHORIZED, 'not authorized any more'],
  [ReasonCode.SERVER_SHUTTING_DOWN, 'the broker is shutting down'],
  [ReasonCode.KEEP_ALIVE_TIMEOUT, 'nothing arrived within one and a half times the keep-alive'],
  [ReasonCode.SESSION_TAKEN_OVER, 'another connection uses this client identifier'],
  [ReasonCode.QUOTA_EXCEEDED, 'messages were not acknowledged or read in time, and the queue is full'],
  [ReasonCode.ADMINISTRATIVE_ACTION, 'disconnected by an administrator'],
]);

/** A reason from elsewhere, cut to one line. */
export function shorten(reason: string): string {
  return reason.length <= 120 ? reason : `${reason.slice(0, 119)}…`;
}
