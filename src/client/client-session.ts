import { defer, EMPTY, filter, type Observable, of, Subject } from 'rxjs';
import { PacketTap } from '../connection/packet-tap.js';
import type { Reauthentication } from '../connection/reauthentication.js';
import type { WakeUp } from '../connection/wake-ups.js';
import type { MqttError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { AckQueue } from '../session/ack-queue.js';
import { ackTimeout } from '../session/ack-timeout.js';
import type { KeptSession } from '../session/durable.js';
import { Outbox } from '../session/outbox.js';
import { Sender } from '../session/sender.js';
import { UnansweredMessages } from '../session/unanswered-messages.js';
import { SubscriptionRegistry } from '../subscription/registry.js';
import { Router } from '../subscription/router.js';
import type { ClientSettings } from './client-settings.js';
import { failTimedOut } from './ack-timeouts.js';

/** Everything of a client that outlives its connections, put together from the settings. */
export class ClientSession {
  readonly tap = new PacketTap();
  /** What goes out. */
  readonly sender: Sender;
  /** QoS 2 messages that came in and were not released yet. */
  readonly openIds = new Set<number>();
  /** Those of them that were delivered and could not be answered before their connection ended. */
  readonly unanswered = new UnansweredMessages();
  /** What is subscribed to, and who gets what. */
  readonly registry: SubscriptionRegistry;
  readonly router = new Router();
  readonly messages = new Subject<PublishPacket>();
  readonly unrouted = new Subject<PublishPacket>();
  readonly faults = new Subject<MqttError>();
  readonly pongs = new Subject<void>();
  unroutedCount = 0;
  /**
   * The broker was told once that it exceeds our Receive Maximum. One that does it again (Mosquitto 2.0 does when it
   * resumes a session) would do it on each connection: then it is better borne with than never heard to the end.
   */
  isOverrun = false;
  /** Of the connection that works now, or worked last. */
  acks: AckQueue | undefined;
  /** Of the connection that works now. */
  reauthentication: Reauthentication | undefined;
  private readonly kept: KeptSession | undefined;

  constructor(
    readonly settings: ClientSettings,
    /** Moments at which deadlines are looked at anew. */
    readonly wakeUps$: Observable<WakeUp>,
    onStoreFailure: (error: MqttError) => void,
  ) {
    const { options, clientId } = settings;
    const { retention, offline, store } = options;
    this.sender = new Sender(new Outbox(settings.outbox), {
      onSessionLost: options.onSessionLost,
      retention,
      downgradeQos: options.downgradeQos,
      qos0: offline?.qos0,
      rateLimited: offline?.rate !== undefined,
      limits: options.limits,
      stamped: options.ackTimeout !== undefined,
    });
    this.registry = new SubscriptionRegistry(this.router, this.sender.inFlight.ids, {
      batchSize: options.subscribeBatchSize ?? Infinity,
      resubscribe: options.resubscribe ?? true,
      rejectOffline: retention === 'qos1' || retention === 'nothing',
      freed$: this.sender.settled$,
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

  /** Remembers the session beyond the process, where there is a store. */
  get log(): KeptSession['log'] | undefined {
    return this.kept?.log;
  }

  /** Completes when what an earlier process left is taken over. */
  get ready$(): Observable<never> {
    return this.kept?.restored$ ?? EMPTY;
  }

  /** Emits once nothing is left to be acknowledged. */
  readonly idle$: Observable<unknown> = defer(() =>
    this.sender.idle ? of(undefined) : this.sender.settled$.pipe(filter(() => this.sender.idle)),
  );

  /** Looks after acknowledgements that take too long, as long as it is subscribed. */
  get overdue$(): Observable<never> {
    const { ackTimeout: ms } = this.settings.options;
    return ms === undefined ? EMPTY : ackTimeout(ms, (now) => failTimedOut(this, now, ms));
  }

  /** Settles everything: publishes with the error, subscriptions in order or with the error too. */
  close(reason: MqttError, inOrder: boolean): void {
    this.sender.close(reason);
    this.registry.close(inOrder ? undefined : reason);
    this.messages.complete();
    this.unrouted.complete();
    this.faults.complete();
    this.tap.close();
  }
}
