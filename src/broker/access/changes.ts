import { isBytes } from '../../bytes.js';
import { type Checks, checkOptions, flag, numberIn, oneOf, that, unchecked } from '../../options/check-options.js';
import { checkProperties } from '../../packet/check-properties.js';
import { publishSize } from '../../packet/encode.js';
import { MOST_USER_PROPERTIES } from '../../packet/limits.js';
import type { QoS, WillProperties } from '../../packet/packets.js';
import type { PublishProperties } from '../../packet/property-types.js';
import { parseShare, topicFilterProblem } from '../../topic/topic-filter.js';
import { topicNameProblem } from '../../topic/topic-name.js';
import { encodeUtf8 } from '../../utf8.js';
import { isTooLong, type BrokerLimits } from '../broker-limits.js';
import type {
  ConnectChange,
  ConnectInterception,
  DeliveryChange,
  InterceptedWill,
  PublishChange,
  SubscribeChange,
  SubscribeInterception,
  WillChange,
} from './interception.js';
import { isReserved } from './is-reserved.js';
import { isBelow, isOfBroker, NO_MOUNT_POINT } from './mount-point.js';
import type { DeliveryRequest, PublishRequest } from './requests.js';

/** The limits of a client, which its interceptors' answers must keep. */
export interface ClientBounds {
  readonly mountPoint: string;
  readonly maxQos: QoS;
  readonly retainAvailable: boolean;
}

const WHERE = 'its answer';
const LONGEST_WILL = 65_535;
const TOO_LONG = 'is longer than limits.nameLength, or has more levels than limits.topicLevels';

const payload = that((value) => typeof value === 'string' || isBytes(value), 'a text or a Uint8Array');
const properties = that((value) => typeof value === 'object' && !Array.isArray(value), 'an object');
const qos = oneOf(0, 1, 2);

/** The other fields of a request: an answer is often a copy of it. */
const REQUEST = { client: unchecked, clientId: unchecked, will: unchecked };
const DELIVERY: Checks<DeliveryChange> = { topic: unchecked, payload, retain: flag, properties };
const PUBLISH: Checks<PublishChange> = { ...DELIVERY, qos };
const WILL: Checks<WillChange> = { ...PUBLISH, topic: unchecked };
const SUBSCRIBE: Checks<SubscribeChange> = {
  filter: unchecked,
  qos,
  noLocal: flag,
  retainAsPublished: flag,
  retainHandling: oneOf(0, 1, 2),
};
const CONNECT: Checks<ConnectChange> = {
  clean: flag,
  keepalive: numberIn(0, 65_535, 's', true),
  sessionExpiry: numberIn(0, Infinity, 's'),
  will: (value, name, where) => (value === false ? value : checkOptions<WillChange>(value, WILL, where, name)),
};

/** @throws TypeError for a message that the client could not have published. */
export function changedPublish(
  answer: unknown,
  request: PublishRequest,
  bounds: ClientBounds,
  limits: BrokerLimits,
): PublishRequest {
  const change = checkOptions<PublishChange>(answer, { ...REQUEST, ...PUBLISH }, WHERE);
  const changed: PublishRequest = {
    ...request,
    topic: change.topic ?? request.topic,
    payload: bytesOf(change.payload) ?? request.payload,
    qos: change.qos ?? request.qos,
    retain: change.retain ?? request.retain,
    properties: filled(change.properties ?? request.properties),
  };
  refuse(publishProblem(changed, bounds, limits) ?? sizeProblem(changed, limits.packetSize));
  return changed;
}

/** @throws TypeError for a topic that the client cannot see, and for a message that cannot be sent. */
export function changedDelivery(
  answer: unknown,
  request: DeliveryRequest,
  { mountPoint }: ClientBounds,
): DeliveryRequest {
  const known = { ...REQUEST, ...DELIVERY, qos: oneOf(request.qos) };
  const change = checkOptions<DeliveryChange>(answer, known, WHERE);
  const { topic = request.topic } = change;
  const given = filled(change.properties ?? request.properties);
  refuse(topicNameProblem(topic) ?? (isOfBroker(topic) ? undefined : outside(mountPoint, topic)));
  refuse(given && (checkProperties(given, 'publish') ?? countProblem(given) ?? aliasProblem(given)));
  return {
    ...request,
    topic,
    payload: bytesOf(change.payload) ?? request.payload,
    retain: change.retain ?? request.retain,
    properties: given,
  };
}

/** @throws TypeError for a filter that the client could not have sent. */
export function changedSubscribe(
  answer: unknown,
  request: SubscribeInterception,
  { mountPoint, maxQos }: ClientBounds,
  limits: BrokerLimits,
): SubscribeInterception {
  const known = { ...REQUEST, ...SUBSCRIBE, topicFilter: unchecked, group: unchecked };
  const change = checkOptions<SubscribeChange>(answer, known, WHERE);
  const { filter = request.filter } = change;
  refuse(topicFilterProblem(filter));
  const share = parseShare(filter);
  const topicFilter = share?.filter ?? filter;
  refuse(isOfBroker(topicFilter) ? undefined : outside(mountPoint, topicFilter));
  if (isTooLong(filter, limits)) refuse(TOO_LONG);
  const noLocal = change.noLocal ?? request.noLocal;
  // [MQTT-3.8.3-4]
  if (noLocal && share !== undefined) refuse('asks for no local on a shared subscription');
  const wanted = change.qos ?? request.qos;
  return {
    ...request,
    filter,
    topicFilter,
    group: share?.group,
    qos: wanted < maxQos ? wanted : maxQos,
    noLocal,
    retainAsPublished: change.retainAsPublished ?? request.retainAsPublished,
    retainHandling: change.retainHandling ?? request.retainHandling,
  };
}

/** @throws TypeError for a CONNECT that the client could not have sent. */
export function changedConnect(
  answer: unknown,
  request: ConnectInterception,
  bounds: ClientBounds,
  limits: BrokerLimits,
): ConnectInterception {
  const known = { ...REQUEST, properties: unchecked, ...CONNECT };
  const change = checkOptions<ConnectChange>(answer, known, WHERE);
  const { clean = request.clean, keepalive = request.keepalive, sessionExpiry = request.sessionExpiry } = change;
  let { will } = request;
  if (change.will === false) will = undefined;
  else if (change.will !== undefined) will = changedWill(change.will, bounds, limits);
  return { ...request, clean, keepalive, sessionExpiry, will };
}

function changedWill(change: WillChange, bounds: ClientBounds, limits: BrokerLimits): InterceptedWill {
  const { topic, qos: wanted = 0, retain = false } = change;
  const will = {
    topic,
    payload: bytesOf(change.payload) ?? new Uint8Array(0),
    qos: wanted,
    retain,
    properties: change.properties,
  };
  const { willDelayInterval: _, ...rest } = change.properties ?? {};
  refuse(change.properties && checkProperties(change.properties, 'will'));
  refuse(publishProblem({ ...will, properties: rest }, bounds, limits));
  if (will.payload.length > LONGEST_WILL) refuse(`has a will of ${will.payload.length} bytes`);
  return will;
}

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | WillProperties | undefined;
}

function publishProblem(message: Message, bounds: ClientBounds, limits: BrokerLimits): string | undefined {
  const { topic, qos: wanted, retain, properties: given } = message;
  const problem = topicNameProblem(topic) ?? outside(bounds.mountPoint, topic);
  if (problem !== undefined) return problem;
  if (isReserved(topic, bounds.mountPoint)) return 'is for $SYS, to which the broker alone publishes';
  if (isTooLong(topic, limits)) return TOO_LONG;
  if (isTooLong(given?.responseTopic ?? '', limits)) return `has a response topic that ${TOO_LONG}`;
  if (wanted > bounds.maxQos) return `has QoS ${wanted}, and its client has ${bounds.maxQos} at most`;
  if (retain && !bounds.retainAvailable) return 'is retained, and its listener has no retained messages';
  if (given === undefined) return undefined;
  return checkProperties(given, 'publish') ?? countProblem(given) ?? aliasProblem(given) ?? identifierProblem(given);
}

function outside(mountPoint: string, name: string): string | undefined {
  if (mountPoint === NO_MOUNT_POINT || isBelow(mountPoint, name)) return undefined;
  return 'is outside of the mount point of its client';
}

function countProblem({ userProperties }: PublishProperties): string | undefined {
  if ((userProperties?.length ?? 0) <= MOST_USER_PROPERTIES) return undefined;
  return `has more than ${MOST_USER_PROPERTIES} user properties`;
}

function aliasProblem({ topicAlias }: PublishProperties): string | undefined {
  return topicAlias === undefined ? undefined : 'has a topic alias; the broker binds its own';
}

/** [MQTT-3.3.4-6] */
function identifierProblem({ subscriptionIdentifier }: PublishProperties): string | undefined {
  return subscriptionIdentifier === undefined ? undefined : 'has a subscription identifier';
}

function sizeProblem(
  { topic, payload: bytes, qos: wanted, properties: given }: Message,
  most: number,
): string | undefined {
  const size = publishSize(5, topic, bytes, wanted, given);
  return size <= most ? undefined : `has ${size} bytes, and limits.packetSize is ${most}`;
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new TypeError(`what it answered ${problem}`);
}

function bytesOf(given: string | Uint8Array | undefined): Uint8Array | undefined {
  return typeof given === 'string' ? encodeUtf8(given) : given;
}

function filled(given: PublishProperties | undefined): PublishProperties | undefined {
  return given === undefined || Object.keys(given).length === 0 ? undefined : given;
}
