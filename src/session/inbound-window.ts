/** Stops and restarts the flow of messages. */
export interface InboundFlow {
  pause(): void;
  resume(): void;
}

export interface InboundWindowOptions {
  /** Reading stops while as many messages are held as the window takes. */
  readonly flow?: InboundFlow | undefined;
  /** Default: no bound. */
  readonly window?: number;
  /**
   * The peer keeps to the window at QoS 1 and 2 by itself (MQTT 5): then only QoS 0 stops the reading, so that the
   * acknowledgements of our own messages still come in. Default false.
   */
  readonly peerKeepsWindow?: boolean;
}

/** Stops reading while too many messages are held. */
export class InboundWindow {
  private paused = false;

  constructor(private readonly options: InboundWindowOptions) {}

  get isPaused(): boolean {
    return this.paused;
  }

  /** So many messages are held now: those whose acknowledgement waits, and those at QoS 0, which have none. */
  update(pending: number, atQos0: number): void {
    const { flow, window = Infinity, peerKeepsWindow = false } = this.options;
    const full = (peerKeepsWindow ? 0 : pending) + atQos0 >= window;
    if (flow === undefined || full === this.paused) return;
    this.paused = full;
    if (full) flow.pause();
    else flow.resume();
  }
}
