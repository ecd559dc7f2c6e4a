/** The 43 reason codes of MQTT 5 (section 2.4) by name; 0x00 has three names. */
export const ReasonCode = {
  SUCCESS: 0x00,
  NORMAL_DISCONNECTION: 0x00,
  GRANTED_QOS_0: 0x00,
  GRANTED_QOS_1: 0x01,
  GRANTED_QOS_2: 0x02,
  DISCONNECT_WITH_WILL_MESSAGE: 0x04,
  NO_MATCHING_SUBSCRIBERS: 0x10,
  NO_SUBSCRIPTION_EXISTED: 0x11,
  CONTINUE_AUTHENTICATION: 0x18,
  RE_AUTHENTICATE: 0x19,
  UNSPECIFIED_ERROR: 0x80,
  MALFORMED_PACKET: 0x81,
  PROTOCOL_ERROR: 0x82,
  IMPLEMENTATION_SPECIFIC_ERROR: 0x83,
  UNSUPPORTED_PROTOCOL_VERSION: 0x84,
  CLIENT_IDENTIFIER_NOT_VALID: 0x85,
  BAD_USER_NAME_OR_PASSWORD: 0x86,
  NOT_AUTHORIZED: 0x87,
  SERVER_UNAVAILABLE: 0x88,
  SERVER_BUSY: 0x89,
  BANNED: 0x8a,
  SERVER_SHUTTING_DOWN: 0x8b,
  BAD_AUTHENTICATION_METHOD: 0x8c,
  KEEP_ALIVE_TIMEOUT: 0x8d,
  SESSION_TAKEN_OVER: 0x8e,
  TOPIC_FILTER_INVALID: 0x8f,
  TOPIC_NAME_INVALID: 0x90,
  PACKET_IDENTIFIER_IN_USE: 0x91,
  PACKET_IDENTIFIER_NOT_FOUND: 0x92,
  RECEIVE_MAXIMUM_EXCEEDED: 0x93,
  TOPIC_ALIAS_INVALID: 0x94,
  PACKET_TOO_LARGE: 0x95,
  MESSAGE_RATE_TOO_HIGH: 0x96,
  QUOTA_EXCEEDED: 0x97,
  ADMINISTRATIVE_ACTION: 0x98,
  PAYLOAD_FORMAT_INVALID: 0x99,
  RETAIN_NOT_SUPPORTED: 0x9a,
  QOS_NOT_SUPPORTED: 0x9b,
  USE_ANOTHER_SERVER: 0x9c,
  SERVER_MOVED: 0x9d,
  SHARED_SUBSCRIPTIONS_NOT_SUPPORTED: 0x9e,
  CONNECTION_RATE_EXCEEDED: 0x9f,
  MAXIMUM_CONNECT_TIME: 0xa0,
  SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED: 0xa1,
  WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED: 0xa2,
  // The spellings of other libraries.
  REAUTHENTICATE: 0x19,
  BAD_USERNAME_OR_PASSWORD: 0x86,
} as const;
/** One of the reason codes of MQTT 5. */
export type ReasonCode = (typeof ReasonCode)[keyof typeof ReasonCode];

/** The return codes of CONNACK in MQTT 3.1 and 3.1.1. */
export const ConnectReturnCode = {
  ACCEPTED: 0,
  UNACCEPTABLE_PROTOCOL_VERSION: 1,
  IDENTIFIER_REJECTED: 2,
  SERVER_UNAVAILABLE: 3,
  BAD_USER_NAME_OR_PASSWORD: 4,
  NOT_AUTHORIZED: 5,
  /** Another spelling. */
  BAD_USERNAME_OR_PASSWORD: 4,
} as const;
/** One of the return codes of CONNACK in MQTT 3.1 and 3.1.1. */
export type ConnectReturnCode = (typeof ConnectReturnCode)[keyof typeof ConnectReturnCode];

const names = new Map<number, string>();
for (const [name, code] of Object.entries(ReasonCode)) if (!names.has(code)) names.set(code, name);

/** `NOT_AUTHORIZED` for 0x87; for an unknown code, the code as `0xff`. */
export function reasonCodeName(code: number): string {
  return names.get(code) ?? `0x${code.toString(16).padStart(2, '0')}`;
}

/** The reason codes that each side may send in a packet. @inline */
export interface AllowedCodes {
  readonly client: ReadonlySet<number>;
  readonly server: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();
const both = (codes: ReadonlySet<number>): AllowedCodes => ({ client: codes, server: codes });
const serverOnly = (codes: readonly number[]): AllowedCodes => ({ client: none, server: new Set(codes) });

const received = [0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
/** Only servers send "no matching subscribers". */
const publishReceived: AllowedCodes = { client: new Set(received), server: new Set([...received, 0x10]) };
const released = both(new Set([0x00, 0x92]));

/** The reason codes that MQTT 5 allows in each packet, by sender. */
export const allowedReasonCodes = {
  // prettier-ignore
  connack: serverOnly([
    0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c,
    0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
  ]),
  puback: publishReceived,
  pubrec: publishReceived,
  pubrel: released,
  pubcomp: released,
  suback: serverOnly([0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2]),
  unsuback: serverOnly([0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91]),
  // 0x8c: allowed by table 2-6, though table 3-10 forgets it.
  // prettier-ignore
  disconnect: {
    client: new Set([0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]),
    server: new Set([
      0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
      0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
    ]),
  },
  auth: { client: new Set([0x18, 0x19]), server: new Set([0x00, 0x18]) },
} as const satisfies Record<string, AllowedCodes>;
