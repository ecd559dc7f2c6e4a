import { catchError, map, type Observable, of, type Subscription } from 'rxjs';
import { ProtocolError, type MqttError } from '../../errors.js';
import { LARGEST_PACKET } from '../../packet/limits.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { timeOfDay } from '../../rx/clock.js';
import { andThen, asObservable } from '../access/and-then.js';
import { authorizeWill } from '../access/authorize-will.js';
import { WatchedGuard } from '../access/ask-hook.js';
import { AuthenticationExchange } from '../access/enhanced-authentication.js';
import { payerOf, principalOf } from '../access/principal.js';
import type { OpenedSession } from '../session/session-directory.js';
import { authenticate } from './authenticate.js';
import type { BrokerContext } from './broker-context.js';
import { ClientWriter, type WriterOwner } from './client-writer.js';
import { connackProperties, fits, refuse, wantsReasons } from './connack.js';
import { authenticateRequestOf, type ConnectRequest } from './connect-request.js';
import { type Authenticity, intercepted, interceptionOf, type Settings, settingsOf } from './connect-settings.js';
import { Client } from './connected-client.js';
import { Departures } from './departures.js';
import { RateWindow } from './rate-window.js';
import { Refused, unlessRefused } from './refused.js';
import { reportRefused } from './report-refused.js';

/** How often a client may re-authenticate in ten seconds; tokens last for minutes at least. */
const MOST_REAUTHENTICATIONS = 10;

/**
 * Answers a CONNECT: authenticate, intercept, authorize the will, open the session. Emits once: the client with its
 * session, after CONNACK but still to be attached; or undefined after a refusal, when the connection is closed. Never
 * errors.
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
  let who: Pick<Settings, 'described'> | undefined;
  return decide(request, broker).pipe(
    unlessRefused((found) => settled(request, broker, found)),
    unlessRefused((settings) => {
      who = settings;
      return intercept(request, settings, broker);
    }),
    unlessRefused((settings) => authorize(request, settings, broker)),
    unlessRefused((settings) => open(request, settings, broker)),
    map((opened) => {
      if (!(opened instanceof Refused)) return accept(request, opened, broker, owner, work);
      const { clientId, username } = who?.described ?? connect;
      broker.counters.refused++;
      reportRefused(broker.events, request, { clientId, username }, opened);
      refuse(connection, connect.protocolVersion, opened.reasonCode, connect);
      return undefined;
    }),
  );
}

/** Who the client is, if it may connect. */
function decide(request: ConnectRequest, broker: BrokerContext): Observable<Authenticity | Refused> {
  const { access } = broker;
  const problem = problemOf(request, broker);
  if (problem !== undefined) return of(problem);
  const guard = new WatchedGuard(access.guard);
  const method = request.connect.properties?.authenticationMethod;
  const authenticator = method === undefined ? undefined : access.enhanced.get(method);
  if (method !== undefined && authenticator !== undefined) {
    const asked = authenticateRequestOf(request);
    const exchange = new AuthenticationExchange(authenticator, asked, method, false, guard);
    return authenticate(request, exchange).pipe(
      map((end) => (end.reasonCode === 0 ? end : new Refused(end.reasonCode, verdict(`the method ${method}`, guard)))),
    );
  }
  const decision = access.authenticate?.decide(authenticateRequestOf(request), guard) ?? 0;
  return asObservable(decision).pipe(
    map((found) => {
      if (typeof found === 'object') return { principal: found };
      return found === 0 ? { principal: {} } : new Refused(found, verdict('authenticate', guard));
    }),
  );
}

const verdict = (who: string, { hasFailed }: WatchedGuard): string =>
  hasFailed ? `${who} failed; see faults$` : `${who} refused it`;

/** Reasons to refuse a CONNECT before asking who the client is. */
function problemOf(
  { connect, connection }: ConnectRequest,
  { access, limits, rate }: BrokerContext,
): Refused | undefined {
  const { clientId, clean, protocolVersion, properties, username = '' } = connect;
  if (!rate.take(connection.peer.address)) {
    return new Refused(ReasonCode.CONNECTION_RATE_EXCEEDED, 'more CONNECT packets a second than limits.connectRate');
  }
  // [v4 MQTT-3.1.3-8]; MQTT 3.1 has no empty identifiers.
  if (clientId === '' && (protocolVersion === 3 || (protocolVersion === 4 && !clean))) {
    return new Refused(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, 'its client identifier is empty');
  }
  if (clientId.length > limits.nameLength) {
    return new Refused(
      ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
      'its client identifier is longer than limits.nameLength',
    );
  }
  if (username.length > limits.nameLength) {
    return new Refused(ReasonCode.BAD_USER_NAME_OR_PASSWORD, 'its user name is longer than limits.nameLength');
  }
  // [MQTT-4.12.0-1]
  const method = properties?.authenticationMethod;
  if (method !== undefined && !access.enhanced.has(method)) {
    return new Refused(ReasonCode.BAD_AUTHENTICATION_METHOD, 'enhancedAuthentication does not have its method');
  }
  return undefined;
}

function settled(request: ConnectRequest, broker: BrokerContext, found: Authenticity): Settings | Refused {
  try {
    const settings = settingsOf(request, broker, found);
    const { expiresAt = Infinity } = settings.described;
    if (expiresAt > timeOfDay()) return settings;
    return new Refused(ReasonCode.NOT_AUTHORIZED, 'its principal has ended: expiresAt is over');
  } catch (error) {
    if (error instanceof ProtocolError) return new Refused(error.reasonCode, error.message);
    throw error;
  }
}

function intercept(
  request: ConnectRequest,
  settings: Settings,
  { access, limits }: BrokerContext,
): Settings | Refused | Observable<Settings | Refused> {
  const problem = willProblem(settings);
  if (problem !== undefined) return problem;
  const { interceptors } = access;
  if (interceptors.connects.isEmpty) return settings;
  const asked = interceptionOf(request, settings);
  const { retainAvailable, described } = settings;
  const guard = new WatchedGuard(access.guard);
  const outcome = interceptors.connect(asked, { ...described, retainAvailable }, guard);
  return andThen(outcome, (found) => {
    if (typeof found === 'number') return new Refused(found, verdict('intercept.connect', guard));
    return found === asked ? settings : intercepted(settings, found, limits);
  });
}

/** [MQTT-3.2.2-12] [MQTT-3.2.2-13] */
function willProblem({ will, maxQos, retainAvailable }: Settings): Refused | undefined {
  if (will === undefined) return undefined;
  if (will.qos > maxQos) {
    return new Refused(ReasonCode.QOS_NOT_SUPPORTED, `its will has QoS ${will.qos}, and it may have ${maxQos} at most`);
  }
  if (!will.retain || retainAvailable) return undefined;
  return new Refused(
    ReasonCode.RETAIN_NOT_SUPPORTED,
    'its will is retained, and its listener has no retained messages',
  );
}

/** Whether an authenticated client may have its will, and can receive CONNACK. */
function authorize(
  { connect }: ConnectRequest,
  settings: Settings,
  { access, limits }: BrokerContext,
): Settings | Refused | Observable<Settings | Refused> {
  const properties = connackProperties(connect, settings, limits);
  const maximumPacketSize = connect.properties?.maximumPacketSize ?? LARGEST_PACKET;
  const connack = { cmd: 'connack', sessionPresent: false, reasonCode: 0, properties } as const;
  if (!fits(connack, { maximumPacketSize, protocolVersion: connect.protocolVersion })) {
    return new Refused(ReasonCode.PACKET_TOO_LARGE, 'it takes no packet as large as its CONNACK');
  }
  if (settings.will === undefined) return settings;
  const decision = authorizeWill(settings.will, settings.clientId, settings.described, access, limits);
  return andThen(decision, (code) => (code === 0 ? settings : new Refused(code, 'its will is not allowed')));
}

interface Opened extends OpenedSession {
  readonly settings: Settings;
}

function open(
  { connection, policy }: ConnectRequest,
  settings: Settings,
  { sessions }: BrokerContext,
): Observable<Opened | Refused> {
  const { clientId, clean, expiryInterval, maxQos, described, will } = settings;
  const { mountPoint } = described;
  const owner = principalOf(described.username, connection.peer.certificate);
  const payer = payerOf(owner, described.address);
  const { queue } = policy;
  return sessions.open(clientId, { clean, expiryInterval, owner, payer, will, mountPoint, maxQos, queue }).pipe(
    map((opened) => ({ ...opened, settings })),
    // A session that cannot be read has no code: its log has reported the error.
    catchError((error: MqttError) => of(new Refused(error.reasonCode ?? ReasonCode.SERVER_UNAVAILABLE, error.message))),
  );
}

function accept(
  request: ConnectRequest,
  { session, present, settings }: Opened,
  broker: BrokerContext,
  owner: WriterOwner,
  work: Subscription,
): Client {
  const { connect, gate, policy } = request;
  const { access, counters, limits } = broker;
  const writer = writerFor(request, broker, owner);
  const bridge = connect.bridge === true;
  const client = new Client(settings.described, settings.will, writer, gate, session, work, policy, bridge);
  writer.control(new Departures(client, access, counters, writer.taking));
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
