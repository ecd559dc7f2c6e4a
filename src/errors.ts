/**
 * All error classes of the library. Match on {@link MqttError.code} or use `instanceof`: the classes are branded, so
 * `instanceof` works across copies of the package.
 */

/** The stable codes of {@link MqttError}. */
export const ErrorCode = {
  /** The socket could not be opened, or was lost. */
  CONNECTION_LOST: 'CONNECTION_LOST',
  /** The broker refused CONNECT. */
  CONNECTION_REFUSED: 'CONNECTION_REFUSED',
  /** The broker ended an established connection. */
  DISCONNECTED: 'DISCONNECTED',
  /** An unusable URL, option or argument. */
  INVALID_OPTION: 'INVALID_OPTION',
  /** The platform lacks something that the client needs; the message says what, and how to provide it. */
  UNSUPPORTED_PLATFORM: 'UNSUPPORTED_PLATFORM',
  /** A topic name that breaks the rules of section 4.7. */
  INVALID_TOPIC: 'INVALID_TOPIC',
  /** A topic filter that breaks the rules of section 4.7 or 4.8. */
  INVALID_FILTER: 'INVALID_FILTER',
  /** A QoS that is not 0, 1 or 2. */
  INVALID_QOS: 'INVALID_QOS',
  /** A payload of a type that cannot be sent, or one that does not match the schema of `parse`. */
  INVALID_PAYLOAD: 'INVALID_PAYLOAD',
  /** A received payload that is not JSON; see `cause`. */
  INVALID_JSON: 'INVALID_JSON',
  /** A property that is unknown, not allowed in this packet, or out of range. */
  INVALID_PROPERTY: 'INVALID_PROPERTY',
  /** The broker announced that it does not support this, or the protocol version lacks it. */
  NOT_SUPPORTED: 'NOT_SUPPORTED',
  /** A packet above the maximum packet size of the broker or the protocol. */
  PACKET_TOO_LARGE: 'PACKET_TOO_LARGE',
  /** The filter has no subscriber in this client. */
  NOT_SUBSCRIBED: 'NOT_SUBSCRIBED',
  /** The broker refused a filter in SUBACK. */
  SUBSCRIBE_REFUSED: 'SUBSCRIBE_REFUSED',
  /** Another observer of this filter has conflicting options. */
  SUBSCRIBE_CONFLICT: 'SUBSCRIBE_CONFLICT',
  /** The broker refused a message in PUBACK or PUBREC. */
  PUBLISH_REFUSED: 'PUBLISH_REFUSED',
  /** The handler of `respond` failed, so a request got no answer. */
  REQUEST_FAILED: 'REQUEST_FAILED',
  /** The peer broke the protocol. */
  PROTOCOL: 'PROTOCOL',
  /** An authentication mechanism failed, or rejected the broker; see `cause`. */
  AUTH_FAILED: 'AUTH_FAILED',
  /** A time limit passed. */
  TIMEOUT: 'TIMEOUT',
  /** The outbox is full. */
  QUEUE_FULL: 'QUEUE_FULL',
  /** Messages whose observers left without acknowledging them fill the receive window. */
  WINDOW_FULL: 'WINDOW_FULL',
  /** The message expired before it could be sent. */
  EXPIRED: 'EXPIRED',
  /** The broker lost the session that a message belonged to. */
  SESSION_LOST: 'SESSION_LOST',
  /** A hook of the broker threw, gave no valid answer, or took too long; see `cause`. */
  HOOK_FAILED: 'HOOK_FAILED',
  /** The store cannot be read or written, or holds damaged records. */
  STORE: 'STORE',
  /** The client has ended. */
  CLOSED: 'CLOSED',
} as const;
/** One of the codes of an {@link MqttError}. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** Options of the constructors of {@link MqttError} and its subclasses. */
export interface MqttErrorOptions {
  /** Stable; each class has its default. */
  readonly code?: ErrorCode;
  /** The MQTT reason code (MQTT 5) or return code (3.1.1) behind the error. */
  readonly reasonCode?: number | undefined;
  /** The underlying error, if any. */
  readonly cause?: unknown;
}

const brand = (name: string): symbol => Symbol.for(`rxmqtt.${name}`);

/** Brands a class, and makes `instanceof` look for the brand instead of the prototype. */
function branded(target: abstract new (...args: never[]) => MqttError, name: string): void {
  const mark = brand(name);
  Object.defineProperty(target.prototype, mark, { value: true });
  Object.defineProperty(target.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(target, Symbol.hasInstance, {
    value: (candidate: unknown): boolean => typeof candidate === 'object' && candidate !== null && mark in candidate,
  });
}

/** The base of all errors of the library. */
export class MqttError extends Error {
  /** Stable; match on it. */
  readonly code: ErrorCode;
  /** The MQTT reason code (MQTT 5) or return code (3.1.1) behind the error, if any. */
  readonly reasonCode: number | undefined;

  constructor(message: string, options: MqttErrorOptions & { readonly code: ErrorCode }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.reasonCode = options.reasonCode;
  }
}
branded(MqttError, 'MqttError');

/** The connection failed, was refused, or was lost. */
export class ConnectError extends MqttError {
  /** The server that the broker redirects to, in the broker's words (MQTT 5, reason codes 0x9C and 0x9D). */
  readonly serverReference: string | undefined;

  constructor(message: string, options: MqttErrorOptions & { readonly serverReference?: string | undefined } = {}) {
    super(message, { code: ErrorCode.CONNECTION_LOST, ...options });
    this.serverReference = options.serverReference;
  }
}
branded(ConnectError, 'ConnectError');

/** A subscription is invalid, was refused by the broker, or conflicts with another observer's options. */
export class SubscribeError extends MqttError {
  /** The topic filter that failed. */
  readonly filter: string;

  constructor(message: string, options: MqttErrorOptions & { readonly filter: string }) {
    super(message, { code: ErrorCode.SUBSCRIBE_REFUSED, ...options });
    this.filter = options.filter;
  }
}
branded(SubscribeError, 'SubscribeError');

/** A publish is invalid, was refused by the broker, or cannot be sent. */
export class PublishError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.PUBLISH_REFUSED, ...options });
  }
}
branded(PublishError, 'PublishError');

/** The peer sent something malformed or out of order. On MQTT 5, DISCONNECT carries the `reasonCode`. */
export class ProtocolError extends MqttError {
  /** The reason code that names the violation. */
  declare readonly reasonCode: number;

  constructor(message: string, options: MqttErrorOptions & { readonly reasonCode: number }) {
    super(message, { code: ErrorCode.PROTOCOL, ...options });
  }
}
branded(ProtocolError, 'ProtocolError');

/** A time limit passed. */
export class TimeoutError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.TIMEOUT, ...options });
  }
}
branded(TimeoutError, 'TimeoutError');

/** A bounded queue is full, and its policy rejects or drops the message. */
export class QueueFullError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.QUEUE_FULL, ...options });
  }
}
branded(QueueFullError, 'QueueFullError');

/** The message waited longer than its message expiry interval. */
export class ExpiredError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.EXPIRED, ...options });
  }
}
branded(ExpiredError, 'ExpiredError');

/** The broker lost the session in which the message was sent. */
export class SessionLostError extends MqttError {
  /** True if it is unknown whether the broker has the message. */
  readonly inDoubt: boolean;

  constructor(message: string, options: MqttErrorOptions & { readonly inDoubt: boolean }) {
    super(message, { code: ErrorCode.SESSION_LOST, ...options });
    this.inDoubt = options.inDoubt;
  }
}
branded(SessionLostError, 'SessionLostError');

/** A problem that a schema found in a payload. */
export interface PayloadIssue {
  /** In the schema's words, which may include the value. */
  readonly message: string;
  /** Where in the payload, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A received payload that is not JSON (see `cause`), or does not match the schema of `parse`. */
export class PayloadError extends MqttError {
  /** The topic of the message. */
  readonly topic: string;
  /** The problems that the schema found; empty when the payload did not reach the schema. */
  readonly issues: readonly PayloadIssue[];

  constructor(
    message: string,
    options: MqttErrorOptions & { readonly topic: string; readonly issues: readonly PayloadIssue[] },
  ) {
    super(message, { code: ErrorCode.INVALID_PAYLOAD, ...options });
    this.topic = options.topic;
    this.issues = options.issues;
  }
}
branded(PayloadError, 'PayloadError');

/** The client has ended, by `end()` or for good after a failure (see `cause`). */
export class ClosedError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.CLOSED, ...options });
  }
}
branded(ClosedError, 'ClosedError');
