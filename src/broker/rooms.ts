import type { MqttError } from '../errors.js';
import { Access } from './access/access.js';
import { limitsOf, type BrokerOptions } from './broker-options.js';
import type { BrokerContext } from './connection/broker-context.js';
import { ConnectRate } from './connection/connect-rate.js';
import { newCounters } from './counters.js';
import { BrokerEvents } from './events.js';
import { Backpressure } from './routing/backpressure.js';
import { Dispatcher } from './routing/dispatcher.js';
import { RetainedMessages } from './routing/retained-messages.js';
import { SubscriptionIndex } from './routing/subscription-index.js';
import { Sessions } from './session/sessions.js';
import { WillPublisher } from './session/will-publisher.js';
import { BrokerStorage } from './storage/broker-storage.js';

/** The rooms of one broker. */
export interface Rooms extends BrokerContext {
  readonly sessions: Sessions;
  readonly wills: WillPublisher;
  readonly backpressure: Backpressure;
  /** Keeps what survives the process; undefined without a store. */
  readonly storage: BrokerStorage | undefined;
}

/** @param onStoreFailure - called when the store can no longer be written. */
export function openRooms(options: BrokerOptions, onStoreFailure: () => void): Rooms {
  const limits = limitsOf(options);
  const counters = newCounters();
  const events = new BrokerEvents();
  const guard = {
    timeout: limits.hookTimeout,
    onFailure(error: MqttError) {
      counters.failedHooks++;
      events.faults.next(error);
    },
  };
  const access = new Access(options, guard, limits);
  const storage = options.store && new BrokerStorage(options.store, events.faults, onStoreFailure);
  const subscriptions = new SubscriptionIndex();
  const retained = new RetainedMessages(limits, counters, storage);
  const backpressure = new Backpressure();
  const dispatcher = new Dispatcher(subscriptions, retained, backpressure, events.published);
  const wills = new WillPublisher(dispatcher, access, limits, counters);
  const sessions = new Sessions({ limits, counters, subscriptions, dispatcher, wills, logs: storage });
  return {
    limits,
    counters,
    events,
    access,
    storage,
    logs: storage,
    subscriptions,
    retained,
    backpressure,
    dispatcher,
    wills,
    sessions,
    rate: new ConnectRate(limits),
    clients: new Map(),
    responseInformation: options.responseInformation,
  };
}
