import type { Subscription } from 'rxjs';
import type { AckProperties, PublishProperties, QoS } from '../packet/packets.js';
import type { MqttError } from '../errors.js';
import { messageSize } from '../packet/message-size.js';
import { publishTimedOut } from './publish-timed-out.js';
import { safeTimer } from '../rx/safe-timer.js';
import { safeError, safeResult } from '../rx/safe-observer.js';

/** The stages of an outgoing message. */
export const Phase = {
  /** Waits for room in the outbox. */
  HELD: -1,
  /** In the outbox, not sent yet. */
  QUEUED: 0,
  /** PUBLISH was sent; PUBACK or PUBREC is outstanding. */
  PUBLISHED: 1,
  /** PUBREC arrived and PUBREL was sent; PUBCOMP is outstanding. */
  RELEASED: 2,
  /** Finished, or cancelled before it was sent. */
  SETTLED: 3,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Persists the progress of a message; see `OutgoingLog`. */
export interface StepLog {
  /** PUBLISH (the packet identifier is assigned) or PUBREL is about to be sent. */
  advanced(message: OutgoingPublish, then: () => void): void;
  /** The message is finished: acknowledged, refused or dropped. */
  settled(message: OutgoingPublish): void;
}

/** The outcome of a publish. */
export interface PublishReceipt {
  /** The packet identifier it was sent with; 0 at QoS 0. */
  readonly packetId: number;
  /** The QoS it was sent with. */
  readonly qos: QoS;
  /** 0x00, or 0x10 if the broker has no matching subscribers. Always 0 on 3.1.1 and at QoS 0. */
  readonly reasonCode: number;
  /** Properties of the broker's acknowledgement (MQTT 5). */
  readonly properties?: AckProperties | undefined;
  /**
   * True if the session was lost between PUBREC and PUBCOMP: the broker had the message but did not confirm the end of
   * the handshake.
   */
  readonly inDoubt?: true;
}

/** Receives the outcome of one message; an RxJS `Subscriber` is one. */
export interface PublishObserver {
  readonly closed?: boolean;
  next(receipt: PublishReceipt): void;
  error(error: unknown): void;
  complete(): void;
}

/** One outgoing message, from `publish()` to its last acknowledgement. */
export class OutgoingPublish {
  phase: Phase = Phase.QUEUED;
  /** Assigned when the message is sent, 0 until then. */
  packetId = 0;
  /** When it was accepted, by `elapsed()`; undefined without a message expiry interval. */
  acceptedAt: number | undefined = undefined;
  /** When PUBLISH was first sent, by `elapsed()`; undefined without an acknowledgement timeout. */
  sentAt: number | undefined = undefined;
  /** How long its acknowledgement may take, in ms; 0 without a timeout of its own. */
  ackTimeout = 0;
  /** How many connections may still carry it, at QoS 1 and 2; -1 for no limit. */
  triesLeft = -1;
  /** The timer of {@link ackTimeout}. */
  private ackTimer: Subscription | undefined = undefined;
  /** PUBLISH went out, on this connection or an earlier one: the next one is a repetition. */
  sent = false;
  /** It was sent on the current connection. */
  onWire = false;
  /** The log that persists it, and its number there. */
  log: StepLog | undefined = undefined;
  key = 0;
  /** Its last step is persisted, or there is no log: it may go on the wire. */
  durable = true;
  /** Its neighbours among the open exchanges. */
  before: OutgoingPublish | undefined = undefined;
  after: OutgoingPublish | undefined = undefined;
  /** Computed on first use; -1 until then. */
  private size = -1;

  constructor(
    readonly topic: string,
    public payload: Uint8Array,
    /** Lowered on sending if the peer supports less and the application allows it. */
    public qos: QoS,
    readonly retain: boolean,
    public properties: PublishProperties | undefined,
    /** Undefined once the observer has left; the handshake continues. */
    public observer: PublishObserver | undefined,
  ) {}

  get isPending(): boolean {
    return this.phase !== Phase.SETTLED;
  }

  /** Its size in byte-based bounds; see {@link messageSize}. */
  get bytes(): number {
    return this.size < 0 ? (this.size = messageSize(this.topic, this.payload, this.properties)) : this.size;
  }

  /** Copies a payload that is a small part of a larger block, so that the block is not retained. */
  releaseBlock(): void {
    const { payload } = this;
    if (payload.length * 2 < payload.buffer.byteLength) this.payload = new Uint8Array(payload);
  }

  /** PUBLISH goes out for the first time: from now on the peer has time to acknowledge it. */
  startTimeout(): void {
    const { ackTimeout } = this;
    if (ackTimeout === 0) return;
    this.ackTimer = safeTimer(ackTimeout).subscribe(() => this.tell(publishTimedOut(this.topic, ackTimeout)));
  }

  succeed(receipt: PublishReceipt): void {
    this.ackTimer?.unsubscribe();
    this.phase = Phase.SETTLED;
    this.log?.settled(this);
    const { observer } = this;
    this.observer = undefined;
    safeResult(observer, receipt);
  }

  fail(error: MqttError): void {
    this.phase = Phase.SETTLED;
    this.log?.settled(this);
    this.tell(error);
  }

  /** The observer has left; the exchange continues. */
  forget(): void {
    this.ackTimer?.unsubscribe();
    this.observer = undefined;
  }

  /** Errors the observer, while the exchange continues. */
  tell(error: MqttError): void {
    this.ackTimer?.unsubscribe();
    const { observer } = this;
    this.observer = undefined;
    safeError(observer, error);
  }

  /** Withdraws a message that was never sent. */
  cancel(): void {
    this.phase = Phase.SETTLED;
    this.observer = undefined;
    this.log?.settled(this);
  }
}
