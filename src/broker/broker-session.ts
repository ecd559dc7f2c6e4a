import { ErrorCode, type MqttError } from '../errors.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import { Outbox } from '../session/outbox.js';
import { Outgoing, type Settlement } from '../session/outgoing.js';
import { Sender } from '../session/sender.js';
import type { Client } from './client.js';
import type { ClientPort } from './client-port.js';
import type { ClientSubscription } from './client-subscription.js';
import type { BrokerCounters } from './counters.js';
import type { FanOut } from './fan-out.js';
import type { BrokerLimits } from './limits.js';
import type { SharedGroup } from './shared-group.js';

/** What the broker keeps for a client identifier, with or without a connection [MQTT-3.1.2-23]. */
export class BrokerSession {
  readonly subscriptions = new Map<string, ClientSubscription>();
  readonly sender: Sender;
  /** Inbound QoS 2 identifiers between PUBREC and PUBREL. */
  readonly openIds = new Set<number>();
  /** Seconds that it outlives its connection; `Infinity` for ever. */
  expiryInterval = 0;
  /** The connected client, if any. */
  client: Client | undefined = undefined;
  /** It was discarded: whoever still knows it delivers nothing to it. */
  ended = false;
  private waitingQoS0 = 0;
  /** What was given to this session as a member of a group, for the case that it ends first. */
  private readonly shares = new WeakMap<Outgoing, SharedGroup>();
  private readonly outbox: Outbox;
  private readonly qos0: Settlement;
  private readonly drops: Settlement;

  constructor(
    readonly clientId: string,
    private readonly limits: BrokerLimits,
    private readonly counters: BrokerCounters,
  ) {
    this.outbox = new Outbox({
      maxMessages: limits.queuedMessages,
      maxBytes: limits.queuedBytes,
      overflow: 'drop-newest',
    });
    this.sender = new Sender(this.outbox, { guarded: false });
    this.drops = {
      next: nothing,
      complete: nothing,
      error: (error) => this.countDrop(error),
    };
    this.qos0 = {
      next: () => {
        this.waitingQoS0--;
      },
      complete: nothing,
      error: (error) => {
        this.waitingQoS0--;
        this.countDrop(error);
      },
    };
  }

  get port(): ClientPort | undefined {
    return this.client?.port;
  }

  /** Messages that wait to be sent. */
  get backlog(): number {
    return this.outbox.size;
  }

  /** Binds to a connection: what was open is sent again, then what waited. */
  attach(client: Client): void {
    this.client = client;
    this.sender.attach(client.port, true);
  }

  detach(): void {
    this.client = undefined;
    this.sender.detach();
  }

  /**
   * Takes a message for this client. QoS 0 goes out at once or, where the socket is full, waits within its own bound;
   * QoS 1 and 2 wait for the window, and cost a connected client its connection when there is no room left for them.
   */
  deliver(
    fanOut: FanOut,
    qos: QoS,
    retain: boolean,
    properties: PublishProperties | undefined,
    group?: SharedGroup,
  ): void {
    if (this.ended) return;
    if (qos === 0) return this.deliverQoS0(fanOut, retain, properties);
    const { port } = this;
    const { message } = fanOut;
    const waits = port === undefined || port.congested || this.outbox.size > 0;
    const outgoing = new Outgoing(
      message.topic,
      waits ? fanOut.kept : message.payload,
      qos,
      retain,
      properties,
      this.drops,
    );
    outgoing.acceptedAt = fanOut.acceptedAt;
    if (waits && !this.outbox.hasRoomFor(outgoing)) {
      this.counters.droppedQueueFull++;
      this.client?.tooSlow();
      return;
    }
    if (group !== undefined) this.shares.set(outgoing, group);
    this.sender.offer(outgoing);
  }

  /** Gives up everything; returns what members of the same groups may get instead [MQTT-4.8.2-5]. */
  end(): { readonly message: Outgoing; readonly group: SharedGroup }[] {
    this.ended = true;
    const orphans: { readonly message: Outgoing; readonly group: SharedGroup }[] = [];
    for (const message of this.sender.abandon()) {
      const group = this.shares.get(message);
      if (group !== undefined && (message.qos === 1 || message.packetId === 0)) orphans.push({ message, group });
    }
    this.openIds.clear();
    return orphans;
  }

  private deliverQoS0(fanOut: FanOut, retain: boolean, properties: PublishProperties | undefined): void {
    const { port, limits } = this;
    const { message } = fanOut;
    if (port === undefined) {
      this.counters.droppedQoS0++;
      return;
    }
    const flows = !port.congested && this.waitingQoS0 === 0;
    if (flows && !retain && port.takesShared && properties === message.properties && fanOut.acceptedAt === 0) {
      port.publishShared(fanOut);
      return;
    }
    if (!flows && this.waitingQoS0 >= limits.queuedQoS0) {
      this.counters.droppedQoS0++;
      return;
    }
    const payload = flows ? message.payload : fanOut.kept;
    const outgoing = new Outgoing(message.topic, payload, 0, retain, properties, this.qos0);
    outgoing.acceptedAt = fanOut.acceptedAt;
    this.waitingQoS0++;
    if (flows) this.sender.pass(outgoing);
    else this.sender.offer(outgoing);
  }

  private countDrop(error: MqttError): void {
    const { counters } = this;
    switch (error.code) {
      case ErrorCode.PACKET_TOO_LARGE:
        counters.droppedTooLarge++;
        return;
      case ErrorCode.EXPIRED:
        counters.droppedExpired++;
        return;
      case ErrorCode.QUEUE_FULL:
        counters.droppedQueueFull++;
        return;
    }
  }
}

function nothing(): void {
  // What was delivered needs no further word.
}
