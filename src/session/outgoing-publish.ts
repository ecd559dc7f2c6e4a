import type { Subscription } from 'rxjs';
import type { AckProperties, PublishProperties, QoS } from '../packet/packets.js';
import type { MqttError } from '../errors.js';
import { publishTimedOut } from './publish-timed-out.js';
import { safeTimer } from '../rx/safe-timer.js';
import { safeError, safeResult } from '../rx/safe-observer.js';

/** Where a message stands on its way out. */
export const Phase = {
  /** Waits for room in the outbox. */
  HELD: -1,
  /** In the outbox; nothing of it was sent. */
  QUEUED: 0,
  /** PUBLISH was sent; PUBACK or PUBREC is awaited. */
  PUBLISHED: 1,
  /** PUBREC came; PUBREL was sent, PUBCOMP is awaited. */
  RELEASED: 2,
  /** Done, or given up before it was sent. */
  SETTLED: 3,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Remembers how far a message has come; see `OutgoingLog`. */
export interface StepLog {
  /** It has its packet identifier, and PUBLISH is about to be sent; or PUBREL is. */
  advanced(message: OutgoingPublish, then: () => void): void;
  /** It is done with, in whatever way. */
  settled(message: OutgoingPublish): void;
}

/** What became of a publish. */
export interface PublishReceipt {
  /** The packet identifier that it was sent with; 0 at QoS 0. */
  readonly packetId: number;
  readonly qos: QoS;
  /** 0x00, or 0x10 when the broker says that nobody subscribes. Always 0 on 3.1.1 and at QoS 0. */
  readonly reasonCode: number;
  /** What the broker added to its acknowledgement (MQTT 5). */
  readonly properties?: AckProperties | undefined;
  /**
   * Present and true where the session was lost after PUBREC and before PUBCOMP: the broker had the message, but did
   * not confirm the end of the handshake.
   */
  readonly inDoubt?: true;
}

/** Hears of the end of one message; an RxJS `Subscriber` is one. */
export interface PublishObserver {
  readonly closed?: boolean;
  next(receipt: PublishReceipt): void;
  error(error: unknown): void;
  complete(): void;
}

/** One message on its way out, from `publish()` to its last acknowledgement. */
export class OutgoingPublish {
  phase: Phase = Phase.QUEUED;
  /** Bound when it is sent, 0 until then. */
  packetId = 0;
  /** When it was accepted, ms of the scheduler; -1 where no message expiry interval makes that matter. */
  acceptedAt = -1;
  /** When PUBLISH was first sent, ms of the scheduler; 0 unless there is an acknowledgement time-out. */
  sentAt = 0;
  /** How long its acknowledgement may take, in ms; 0 where that is left to the client. */
  ackTimeout = 0;
  /** Runs for those that have a time-out of their own. */
  private patience: Subscription | undefined = undefined;
  /** PUBLISH went out, on this connection or an earlier one: the next time it is a repetition. */
  sent = false;
  /** It was sent on the connection that works now. */
  onWire = false;
  /** Where it is remembered beyond the process, and under which number. */
  log: StepLog | undefined = undefined;
  key = 0;
  /** Its last step is remembered, or there is nowhere to remember it: it may show on the wire. */
  durable = true;
  /** Its neighbours among the exchanges that are open. */
  before: OutgoingPublish | undefined = undefined;
  after: OutgoingPublish | undefined = undefined;

  constructor(
    readonly topic: string,
    readonly payload: Uint8Array,
    /** Lowered when it is sent, where the peer takes no more and the application allows it. */
    public qos: QoS,
    readonly retain: boolean,
    public properties: PublishProperties | undefined,
    /** Undefined once nobody listens any more: the handshake goes on all the same. */
    public observer: PublishObserver | undefined,
  ) {}

  /** What it counts for in bounds that are given in bytes: payload and topic. */
  get bytes(): number {
    return this.payload.length + this.topic.length;
  }

  /** PUBLISH goes out for the first time: from now on the peer has time to acknowledge it. */
  startTimeout(): void {
    const { ackTimeout } = this;
    if (ackTimeout === 0) return;
    this.patience = safeTimer(ackTimeout).subscribe(() => this.tell(publishTimedOut(this.topic, ackTimeout)));
  }

  succeed(receipt: PublishReceipt): void {
    this.patience?.unsubscribe();
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

  /** Nobody listens any more; the exchange itself goes on. */
  forget(): void {
    this.patience?.unsubscribe();
    this.observer = undefined;
  }

  /** Lets whoever waits know, while the exchange itself goes on. */
  tell(error: MqttError): void {
    this.patience?.unsubscribe();
    const { observer } = this;
    this.observer = undefined;
    safeError(observer, error);
  }

  /** Nobody wants it any more, and nothing of it was sent. */
  cancel(): void {
    this.phase = Phase.SETTLED;
    this.observer = undefined;
    this.log?.settled(this);
  }
}
