import type { Access } from '../access/access.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { BrokerEvents } from '../events.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { RetainedMessages } from '../routing/retained-messages.js';
import type { SubscriptionIndex } from '../routing/subscription-index.js';
import type { SessionDirectory } from '../session/session-directory.js';
import type { SessionLogs } from '../session/session-log.js';
import type { ConnectRate } from './connect-rate.js';
import type { Client } from './connected-client.js';

/** The other rooms of a broker, as its connections see them. */
export interface BrokerContext {
  readonly limits: BrokerLimits;
  readonly counters: BrokerCounters;
  readonly events: BrokerEvents;
  readonly access: Access;
  readonly subscriptions: SubscriptionIndex;
  readonly retained: RetainedMessages;
  readonly dispatcher: Dispatcher;
  readonly sessions: SessionDirectory;
  /** Records what survives the process; undefined without a store. */
  readonly logs: SessionLogs | undefined;
  readonly rate: ConnectRate;
  /** By client identifier. */
  readonly clients: Map<string, Client>;
  /** For MQTT 5 clients that request response information. */
  readonly responseInformation: string | undefined;
}
