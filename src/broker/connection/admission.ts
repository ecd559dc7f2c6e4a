import { randomUUID } from 'node:crypto';
import { catchError, map, type Observable, of, type Subscription, switchMap } from 'rxjs';
import { LARGEST_PACKET } from '../../packet/limits.js';
import type { ConnectPacket } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { AuthenticationExchange } from '../access/enhanced-authentication.js';
import { hasTooManyLevels } from '../broker-limits.js';
import type { OpenedSession } from '../session/session-directory.js';
import { authenticate } from './authenticate.js';
import type { BrokerContext } from './broker-context.js';
import { ClientWriter, type WriterOwner } from './client-writer.js';
import { connackProperties, expiryOf, type ConnackSettings, refuse, wantsReasons } from './connack.js';
import { authenticateRequestOf, type ConnectRequest } from './connect-request.js';
import { Client } from './connected-client.js';

/**
 * Answers a CONNECT. Emits once: the client with its session, after CONNACK but still to be attached; or undefined
 * after a refusal, when the connection is closed. Never errors.
 *
 * @param work - ends with the connection.
 */
export function admit(
  request: ConnectRequest,
  broker: BrokerContext,
  owner: WriterOwner,
  work: Subscription,
): Observable<Client | undefined> {
  const { connect, connection } = request;
  const refused = (code: number): undefined => {
    broker.counters.refused++;
    refuse(connection, connect.protocolVersion, code, connect);
  };
  return decide(request, broker).pipe(
    switchMap(({ reasonCode, data }) => {
      if (reasonCode !== 0) return of(refused(reasonCode));
      const settings = settingsOf(connect, broker, data);
      const { clientId, expiryInterval } = settings;
      return broker.sessions.open(clientId, { clean: connect.clean, expiryInterval }).pipe(
        // A session that cannot be read: its log has reported the error.
        catchError(() => of(undefined)),
        map((opened) =>
          opened === undefined
            ? refused(ReasonCode.SERVER_UNAVAILABLE)
            : accept(request, opened, settings, broker, owner, work),
        ),
      );
    }),
  );
}

/** Whether the client may connect, and the final data of an enhanced authentication. */
function decide(
  request: ConnectRequest,
  broker: BrokerContext,
): Observable<{ readonly reasonCode: number; readonly data?: Uint8Array | undefined }> {
  const { access } = broker;
  const problem = problemOf(request.connect, broker);
  if (problem !== 0) return of({ reasonCode: problem });
  const method = request.connect.properties?.authenticationMethod;
  const authenticator = method === undefined ? undefined : access.enhanced.get(method);
  if (method !== undefined && authenticator !== undefined) {
    const asked = authenticateRequestOf(request);
    return authenticate(request, new AuthenticationExchange(authenticator, asked, method, false));
  }
  const decision = access.authenticate?.decide(authenticateRequestOf(request)) ?? 0;
  return (typeof decision === 'number' ? of(decision) : decision).pipe(map((reasonCode) => ({ reasonCode })));
}

/** Reasons to refuse a CONNECT before asking who the client is. */
function problemOf(connect: ConnectPacket, { access, limits, rate, sessions }: BrokerContext): number {
  const { clientId, clean, protocolVersion, will, properties } = connect;
  if (!rate.take()) return ReasonCode.CONNECTION_RATE_EXCEEDED;
  // [v4 MQTT-3.1.3-8]; MQTT 3.1 has no empty identifiers.
  if (clientId === '' && (protocolVersion === 3 || (protocolVersion === 4 && !clean))) {
    return ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
  }
  if (!sessions.hasRoomFor(clientId)) return ReasonCode.QUOTA_EXCEEDED;
  if (will !== undefined && hasTooManyLevels(will.topic, limits.topicLevels)) return ReasonCode.TOPIC_NAME_INVALID;
  // [MQTT-4.12.0-1]
  const method = properties?.authenticationMethod;
  if (method !== undefined && !access.enhanced.has(method)) return ReasonCode.BAD_AUTHENTICATION_METHOD;
  return 0;
}

function settingsOf(connect: ConnectPacket, broker: BrokerContext, data: Uint8Array | undefined): ConnackSettings {
  const { limits, responseInformation } = broker;
  const assigned = connect.clientId === '' ? `auto-${randomUUID()}` : undefined;
  // No keep-alive counts as the longest.
  const unbounded = connect.keepalive === 0 && limits.keepalive < 65535;
  return {
    clientId: assigned ?? connect.clientId,
    assignedClientId: assigned,
    keepalive: unbounded ? limits.keepalive : Math.min(connect.keepalive, limits.keepalive),
    expiryInterval: Math.min(expiryOf(connect), limits.sessionExpiry),
    responseInformation,
    authenticationData: data,
  };
}

function accept(
  request: ConnectRequest,
  { session, present }: OpenedSession,
  settings: ConnackSettings,
  broker: BrokerContext,
  owner: WriterOwner,
  work: Subscription,
): Client {
  const { connect, listener } = request;
  const { limits } = broker;
  const writer = writerFor(request, settings.clientId, broker, owner);
  // 3.1.1 allows no other keep-alive than the client's [v4 MQTT-3.1.2-24].
  const keepalive = connect.protocolVersion === 5 ? settings.keepalive : connect.keepalive;
  const client = new Client(connect, settings.clientId, keepalive, listener, writer, request.gate, session, work);
  client.authentication = reauthentication(request, settings.clientId, broker);
  const properties = connackProperties(connect, settings, limits);
  writer.send({ cmd: 'connack', sessionPresent: present, reasonCode: 0, properties });
  return client;
}

function writerFor(
  { connection, connect }: ConnectRequest,
  clientId: string,
  broker: BrokerContext,
  owner: WriterOwner,
): ClientWriter {
  const { counters, limits } = broker;
  const { properties, protocolVersion, username = '' } = connect;
  // Without its port, which is another one with each connection.
  const address = connection.peer.address?.replace(/:\d+$/, '') ?? '';
  const sendLimits = {
    protocolVersion,
    receiveMaximum: Math.min(properties?.receiveMaximum ?? 65535, limits.inFlight),
    maximumQoS: 2,
    retainAvailable: true,
    maximumPacketSize: Math.min(properties?.maximumPacketSize ?? LARGEST_PACKET, LARGEST_PACKET),
  } as const;
  const aliases = Math.min(properties?.topicAliasMaximum ?? 0, limits.topicAliases);
  return new ClientWriter(
    connection,
    sendLimits,
    aliases,
    counters,
    wantsReasons(connect),
    owner,
    JSON.stringify([clientId, username, address]),
  );
}

/** Re-authenticates the client later, if it named a method. */
function reauthentication(
  request: ConnectRequest,
  clientId: string,
  { access }: BrokerContext,
): Client['authentication'] {
  const method = request.connect.properties?.authenticationMethod;
  const authenticator = method === undefined ? undefined : access.enhanced.get(method);
  if (method === undefined || authenticator === undefined) return undefined;
  // The password is not kept: re-authentication uses the method's data.
  const asked = { ...authenticateRequestOf(request), clientId, password: undefined };
  return { method, begin: () => new AuthenticationExchange(authenticator, asked, method, true) };
}
