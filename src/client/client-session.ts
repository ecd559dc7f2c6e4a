import { defer, EMPTY, filter, type Observable, of, Subject } from 'rxjs';
import { PacketTap } from '../connection/packet-tap.js';
import { STABLE_AFTER } from '../connection/backoff.js';
import type { Reauthentication } from '../connection/reauthentication.js';
import type { WakeUp } from '../connection/wake-ups.js';
import { MqttError, type ProtocolError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { UnreadablePublish } from '../packet/unreadable-publish.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { Broadcast } from '../rx/broadcast.js';
import type { AckQueue } from '../session/ack-queue.js';
import { ackTimeout } from '../session/ack-timeout.js';
import type { KeptSession } from '../session/durable.js';
import { InboundPoison } from '../session/inbound-poison.js';
import { Outbox } from '../session/outbox.js';
import { Quarantine } from '../session/quarantine.js';
import { Sender } from '../session/sender.js';
import { UnansweredMessages } from '../session/unanswered-messages.js';
import { SubscriptionRegistry } from '../subscription/registry.js';
import { Router } from '../subscription/router.js';
import type { ClientLog } from './client-log.js';
import type { ClientSettings } from './client-settings.js';

/** The default of `subscribeBatchSize`, because brokers limit what they read in one packet. */
const MOST_FILTERS = 250;

/** Everything in a client that outlives its connections, built from the settings. */
export class ClientSession {
  readonly tap = new PacketTap();
  readonly sender: Sender;
  /** Undefined with `quarantine: false`. */
  readonly quarantine: Quarantine | undefined;
  /** Inbound QoS 2 messages that were not released yet. */
  readonly openIds = new Set<number>();
  /** The inbound QoS 2 messages that were delivered, but not answered before their connection ended. */
  readonly unanswered = new UnansweredMessages();
  readonly registry: SubscriptionRegistry;
  readonly router = new Router();
  readonly messages = new Broadcast<PublishPacket>();
  readonly unrouted = new Broadcast<PublishPacket>();
  readonly faults = new Broadcast<MqttError>();
  readonly pongs = new Subject<void>();
  private readonly inboundPoison = new InboundPoison();
  unroutedCount = 0;
  /**
   * The broker exceeded our Receive Maximum and was disconnected for it once. A broker that does it again (Mosquitto
   * 2.0 does when it resumes a session) would do it on every connection. Tolerating it beats reconnecting forever.
   */
  isOverrun = false;
  /** The acknowledgements of the current or last connection. */
  acks: AckQueue | undefined;
  /** Set while the current connection can re-authenticate. */
  reauthentication: Reauthentication | undefined;
  private readonly kept: KeptSession | undefined;

  constructor(
    readonly settings: ClientSettings,
    /** Emits when deadlines must be checked again. */
    readonly wakeUps$: Observable<WakeUp>,
    /** The log of the application. */
    readonly clientLog: ClientLog,
    onStoreFailure: (error: MqttError) => void,
  ) {
    const { options, clientId } = settings;
    const { retention, offline, store } = options;
    const { reconnect } = settings;
    const stableAfter = typeof reconnect === 'object' ? reconnect.stableAfter : undefined;
    this.quarantine = options.quarantine === false ? undefined : new Quarantine(stableAfter ?? STABLE_AFTER);
    this.sender = new Sender(new Outbox(settings.outbox), {
      onSessionLost: options.onSessionLost,
      retention,
      downgradeQos: options.downgradeQos,
      qos0: offline?.qos0,
      rateLimited: offline?.rate !== undefined,
      limits: options.limits,
      stamped: options.ackTimeout !== undefined,
      quarantine: this.quarantine,
    });
    this.registry = new SubscriptionRegistry(this.router, this.sender.inFlight.ids, {
      batchSize: options.subscribeBatchSize ?? MOST_FILTERS,
      resubscribe: options.resubscribe ?? true,
      ackTimeout: options.ackTimeout,
      rejectOffline: retention === 'qos1' || retention === 'nothing',
      onLostOption: settings.protocolVersion === 'auto' ? (error) => this.faults.next(error) : undefined,
      freed$: this.sender.settled$,
      quarantine: this.quarantine,
    });
    const { sender, openIds, faults } = this;
    this.kept = store?.keepSession({
      clientId,
      sender,
      openIds,
      onDamage: (error) => faults.next(error),
      onFailure: onStoreFailure,
    });
  }

  /** Writes the session to the store, if there is one. */
  get log(): KeptSession['log'] | undefined {
    return this.kept?.log;
  }

  /** Completes once the session of an earlier process is loaded. */
  get ready$(): Observable<never> {
    return this.kept?.restored$ ?? EMPTY;
  }

  /** Emits once every acknowledgement has arrived. */
  readonly idle$: Observable<unknown> = defer(() =>
    this.sender.idle ? of(undefined) : this.sender.settled$.pipe(filter(() => this.sender.idle)),
  );

  /** Fails overdue acknowledgements while it is subscribed to. */
  get overdue$(): Observable<never> {
    const { ackTimeout: ms } = this.settings.options;
    if (ms === undefined) return EMPTY;
    return ackTimeout(ms, (now) => this.sender.inFlight.failTimedOut(now, ms));
  }

  /** Acknowledges and reports an unreadable message that has ended enough connections; returns false until then. */
  giveUp(publish: UnreadablePublish, error: ProtocolError): boolean {
    if (!this.inboundPoison.isGivenUp(publish, error)) return false;
    const { qos, packetId, topic } = publish;
    if (qos !== 0) this.acks?.answer(qos, packetId, ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    const problem =
      `a message under ${JSON.stringify(topic.slice(0, 200))} was acknowledged unread, ` +
      `because it ended three connections within ten minutes: ${error.message}`;
    this.faults.next(new MqttError(problem, { code: error.code, reasonCode: error.reasonCode, cause: error }));
    return true;
  }

  /** Settles everything: publishes error; subscriptions complete after an orderly end, and error otherwise. */
  close(reason: MqttError, inOrder: boolean): void {
    this.sender.close(reason);
    this.registry.close(inOrder ? undefined : reason);
    this.messages.complete();
    this.unrouted.complete();
    this.faults.complete();
    this.tap.packets.complete();
  }
}
