import { Subscription } from 'rxjs';
import { ReasonCode } from '../packet/reason-codes.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { type Duration, toMs } from './duration.js';
import { Faults, type PacketMatch } from './faults.js';
import type { LanePace } from './lane.js';
import type { WireLog } from './wire-log.js';

/** The line between one client and the broker, over all of its connections, to be spoiled by a test. */
export interface TestLine {
  /** Breaks the connection: both ends see an error, and what is on its way is lost. */
  cut(): void;
  /** The broker ends the connection in order; on MQTT 5 with this reason code. Default 0x8B, the broker shuts down. */
  close(reasonCode?: number): void;
  /** Nothing passes in either direction for so long; then all of it arrives. */
  freeze(duration: Duration): void;
  /** The client's socket is full for so long. */
  congest(duration: Duration): void;
  /** The next packets that match are lost. */
  drop(match: PacketMatch, times?: number): void;
  /** The next packets that match arrive twice. */
  duplicate(match: PacketMatch, times?: number): void;
  /** The next packets that match take so much longer; what comes behind them does not wait. */
  delay(match: PacketMatch, duration: Duration, times?: number): void;
  /** The next packets that match arrive with wrong flags, which makes them malformed. */
  corrupt(match: PacketMatch, times?: number): void;
  /** From now on packets arrive in pieces of so many bytes. */
  split(bytes: number): void;
  /** The next attempts to connect get a CONNACK with this reason code; without one, nothing listens there. */
  refuse(reasonCode?: number, times?: number): void;
  /** By its next CONNECT, the broker has forgotten the session of the client. */
  forgetSession(): void;
  /** The broker sends the client to another server (0x9C): at once, or with its next CONNECT. */
  redirect(to: string): void;
}

/** One connection of a line. */
export interface LineConnection {
  cut(): void;
  close(reasonCode: number, serverReference?: string): void;
  congest(congested: boolean): void;
  pump(): void;
}

/** How the line answers a CONNECT in the broker's place. */
export interface Refusal {
  readonly reasonCode: number;
  readonly serverReference?: string | undefined;
}

/** The state of a line: what its connections ask of it at each packet. */
export class ClientLine implements TestLine, LanePace {
  frozenUntil = -Infinity;
  pieces = Infinity;
  sessionForgotten = false;
  readonly faults = new Faults();
  /** The connection that is open. */
  connection: LineConnection | undefined;
  private readonly timers = new Subscription();
  private readonly refusals: (Refusal | undefined)[] = [];

  constructor(
    readonly log: WireLog,
    readonly latency: number,
  ) {}

  cut(): void {
    this.connection?.cut();
  }

  close(reasonCode: number = ReasonCode.SERVER_SHUTTING_DOWN): void {
    this.connection?.close(reasonCode);
  }

  freeze(duration: Duration): void {
    this.frozenUntil = Math.max(this.frozenUntil, elapsed() + toMs(duration));
    this.connection?.pump();
  }

  congest(duration: Duration): void {
    const { connection } = this;
    connection?.congest(true);
    this.timers.add(afterElapsed(toMs(duration), () => connection?.congest(false)));
  }

  drop(match: PacketMatch, times = 1): void {
    this.faults.add('drop', match, times);
  }

  duplicate(match: PacketMatch, times = 1): void {
    this.faults.add('duplicate', match, times);
  }

  delay(match: PacketMatch, duration: Duration, times = 1): void {
    this.faults.add('delay', match, times, toMs(duration));
  }

  corrupt(match: PacketMatch, times = 1): void {
    this.faults.add('corrupt', match, times);
  }

  split(bytes: number): void {
    this.pieces = Math.max(1, bytes);
  }

  refuse(reasonCode?: number, times = 1): void {
    for (let i = 0; i < times; i++) this.refusals.push(reasonCode === undefined ? undefined : { reasonCode });
  }

  forgetSession(): void {
    this.sessionForgotten = true;
  }

  redirect(to: string): void {
    const { connection } = this;
    const reasonCode = ReasonCode.USE_ANOTHER_SERVER;
    if (connection === undefined) this.refusals.push({ reasonCode, serverReference: to });
    else connection.close(reasonCode, to);
  }

  /** Whether nothing listens for the next attempt; it counts as that attempt. */
  isDown(): boolean {
    if (this.refusals.length === 0 || this.refusals[0] !== undefined) return false;
    this.refusals.shift();
    return true;
  }

  /** What CONNECT is answered with instead of by the broker. */
  nextRefusal(): Refusal | undefined {
    return this.refusals[0] === undefined ? undefined : this.refusals.shift();
  }

  /** Whether the broker is to forget the session before this CONNECT. */
  forgetsSession(): boolean {
    const { sessionForgotten } = this;
    this.sessionForgotten = false;
    return sessionForgotten;
  }

  /** Sets no timer any more. */
  end(): void {
    this.timers.unsubscribe();
  }
}
