import { ErrorCode, type MqttError } from '../errors.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import type { ByteTotal } from '../session/backlog.js';
import { Outbox } from '../session/outbox.js';
import { Outgoing, type Settlement } from '../session/outgoing.js';
import { Sender } from '../session/sender.js';
import type { Client } from './client.js';
import type { ClientPort } from './client-port.js';
import type { ClientSubscription } from './client-subscription.js';
import type { BrokerCounters } from './counters.js';
import type { FanOut } from './fan-out.js';
import type { BrokerLimits } from './limits.js';
import type { RetainedMessages } from './retained-messages.js';
import { RetainedReplay } from './retained-replay.js';
import type { SharedGroup } from './shared-group.js';
import type { StoredSession } from './stored-session.js';

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
  /** What remembers it beyond the process. */
  stored: StoredSession | undefined = undefined;
  /** What is retained for new subscriptions, while it is being sent. */
  private replaying: RetainedReplay | undefined = undefined;
  /** What was given to this session as a member of a group, for the case that it ends first. */
  private shares: WeakMap<Outgoing, SharedGroup> | undefined = undefined;
  private readonly outbox: Outbox;
  private readonly drops: Drops;
  private readonly waiting: WaitingQoS0;

  constructor(
    readonly clientId: string,
    private readonly limits: BrokerLimits,
    private readonly counters: BrokerCounters,
    /** What waits in the queues of all sessions. */
    private readonly total: ByteTotal,
  ) {
    const { queuedMessages: maxMessages, queuedBytes: maxBytes } = limits;
    this.outbox = new Outbox({ maxMessages, maxBytes, overflow: 'drop-newest' }, total);
    this.sender = new Sender(this.outbox, { guarded: false });
    this.drops = new Drops(counters);
    this.waiting = new WaitingQoS0(counters);
  }

  get port(): ClientPort | undefined {
    return this.client?.port;
  }

  /** Messages that wait to be sent. */
  get backlog(): number {
    return this.outbox.size;
  }

  /** A message would go out at once: nothing waits, and neither the window nor the socket is full. */
  get takesMore(): boolean {
    const { port, sender } = this;
    if (port === undefined || port.congested || this.outbox.size > 0) return false;
    return sender.inFlight.windowUsed < port.limits.receiveMaximum;
  }

  /** From now on it survives the process. */
  remember(stored: StoredSession): void {
    this.stored = stored;
    this.sender.remember(stored);
  }

  /** Sends what is retained for a subscription, little by little. */
  replay(subscription: ClientSubscription, retained: RetainedMessages): void {
    const replaying = (this.replaying ??= new RetainedReplay(this, () => {
      this.replaying = undefined;
    }));
    replaying.add(subscription, retained);
    replaying.feed();
  }

  /** Whether there is more to send of what is retained for a subscription. */
  owesRetained(subscription: ClientSubscription): boolean {
    return this.replaying?.owes(subscription) === true;
  }

  /** Binds to a connection: what was open is sent again, then what waited. */
  attach(client: Client): void {
    this.client = client;
    this.sender.attach(client.port, true);
    this.replaying?.feed();
  }

  /** The socket has room again. */
  drained(): void {
    this.sender.pump();
    this.replaying?.feed();
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
    const payload = waits ? fanOut.kept : message.payload;
    const { topic } = message;
    const outgoing = this.outgoing(topic, payload, fanOut.acceptedAt, qos, retain, properties, group);
    if (waits && !this.hasRoomFor(outgoing)) {
      if (this.outbox.hasRoomFor(outgoing)) this.counters.droppedTotalFull++;
      else this.counters.droppedQueueFull++;
      this.client?.tooSlow();
      return;
    }
    this.stored?.take(outgoing, fanOut, group);
    this.sender.offer(outgoing);
  }

  /** A message at QoS 1 or 2 for this client, by itself. */
  outgoing(
    topic: string,
    payload: Uint8Array,
    acceptedAt: number,
    qos: QoS,
    retain: boolean,
    properties: PublishProperties | undefined,
    group: SharedGroup | undefined,
  ): Outgoing {
    const outgoing = new Outgoing(topic, payload, qos, retain, properties, this.drops);
    outgoing.acceptedAt = acceptedAt;
    if (group !== undefined) (this.shares ??= new WeakMap()).set(outgoing, group);
    return outgoing;
  }

  /** Gives up everything; returns what members of the same groups may get instead [MQTT-4.8.2-5]. */
  end(): { readonly message: Outgoing; readonly group: SharedGroup }[] {
    const orphans: { readonly message: Outgoing; readonly group: SharedGroup }[] = [];
    for (const message of this.close()) {
      const group = this.shares?.get(message);
      if (group !== undefined && (message.qos === 1 || message.packetId === 0)) orphans.push({ message, group });
      message.log?.settled(message);
    }
    this.stored?.ended(this.openIds);
    this.openIds.clear();
    return orphans;
  }

  /** Stops, and leaves in the store what is there. */
  close(): Outgoing[] {
    this.ended = true;
    this.replaying?.stop();
    this.replaying = undefined;
    return this.sender.abandon();
  }

  private hasRoomFor(message: Outgoing): boolean {
    return this.outbox.hasRoomFor(message) && this.total.bytes + message.bytes <= this.limits.totalQueuedBytes;
  }

  private deliverQoS0(fanOut: FanOut, retain: boolean, properties: PublishProperties | undefined): void {
    const { port, limits } = this;
    const { message } = fanOut;
    if (port === undefined) {
      this.counters.droppedQoS0++;
      return;
    }
    const { waiting } = this;
    const flows = !port.congested && waiting.count === 0;
    if (flows && !retain && port.takesShared && properties === message.properties && fanOut.acceptedAt === 0) {
      port.publishShared(fanOut);
      return;
    }
    const payload = flows ? message.payload : fanOut.kept;
    const outgoing = new Outgoing(message.topic, payload, 0, retain, properties, waiting);
    outgoing.acceptedAt = fanOut.acceptedAt;
    if (!flows && (waiting.count >= limits.queuedQoS0 || !this.hasRoomFor(outgoing))) {
      this.counters.droppedQoS0++;
      return;
    }
    waiting.count++;
    if (flows) this.sender.pass(outgoing);
    else this.sender.offer(outgoing);
  }
}

/** Counts the QoS 1 and 2 messages that come to nothing. */
class Drops implements Settlement {
  constructor(private readonly counters: BrokerCounters) {}

  next(): void {
    // What was delivered needs no word.
  }

  complete(): void {
    // See `next`.
  }

  error({ code }: MqttError): void {
    if (code === ErrorCode.PACKET_TOO_LARGE) this.counters.droppedTooLarge++;
    else if (code === ErrorCode.EXPIRED) this.counters.droppedExpired++;
    else if (code === ErrorCode.QUEUE_FULL) this.counters.droppedQueueFull++;
  }
}

/** Counts the QoS 0 messages that wait as well. */
class WaitingQoS0 extends Drops {
  count = 0;

  override next(): void {
    this.count--;
  }

  override error(error: MqttError): void {
    this.count--;
    super.error(error);
  }
}
