export { createBroker, type Broker } from './broker.js';
export type { BrokerOptions, ListenerOptions } from './broker-options.js';
export type { DisconnectedEvent, PublishedEvent, SubscribedEvent } from './broker-core.js';
export type { AuthenticateRequest, PublishRequest, SubscribeRequest } from './authorize.js';
export type { Answer, Chain, Decision } from './decide.js';
export type { BrokerCounters } from './counters.js';
export type { BrokerLimits } from './limits.js';
export type { BrokerMessage } from './publishing.js';
export type { ConnectedClient } from './client.js';
