import { randomUUID } from 'node:crypto';
import { map, type Observable, of } from 'rxjs';
import { LARGEST_PACKET } from '../packet/limits.js';
import type { ConnectPacket } from '../packet/packets.js';
import { ReasonCode } from '../packet/reason-codes.js';
import type { Arrival } from './arrival.js';
import type { BrokerCore } from './broker-core.js';
import type { AuthenticateRequest } from './authorize.js';
import { Client } from './client.js';
import { ClientPort } from './client-port.js';
import { connackProperties, expiryOf, refuse, type Terms, wantsReasons } from './connack.js';
import { AuthenticationExchange, authenticateInSteps } from './enhanced-authentication.js';
import { hasTooManyLevels } from './limits.js';

/**
 * Answers a CONNECT: the client with its session, attached and told so, or undefined once it was refused and the
 * connection was closed. Emits once; errors never.
 */
export function admit(arrival: Arrival, listener: string, core: BrokerCore): Observable<Client | undefined> {
  const { connect, connection } = arrival;
  const answer = (code: number, data?: Uint8Array): Client | undefined => {
    if (code === 0) return accept(arrival, listener, core, data);
    core.counters.refused++;
    refuse(connection, connect.protocolVersion, code, connect);
    return undefined;
  };
  const problem = problemOf(connect, core);
  if (problem !== 0) return of(answer(problem));
  const exchange = beginExchange(arrival, listener, core);
  if (exchange !== undefined) {
    return authenticateInSteps(arrival, exchange).pipe(map(({ reasonCode, data }) => answer(reasonCode, data)));
  }
  const verdict = core.authenticate?.decide(requestOf(arrival, listener)) ?? 0;
  return typeof verdict === 'number' ? of(answer(verdict)) : verdict.pipe(map((code) => answer(code)));
}

function requestOf({ connect, connection }: Arrival, listener: string): AuthenticateRequest {
  const { clientId, username, password, protocolVersion } = connect;
  const { address, certificate } = connection.peer;
  return { clientId, username, password, protocolVersion, address, listener, certificate };
}

/** The exchange that the client asks for, if it names a method. */
function beginExchange(arrival: Arrival, listener: string, core: BrokerCore): AuthenticationExchange | undefined {
  const method = arrival.connect.properties?.authenticationMethod;
  const authenticator = method === undefined ? undefined : core.enhancedAuthentication.get(method);
  if (method === undefined || authenticator === undefined) return undefined;
  return new AuthenticationExchange(authenticator, requestOf(arrival, listener), method, false);
}

/** What speaks against a CONNECT, whoever it comes from. */
function problemOf(connect: ConnectPacket, core: BrokerCore): number {
  const { clientId, clean, protocolVersion, will, properties } = connect;
  if (!core.rate.take()) return ReasonCode.CONNECTION_RATE_EXCEEDED;
  // [v4 MQTT-3.1.3-8]; MQTT 3.1 has no empty identifiers at all.
  if (clientId === '' && (protocolVersion === 3 || (protocolVersion === 4 && !clean))) {
    return ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
  }
  if (!core.sessions.hasRoomFor(clientId)) return ReasonCode.QUOTA_EXCEEDED;
  if (will !== undefined && hasTooManyLevels(will.topic, core.limits.topicLevels)) return ReasonCode.TOPIC_NAME_INVALID;
  // [MQTT-4.12.0-1]
  const method = properties?.authenticationMethod;
  if (method !== undefined && !core.enhancedAuthentication.has(method)) return ReasonCode.BAD_AUTHENTICATION_METHOD;
  return 0;
}

function accept(arrival: Arrival, listener: string, core: BrokerCore, data: Uint8Array | undefined): Client {
  const { connect, connection } = arrival;
  const { limits } = core;
  const { protocolVersion, properties } = connect;
  const clientId = connect.clientId === '' ? `auto-${randomUUID()}` : connect.clientId;
  const terms: Terms = {
    // No keep-alive at all is the longest there is.
    keepalive:
      connect.keepalive === 0 && limits.keepalive < 65535
        ? limits.keepalive
        : Math.min(connect.keepalive, limits.keepalive),
    expiryInterval: Math.min(expiryOf(connect), limits.sessionExpiry),
    assignedClientId: connect.clientId === '' ? clientId : undefined,
    responseInformation: core.responseInformation,
    authenticationData: data,
  };
  const sendLimits = {
    protocolVersion,
    receiveMaximum: Math.min(properties?.receiveMaximum ?? 65535, limits.inFlight),
    maximumQoS: 2,
    retainAvailable: true,
    maximumPacketSize: Math.min(properties?.maximumPacketSize ?? LARGEST_PACKET, LARGEST_PACKET),
  } as const;
  const aliases = Math.min(properties?.topicAliasMaximum ?? 0, limits.topicAliases);
  const port = new ClientPort(connection, sendLimits, aliases, core.counters, wantsReasons(connect));

  const { session, present } = core.sessions.open(clientId, connect.clean);
  session.expiryInterval = terms.expiryInterval;
  core.storage?.opened(session);
  // 3.1.1 knows no other keep-alive than the client's [v4 MQTT-3.1.2-24].
  const keepalive = protocolVersion === 5 ? terms.keepalive : connect.keepalive;
  const client = new Client(connect, clientId, keepalive, listener, port, session, core.counters);
  const method = properties?.authenticationMethod;
  if (method !== undefined) {
    // The password is not kept for this: what proves the client anew is the method's data.
    const { address, certificate } = connection.peer;
    const request = {
      clientId,
      username: connect.username,
      password: undefined,
      protocolVersion,
      address,
      listener,
      certificate,
    };
    const authenticator = core.enhancedAuthentication.get(method);
    if (authenticator !== undefined) {
      client.authentication = { method, begin: () => new AuthenticationExchange(authenticator, request, method, true) };
    }
  }
  port.send({
    cmd: 'connack',
    sessionPresent: present,
    reasonCode: 0,
    properties: connackProperties(connect, terms, limits),
  });
  return client;
}
