import { Subject } from 'rxjs';
import type { MqttError } from '../errors.js';
import { PublishPacket } from '../packet/publish-packet.js';
import type { WillPacket } from '../packet/packets.js';
import { ReasonCode } from '../packet/reason-codes.js';
import type { AuthenticateRequest, PublishRequest, SubscribeRequest } from './authorize.js';
import { limitsOf, type BrokerOptions } from './broker-options.js';
import { Backpressure } from './backpressure.js';
import type { BrokerSession } from './broker-session.js';
import { BrokerStorage } from './broker-storage.js';
import type { Client, ConnectedClient } from './client.js';
import { ConnectRate } from './connect-rate.js';
import { newCounters } from './counters.js';
import { Decider } from './decide.js';
import { Dispatcher } from './dispatcher.js';
import type { EnhancedAuthenticator } from './enhanced-authentication.js';
import type { BrokerLimits } from './limits.js';
import { RetainedMessages } from './retained-messages.js';
import { Sessions } from './sessions.js';
import { Subscriptions } from './subscriptions.js';

/** A client whose connection ended. */
export interface DisconnectedEvent {
  readonly client: ConnectedClient;
  /** The reason code that the broker or the client gave; 0 for a plain goodbye, and where the line was lost. */
  readonly reasonCode: number;
}

/** A message that was accepted. */
export interface PublishedEvent {
  /** Undefined for what the process of the broker published. */
  readonly clientId: string | undefined;
  readonly message: PublishPacket;
}

/** A filter that was asked for. */
export interface SubscribedEvent {
  readonly client: ConnectedClient;
  readonly filter: string;
  /** The QoS that was granted, or the reason code of the refusal. */
  readonly reasonCode: number;
}

/** The parts of one broker, as its connections see them. */
export class BrokerCore {
  readonly limits: BrokerLimits;
  readonly counters = newCounters();
  readonly clients = new Map<string, Client>();
  readonly subscriptions = new Subscriptions();
  readonly retained: RetainedMessages;
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly backpressure = new Backpressure();
  readonly rate: ConnectRate;
  /** What survives the process; undefined without a store. */
  readonly storage: BrokerStorage | undefined;
  readonly authenticate: Decider<AuthenticateRequest> | undefined;
  readonly authorizePublish: Decider<PublishRequest> | undefined;
  readonly authorizeSubscribe: Decider<SubscribeRequest> | undefined;
  readonly enhancedAuthentication: ReadonlyMap<string, EnhancedAuthenticator>;
  readonly responseInformation: string | undefined;
  readonly connected = new Subject<ConnectedClient>();
  readonly disconnected = new Subject<DisconnectedEvent>();
  readonly published = new Subject<PublishedEvent>();
  readonly subscribed = new Subject<SubscribedEvent>();
  readonly faults = new Subject<MqttError>();
  /** The store takes nothing any more. */
  readonly storeFailed = new Subject<void>();
  /** The broker says goodbye: no wills any more. */
  closing = false;

  constructor(options: BrokerOptions) {
    this.limits = limitsOf(options);
    this.rate = new ConnectRate(this.limits.connectRate);
    const { store } = options;
    this.storage = store && new BrokerStorage(store, this.faults, () => this.storeFailed.next());
    this.retained = new RetainedMessages(this.limits, this.counters, this.storage);
    this.dispatcher = new Dispatcher(this.subscriptions, this.backpressure);
    this.sessions = new Sessions(this.limits, this.counters, this.subscriptions, {
      publishWill: (will, session) => this.publishWill(will, session),
      redistribute: (message, group) => this.dispatcher.redistribute(message, group),
    });
    const { authenticate, authorizePublish, authorizeSubscribe } = options;
    this.authenticate = authenticate && new Decider(authenticate, ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    this.authorizePublish = authorizePublish && new Decider(authorizePublish, ReasonCode.NOT_AUTHORIZED);
    this.authorizeSubscribe = authorizeSubscribe && new Decider(authorizeSubscribe, ReasonCode.NOT_AUTHORIZED);
    this.enhancedAuthentication = new Map(Object.entries(options.enhancedAuthentication ?? {}));
    this.responseInformation = options.responseInformation;
  }

  /**
   * Shows a message that may be published, keeps it if it is retained, and gives it to its subscribers.
   * @returns the reason code of the answer.
   */
  publish(message: PublishPacket, from: BrokerSession | undefined): number {
    if (this.published.observed) this.published.next({ clientId: from?.clientId, message });
    const kept = !message.retain || this.retained.keep(message);
    const matched = this.dispatcher.publish(message, from);
    if (!kept) return ReasonCode.QUOTA_EXCEEDED;
    return matched === 0 ? ReasonCode.NO_MATCHING_SUBSCRIBERS : 0;
  }

  /** Calls back once everything that was changed for the session so far would survive the process. */
  whenStored({ stored }: BrokerSession, then: () => void): void {
    if (stored === undefined || this.storage === undefined) then();
    else this.storage.whenDurable(then);
  }

  private publishWill({ topic, payload, qos, retain, properties }: WillPacket, session: BrokerSession): void {
    if (this.closing) return;
    const { willDelayInterval: _, ...rest } = properties ?? {};
    const message = new PublishPacket(
      topic,
      payload,
      qos,
      retain,
      false,
      0,
      Object.keys(rest).length === 0 ? undefined : rest,
    );
    const { clientId } = session;
    const verdict = this.authorizePublish?.decide({ client: undefined, clientId, ...message, payload, topic }) ?? 0;
    const publish = (code: number): void => {
      if (code === 0) this.publish(message, session);
      else this.counters.unauthorized++;
    };
    if (typeof verdict === 'number') publish(verdict);
    else verdict.subscribe(publish);
  }
}
