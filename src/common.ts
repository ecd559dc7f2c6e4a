/** The exports that both faces of the package share. */
export type { MqttClient } from './client/mqtt-client.js';
export type { MqttMessage } from './client/mqtt-message.js';
export type * from './client/client-options.js';
export type { Log } from './client/client-log.js';
export type { ConnectedState } from './client/connected-states.js';
export type { ClientStats } from './client/client-stats.js';
export type { Connect } from './client/connect.js';
export { request, type RequestOptions } from './client/request.js';
export { respond, type RequestHandler, type RespondOptions } from './client/respond.js';
export type { AuthData, AuthMechanism, AuthSource } from './connection/auth-mechanism.js';
export type { RedirectOptions } from './connection/redirect.js';
export type { ScramOptions } from './connection/scram-exchange.js';
export { scramSha256 } from './connection/scram-sha-256.js';
export { backoff, type BackoffOptions, type Jitter } from './connection/backoff.js';
export type { ConnectionFailure } from './connection/connection-failure.js';
export { FATAL_REASON_CODES } from './connection/final-failures.js';
export type { Negotiated } from './connection/negotiated.js';
export type { PacketEvent } from './connection/packet-tap.js';
export type { ReconnectStrategy } from './connection/reconnect.js';
export type { ConnectionState } from './connection/connection-state.js';
export * from './errors.js';
export type * from './packet/packets.js';
export { QoS, RetainHandling } from './packet/packets.js';
export { PropertyId } from './packet/property-id.js';
export { ConnectReturnCode, ReasonCode, reasonCodeName } from './packet/reason-codes.js';
export type { Overflow } from './session/outbox.js';
export type { PublishLimits } from './session/publish-limits.js';
export type { PublishReceipt } from './session/outgoing-publish.js';
export type { Retention } from './session/retention.js';
export { durable, type SessionStore } from './session/durable.js';
export { memoryStore, type MemoryStore } from './session/memory-store.js';
export type { Store, StoreOperation, StoreRecord } from './session/store.js';
export type { SessionLostPolicy } from './session/sender-options.js';
export type { SubscriptionInfo, SubscriptionStatus } from './subscription/subscription-info.js';
export { matches } from './topic/matches.js';
export { topicTemplate, type TopicLevels, type TopicParams, type TopicTemplate } from './topic/topic-template.js';
export { memory, type MemoryOptions, type MemoryPeer, type MemoryTransport } from './transport/memory.js';
export type * from './transport/transport.js';
export type { NativeObservable, StreamInput } from './rx/from-input.js';
export { ackAfter, type AckAfterOptions } from './operators/ack-after.js';
export { conflate, type ConflateOptions } from './operators/conflate.js';
export { fromAbortSignal } from './operators/from-abort-signal.js';
export { json, type JsonOptions } from './operators/json.js';
export { latest, type Latest, type LatestOptions } from './operators/latest.js';
export { latestByTopic, type LatestByTopicOptions } from './operators/latest-by-topic.js';
export { parse, type ParseOptions } from './operators/parse.js';
export { presence, type Presence, type PresenceOptions } from './operators/presence.js';
export {
  publishTo,
  type Publishable,
  type Publisher,
  type PublisherOptions,
  type PublishToOptions,
} from './operators/publish-to.js';
export type { SchemaOutput, SchemaResult, StandardSchema } from './operators/standard-schema.js';
export { text } from './operators/text.js';
export { toAsyncIterable, type ToAsyncIterableOptions } from './operators/to-async-iterable.js';
export { topicFilter, withTopic, type WithTopic } from './operators/topic-levels.js';
export { watchPresence, type PresenceOf, type WatchPresenceOptions } from './operators/watch-presence.js';
