export { createBroker, type Broker, type ServeInfo } from './broker.js';
export type { BrokerOptions } from './broker-options.js';
export type { ListenerOptions } from './connection/listeners.js';
export type { DisconnectedEvent, PublishedEvent, SubscribedEvent } from './events.js';
export type { AuthenticateRequest, PublishRequest, SubscribeRequest } from './access/requests.js';
export type {
  AuthenticationAnswer,
  AuthenticationStep,
  EnhancedAuthenticator,
} from './access/enhanced-authentication.js';
export type { AuthorizerChain, Decision, HookResult } from './access/hook-chain.js';
/** The names of rxmqtt 0.1.0 for these two. */
export type { AuthorizerChain as Chain, HookResult as Answer } from './access/hook-chain.js';
export type { BrokerCounters } from './counters.js';
export type { BrokerLimits } from './broker-limits.js';
export type { BrokerMessage } from './broker-message.js';
export type { ConnectedClient } from './access/connected-client.js';
export type { Store, StoreOperation, StoreRecord } from '../session/store.js';
export type { DuplexLike } from '../transport/duplex.js';
