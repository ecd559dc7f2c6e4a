/**
 * The embedded broker: `createBroker`, its options, hooks, limits and events.
 *
 * @module rxmqtt/broker
 */
export type { Broker, ServeInfo } from './broker.js';
export { createBroker } from './create-broker.js';
export type { BrokerOptions } from './broker-options.js';
export type { AttachOptions } from './connection/attach.js';
export type { ListenerOptions } from './connection/listeners.js';
export type { ListenerPolicy } from './connection/listener-policy.js';
export type { QueuePolicy } from './session/queue-limits.js';
export type { SessionInfo, SessionSubscription } from './session/session-info.js';
export type { DisconnectedEvent, DisconnectKind, PublishedEvent, RefusedEvent, SubscribedEvent } from './events.js';
export type {
  AuthenticateAnswer,
  AuthenticateRequest,
  DeliveryRequest,
  PublishRequest,
  SubscribeRequest,
} from './access/requests.js';
export type { ClientPrincipal } from './access/client-principal.js';
export type {
  ConnectChange,
  ConnectInterception,
  DeliveryChange,
  Intercepted,
  InterceptedWill,
  Interceptor,
  PublishChange,
  Refusal,
  SubscribeChange,
  SubscribeInterception,
  WillChange,
} from './access/interception.js';
export type {
  AuthenticationAnswer,
  AuthenticationStep,
  AuthenticationSuccess,
  EnhancedAuthenticator,
} from './access/enhanced-authentication.js';
export type { HookResult } from './access/ask-hook.js';
export type { HookContext } from './access/hook-call.js';
export type { Authorizer, AuthorizerChain, Decision } from './access/hook-chain.js';
/** The names of rxmqtt 0.1.0 for these two. */
export type { HookResult as Answer } from './access/ask-hook.js';
export type { AuthorizerChain as Chain } from './access/hook-chain.js';
export type { BrokerCounters } from './counters.js';
export type { BrokerLimits } from './broker-limits.js';
export type { BrokerMessage } from './broker-message.js';
export type { ConnectedClient } from './access/connected-client.js';
export type { Store, StoreOperation, StoreRecord } from '../session/store.js';
export { isWithin } from '../topic/is-within.js';
export { overlaps } from '../topic/overlaps.js';
export type { DuplexLike } from '../transport/duplex.js';
export type { HttpServerLike } from '../transport/http-server.js';
