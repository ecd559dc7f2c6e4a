/**
 * Every error that the library hands out. Match on {@link MqttError.code}, or with `instanceof`:
 * the classes are branded, so that `instanceof` also holds between two copies of the package.
 */

/** The stable codes of {@link MqttError}. */
export const ErrorCode = {
  /** The socket could not be opened, or was lost. */
  CONNECTION_LOST: 'CONNECTION_LOST',
  /** The broker answered CONNECT with a refusal, or ended the connection with a DISCONNECT. */
  CONNECTION_REFUSED: 'CONNECTION_REFUSED',
  /** The broker ended an established connection with DISCONNECT. */
  DISCONNECTED: 'DISCONNECTED',
  /** A URL, an option or an argument cannot be used. */
  INVALID_OPTION: 'INVALID_OPTION',
  /** A topic name breaks the rules of section 4.7. */
  INVALID_TOPIC: 'INVALID_TOPIC',
  /** A topic filter breaks the rules of section 4.7 or 4.8. */
  INVALID_FILTER: 'INVALID_FILTER',
  /** A QoS that is not 0, 1 or 2. */
  INVALID_QOS: 'INVALID_QOS',
  /** A payload of a type that cannot be sent. */
  INVALID_PAYLOAD: 'INVALID_PAYLOAD',
  /** A property that is unknown, not allowed here, or out of range. */
  INVALID_PROPERTY: 'INVALID_PROPERTY',
  /** The broker said at CONNACK that it does not take this. */
  NOT_SUPPORTED: 'NOT_SUPPORTED',
  /** Larger than the broker's (or the protocol's) maximum packet size. */
  PACKET_TOO_LARGE: 'PACKET_TOO_LARGE',
  /** The broker answered a SUBSCRIBE with a refusal for this filter. */
  SUBSCRIBE_REFUSED: 'SUBSCRIBE_REFUSED',
  /** Another observer holds this filter with other options. */
  SUBSCRIBE_CONFLICT: 'SUBSCRIBE_CONFLICT',
  /** The broker answered a PUBLISH with a refusal. */
  PUBLISH_REFUSED: 'PUBLISH_REFUSED',
  /** The peer broke the protocol. */
  PROTOCOL: 'PROTOCOL',
  /** An authentication mechanism gave up, or rejects the broker (see `cause`). */
  AUTH_FAILED: 'AUTH_FAILED',
  /** Something did not happen in time. */
  TIMEOUT: 'TIMEOUT',
  /** The outbox is full. */
  QUEUE_FULL: 'QUEUE_FULL',
  /** The message expired before it could be sent. */
  EXPIRED: 'EXPIRED',
  /** The broker lost the session that the message belonged to. */
  SESSION_LOST: 'SESSION_LOST',
  /** The store cannot be read or written, or holds damaged records. */
  STORE: 'STORE',
  /** The client was ended. */
  CLOSED: 'CLOSED',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

export interface MqttErrorOptions {
  readonly code?: ErrorCode;
  /** The MQTT reason code (MQTT 5) or return code (3.1.1) that stands behind the error. */
  readonly reasonCode?: number | undefined;
  readonly cause?: unknown;
}

const brand = (name: string): symbol => Symbol.for(`rxmqtt.${name}`);

/** Marks a class and its instances, and makes `instanceof` look for the mark instead of the prototype. */
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
  readonly code: ErrorCode;
  readonly reasonCode: number | undefined;

  constructor(message: string, options: MqttErrorOptions & { readonly code: ErrorCode }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.reasonCode = options.reasonCode;
  }
}
branded(MqttError, 'MqttError');

/** The connection could not be made, was refused, or was lost. */
export class ConnectError extends MqttError {
  /** The server that the broker refers us to (MQTT 5, reason codes 0x9C and 0x9D), as it wrote it. */
  readonly serverReference: string | undefined;

  constructor(message: string, options: MqttErrorOptions & { readonly serverReference?: string | undefined } = {}) {
    super(message, { code: ErrorCode.CONNECTION_LOST, ...options });
    this.serverReference = options.serverReference;
  }
}
branded(ConnectError, 'ConnectError');

/** A subscription that the broker refused, or that cannot be asked for. */
export class SubscribeError extends MqttError {
  /** The topic filter that failed. */
  readonly filter: string;

  constructor(message: string, options: MqttErrorOptions & { readonly filter: string }) {
    super(message, { code: ErrorCode.SUBSCRIBE_REFUSED, ...options });
    this.filter = options.filter;
  }
}
branded(SubscribeError, 'SubscribeError');

/** A publish that is invalid, that the broker refused, or that cannot be sent. */
export class PublishError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.PUBLISH_REFUSED, ...options });
  }
}
branded(PublishError, 'PublishError');

/** The peer sent something malformed or out of order. `reasonCode` is what DISCONNECT tells the peer on MQTT 5. */
export class ProtocolError extends MqttError {
  declare readonly reasonCode: number;

  constructor(message: string, options: MqttErrorOptions & { readonly reasonCode: number }) {
    super(message, { code: ErrorCode.PROTOCOL, ...options });
  }
}
branded(ProtocolError, 'ProtocolError');

/** Something did not happen in time. */
export class TimeoutError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.TIMEOUT, ...options });
  }
}
branded(TimeoutError, 'TimeoutError');

/** The outbox is full, and its policy does not make room. */
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

/** The broker no longer knows the session that the message was sent in. */
export class SessionLostError extends MqttError {
  /** True when the broker may or may not have taken the message. */
  readonly inDoubt: boolean;

  constructor(message: string, options: MqttErrorOptions & { readonly inDoubt: boolean }) {
    super(message, { code: ErrorCode.SESSION_LOST, ...options });
    this.inDoubt = options.inDoubt;
  }
}
branded(SessionLostError, 'SessionLostError');

/** The client has ended, by `end()` or for a reason that retrying cannot mend (see `cause`). */
export class ClosedError extends MqttError {
  constructor(message: string, options: MqttErrorOptions = {}) {
    super(message, { code: ErrorCode.CLOSED, ...options });
  }
}
branded(ClosedError, 'ClosedError');
