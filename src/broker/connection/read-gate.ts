/** Why a connection is not read. */
export const Pause = {
  /** Its messages go to subscribers that are behind. */
  CONGESTION: 1,
  /** An authorizer decides on its messages. */
  DECISION: 2,
  /** It is the turn of other connections. */
  TURN: 4,
  /** Its CONNECT is being answered. */
  ADMISSION: 8,
  /** An authorizer decides on its subscriptions. */
  SUBSCRIPTIONS: 16,
} as const;
export type Pause = (typeof Pause)[keyof typeof Pause];

/** What a gate stops. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Stops the reading of one connection while there is a reason. */
export class ReadGate {
  private reasons = 0;

  constructor(private readonly flow: Flow) {}

  close(reason: Pause): void {
    if (this.reasons === 0) this.flow.pause();
    this.reasons |= reason;
  }

  /** Reads on, unless there is another reason; a pause of the connection itself also ends. */
  open(reason: Pause): void {
    this.reasons &= ~reason;
    if (this.reasons === 0) this.flow.resume();
  }
}
