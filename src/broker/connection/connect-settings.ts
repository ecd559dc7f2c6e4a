import { randomUUID } from 'node:crypto';
import type { QoS, WillPacket } from '../../packet/packets.js';
import { timeOfDay } from '../../rx/clock.js';
import { type CheckedPrincipal, endOf } from '../access/client-principal.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { ConnectInterception } from '../access/interception.js';
import { NO_MOUNT_POINT } from '../access/mount-point.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerContext } from './broker-context.js';
import { type ConnackSettings, expiryOf } from './connack.js';
import type { ConnectRequest } from './connect-request.js';
import { mountedWill } from './mount-message.js';

/** The outcome of authentication. */
export interface Authenticity {
  /** The final data of an enhanced authentication. */
  readonly data?: Uint8Array | undefined;
  readonly principal: CheckedPrincipal;
}

/** The outcome of CONNECT and authentication. */
export interface Settings extends ConnackSettings {
  /** The client, as hooks are told of it. */
  readonly described: ConnectedClient;
  readonly clean: boolean;
  /** With the broker's names. */
  readonly will: WillPacket | undefined;
}

/** @throws ProtocolError when the topic of the will is too long behind the mount point. */
export function settingsOf(
  request: ConnectRequest,
  { limits, responseInformation }: BrokerContext,
  { data, principal }: Authenticity,
): Settings {
  const { connect, connection, listener, policy } = request;
  const { mountPoint = NO_MOUNT_POINT } = principal;
  const maxQos = Math.min(principal.maxQos ?? 2, policy.maxQos) as QoS;
  const named = principal.clientId ?? connect.clientId;
  const clientId = named === '' ? `auto-${randomUUID()}` : named;
  const keepalive = keepaliveOf(connect.keepalive, limits);
  return {
    clientId,
    assignedClientId: connect.clientId === '' ? clientId : undefined,
    keepalive,
    expiryInterval: Math.min(expiryOf(connect), limits.sessionExpiry),
    maxQos,
    retainAvailable: policy.retainAvailable,
    receiveMaximum: policy.receiveMaximum,
    responseInformation,
    authenticationData: data,
    clean: connect.clean,
    will: mountedWill(connect.will && keptWill(connect.will), mountPoint),
    described: {
      clientId,
      protocolVersion: connect.protocolVersion,
      username: principal.username ?? connect.username,
      address: connection.peer.address,
      listener,
      keepalive,
      clean: connect.clean,
      connectedAt: timeOfDay(),
      mountPoint,
      maxQos,
      expiresAt: endOf(principal),
      data: principal.data,
    },
  };
}

/** The payload is a view of the chunk that CONNECT came in, and may have to wait for long. */
function keptWill(will: WillPacket): WillPacket {
  return { ...will, payload: new Uint8Array(will.payload) };
}

/** The CONNECT that interceptors see. */
export function interceptionOf({ connect }: ConnectRequest, settings: Settings): ConnectInterception {
  const { described: client, clientId, clean, keepalive, expiryInterval: sessionExpiry, will } = settings;
  return { client, clientId, clean, keepalive, sessionExpiry, will, properties: connect.properties };
}

/** The settings as interceptors have changed them. */
export function intercepted(settings: Settings, change: ConnectInterception, limits: BrokerLimits): Settings {
  const { clean, sessionExpiry, will } = change;
  const keepalive = keepaliveOf(change.keepalive, limits);
  const described = { ...settings.described, clean, keepalive };
  return {
    ...settings,
    keepalive,
    clean,
    described,
    expiryInterval: Math.min(sessionExpiry, limits.sessionExpiry),
    will: will && { ...will },
  };
}

/** The requested keep-alive within the limits; none counts as the longest. */
function keepaliveOf(asked: number, limits: BrokerLimits): number {
  if (asked === 0 && limits.keepalive < 65535) return limits.keepalive;
  return Math.min(asked, limits.keepalive);
}
