import { randomUUID } from 'node:crypto';
import { catchError, map, type Observable, of, type Subscription, switchMap } from 'rxjs';
import type { MqttError } from '../../errors.js';
import { LARGEST_PACKET } from '../../packet/limits.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { timeOfDay } from '../../rx/clock.js';
import { authorizeWill } from '../access/authorize-will.js';
import type { ConnectedClient } from '../access/connected-client.js';
import { AuthenticationExchange } from '../access/enhanced-authentication.js';
import { payerOf, principalOf } from '../access/principal.js';
import type { OpenedSession } from '../session/session-directory.js';
import { authenticate } from './authenticate.js';
import type { BrokerContext } from './broker-context.js';
import { ClientWriter, type WriterOwner } from './client-writer.js';
import { connackProperties, expiryOf, fits, type ConnackSettings, refuse, wantsReasons } from './connack.js';
import { authenticateRequestOf, type ConnectRequest } from './connect-request.js';
import { Client } from './connected-client.js';
import { refuseDelivery } from './refuse-delivery.js';
import { RateWindow } from './rate-window.js';

/** Re-authentications of one client in ten seconds: tokens last for minutes at least. */
const MOST_REAUTHENTICATIONS = 10;

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
    switchMap((decision) => {
      if (decision.reasonCode !== 0) return of(refused(decision.reasonCode));
      const settings = settingsOf(request, broker, decision);
      return mayBegin(request, settings, broker).pipe(
        switchMap((code) => (code === 0 ? open(request, settings, broker) : of(code))),
        map((opened) =>
          typeof opened === 'number' ? refused(opened) : accept(request, opened, settings, broker, owner, work),
        ),
      );
    }),
  );
}

/** What authentication has found. */
interface Decided {
  readonly reasonCode: number;
  /** The final data of an enhanced authentication. */
  readonly data?: Uint8Array | undefined;
  /** Whom it has proved. */
  readonly username?: string | undefined;
}

/** What follows from CONNECT and authentication. */
interface Settings extends ConnackSettings {
  /** The client, as hooks are told of it. */
  readonly described: ConnectedClient;
}

/** Whether an authenticated client may have its session and its will: 0, or a reason code. */
function mayBegin({ connect }: ConnectRequest, settings: Settings, broker: BrokerContext): Observable<number> {
  const { access, limits } = broker;
  const properties = connackProperties(connect, settings, limits);
  const maximumPacketSize = connect.properties?.maximumPacketSize ?? LARGEST_PACKET;
  const connack = { cmd: 'connack', sessionPresent: false, reasonCode: 0, properties } as const;
  if (!fits(connack, { maximumPacketSize, protocolVersion: connect.protocolVersion })) {
    return of(ReasonCode.PACKET_TOO_LARGE);
  }
  if (connect.will === undefined) return of(0);
  const decision = authorizeWill(connect.will, settings.clientId, settings.described, access, limits);
  return typeof decision === 'number' ? of(decision) : decision;
}

/** The session, or the reason code when the client may not have it. */
function open(
  { connect, connection }: ConnectRequest,
  { clientId, expiryInterval, described }: Settings,
  { sessions }: BrokerContext,
): Observable<OpenedSession | number> {
  const owner = principalOf(described.username, connection.peer.certificate);
  const payer = payerOf(owner, described.address);
  return sessions.open(clientId, { clean: connect.clean, expiryInterval, owner, payer }).pipe(
    // A session that cannot be read has no code: its log has reported the error.
    catchError((error: MqttError) => of(error.reasonCode ?? ReasonCode.SERVER_UNAVAILABLE)),
  );
}

/** Whether the client may connect. */
function decide(request: ConnectRequest, broker: BrokerContext): Observable<Decided> {
  const { access } = broker;
  const problem = problemOf(request, broker);
  if (problem !== 0) return of({ reasonCode: problem });
  const method = request.connect.properties?.authenticationMethod;
  const authenticator = method === undefined ? undefined : access.enhanced.get(method);
  if (method !== undefined && authenticator !== undefined) {
    const asked = authenticateRequestOf(request);
    return authenticate(request, new AuthenticationExchange(authenticator, asked, method, false, access.guard));
  }
  const decision = access.authenticate?.decide(authenticateRequestOf(request)) ?? 0;
  return (typeof decision === 'number' ? of(decision) : decision).pipe(map((reasonCode) => ({ reasonCode })));
}

/** Reasons to refuse a CONNECT before asking who the client is. */
function problemOf({ connect, connection }: ConnectRequest, { access, rate }: BrokerContext): number {
  const { clientId, clean, protocolVersion, properties } = connect;
  if (!rate.take(connection.peer.address)) return ReasonCode.CONNECTION_RATE_EXCEEDED;
  // [v4 MQTT-3.1.3-8]; MQTT 3.1 has no empty identifiers.
  if (clientId === '' && (protocolVersion === 3 || (protocolVersion === 4 && !clean))) {
    return ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
  }
  // [MQTT-4.12.0-1]
  const method = properties?.authenticationMethod;
  if (method !== undefined && !access.enhanced.has(method)) return ReasonCode.BAD_AUTHENTICATION_METHOD;
  return 0;
}

function settingsOf(request: ConnectRequest, broker: BrokerContext, { data, username }: Decided): Settings {
  const { connect } = request;
  const { limits, responseInformation } = broker;
  const assigned = connect.clientId === '' ? `auto-${randomUUID()}` : undefined;
  // No keep-alive counts as the longest.
  const unbounded = connect.keepalive === 0 && limits.keepalive < 65535;
  const clientId = assigned ?? connect.clientId;
  const keepalive = unbounded ? limits.keepalive : Math.min(connect.keepalive, limits.keepalive);
  return {
    clientId,
    assignedClientId: assigned,
    keepalive,
    described: {
      clientId,
      protocolVersion: connect.protocolVersion,
      username: username ?? connect.username,
      address: request.connection.peer.address,
      listener: request.listener,
      // 3.1.1 allows no other keep-alive than the client's [v4 MQTT-3.1.2-24].
      keepalive: connect.protocolVersion === 5 ? keepalive : connect.keepalive,
      clean: connect.clean,
      connectedAt: timeOfDay(),
    },
    expiryInterval: Math.min(expiryOf(connect), limits.sessionExpiry),
    responseInformation,
    authenticationData: data,
  };
}

function accept(
  request: ConnectRequest,
  { session, present }: OpenedSession,
  settings: Settings,
  broker: BrokerContext,
  owner: WriterOwner,
  work: Subscription,
): Client {
  const { connect } = request;
  const { access, counters, limits } = broker;
  const { described } = settings;
  const writer = writerFor(request, broker, owner);
  const client = new Client(described, connect.will, writer, request.gate, session, work);
  if (access.mayReceive !== undefined) writer.refusal = refuseDelivery(client, access.mayReceive, counters);
  client.authentication = reauthentication(request, settings.clientId, broker);
  const properties = connackProperties(connect, settings, limits);
  writer.send({ cmd: 'connack', sessionPresent: present, reasonCode: 0, properties });
  return client;
}

function writerFor({ connection, connect }: ConnectRequest, broker: BrokerContext, owner: WriterOwner): ClientWriter {
  const { counters, limits } = broker;
  const { properties, protocolVersion } = connect;
  const sendLimits = {
    protocolVersion,
    receiveMaximum: Math.min(properties?.receiveMaximum ?? 65535, limits.inFlight),
    maximumQoS: 2,
    retainAvailable: true,
    maximumPacketSize: Math.min(properties?.maximumPacketSize ?? LARGEST_PACKET, LARGEST_PACKET),
  } as const;
  const aliases = Math.min(properties?.topicAliasMaximum ?? 0, limits.topicAliases);
  return new ClientWriter(connection, sendLimits, aliases, counters, wantsReasons(connect), owner);
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
  const recent = new RateWindow(MOST_REAUTHENTICATIONS, 10_000);
  return { method, recent, begin: () => new AuthenticationExchange(authenticator, asked, method, true, access.guard) };
}
