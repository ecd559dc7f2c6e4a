/** Pauses and resumes the flow of messages. */
export interface InboundFlow {
  pause(): void;
  resume(): void;
}

export interface InboundWindowOptions {
  /** Reading pauses while the window is full of held messages. */
  readonly flow?: InboundFlow | undefined;
  /** Default: no bound. */
  readonly window?: number;
  /**
   * True if the peer respects the window at QoS 1 and 2 (MQTT 5). Then only QoS 0 pauses reading, so that
   * acknowledgements of our own messages still arrive. Default false.
   */
  readonly peerKeepsWindow?: boolean;
}

/** Pauses reading while too many messages are held. */
export class InboundWindow {
  private paused = false;

  constructor(private readonly options: InboundWindowOptions) {}

  get isPaused(): boolean {
    return this.paused;
  }

  /** Updates the counts: messages with an outstanding acknowledgement, and held QoS 0 messages, which have none. */
  update(pending: number, atQos0: number): void {
    const { flow, window = Infinity, peerKeepsWindow = false } = this.options;
    const full = (peerKeepsWindow ? 0 : pending) + atQos0 >= window;
    if (flow === undefined || full === this.paused) return;
    this.paused = full;
    if (full) flow.pause();
    else flow.resume();
  }
}
