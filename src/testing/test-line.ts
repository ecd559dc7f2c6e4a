import { Subscription } from 'rxjs';
import { shown } from '../options/check-options.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { type Duration, toMs } from './duration.js';
import { type Fault, Faults, type PacketMatch } from './faults.js';
import { placeOf } from './stack.js';
import type { WireLog } from './wire-log.js';

/**
 * The line between one client and the broker, across all of its connections. A test can disturb it. Every prepared
 * fault must happen, or `mqttTest` fails, unless {@link heal} has lifted it.
 */
export interface TestLine {
  /**
   * Breaks the connection: both ends see an error, and packets in transit are lost.
   * @throws Error when there is no connection.
   */
  cut(): void;
  /**
   * The broker ends the connection in order; on MQTT 5 with this reason code. Default 0x8B (server shutting down). The
   * broker stops reading, and the will is published.
   * @throws Error when there is no connection.
   */
  close(reasonCode?: number): void;
  /** Breaks the connection, if there is one, and refuses new ones for this long. */
  down(duration: Duration): void;
  /** Delays all packets of both directions for this long; then they arrive. */
  freeze(duration: Duration): void;
  /**
   * Fills the client's socket for this long: everything that the client writes waits there, even pings.
   * @throws Error when there is no connection.
   */
  congest(duration: Duration): void;
  /** Loses the next packets that match. */
  drop(match: PacketMatch, times?: number): void;
  /** Delivers the next packets that match twice. */
  duplicate(match: PacketMatch, times?: number): void;
  /** Delays the next packets that match; later packets overtake them. */
  delay(match: PacketMatch, duration: Duration, times?: number): void;
  /** Makes the next packets that match malformed, by wrong flags. */
  corrupt(match: PacketMatch, times?: number): void;
  /** Delivers packets in pieces of this many bytes from now on. */
  split(bytes: number): void;
  /**
   * Refuses the next attempts to connect: by a CONNACK with this reason code, or without one by refusing the
   * connection.
   */
  refuse(reasonCode?: number, times?: number): void;
  /** Makes the broker forget the client's session before its next CONNECT. */
  forgetSession(): void;
  /** Redirects the client to another server (0x9C), at once or at its next CONNECT. */
  redirect(to: string): void;
  /** Lifts all of the above. Lost packets stay lost. */
  heal(): void;
}

/** One connection of a line. */
export interface LineConnection {
  cut(): void;
  close(reasonCode: number, serverReference?: string): void;
  /** Fills the client's socket until this moment of `elapsed`. */
  congest(until: number): void;
  pump(): void;
}

/** The answer to a CONNECT that the line gives instead of the broker. */
export interface Refusal {
  readonly reasonCode: number;
  readonly serverReference?: string | undefined;
}

/** An attempt that fails: refused in CONNACK, or before CONNECT. */
interface RefusedAttempt {
  readonly refusal: Refusal | undefined;
  readonly fired?: (() => void) | undefined;
}

/** The state of a line, which its connections consult at each packet. */
export class ClientLine implements TestLine {
  frozenUntil = -Infinity;
  pieces = Infinity;
  readonly faults = new Faults();
  /** Whether a client of this name has dialled. */
  isKnown = false;
  /** The open connection. */
  connection: LineConnection | undefined;
  private readonly timers = new Subscription();
  private refusals: RefusedAttempt[] = [];
  private downUntil = -Infinity;
  private wentDown: (() => void) | undefined;
  private forgotten: (() => void) | undefined;
  /** Prepared faults that have not happened yet. */
  private readonly armed = new Map<object, string>();

  constructor(
    private readonly clientId: string,
    readonly log: WireLog,
    readonly latency: number,
  ) {}

  cut(): void {
    this.opened('cut()').cut();
  }

  close(reasonCode: number = ReasonCode.SERVER_SHUTTING_DOWN): void {
    this.opened('close()').close(reasonCode);
  }

  down(duration: Duration): void {
    this.downUntil = Math.max(this.downUntil, elapsed() + toMs(duration));
    this.wentDown = this.arm(`down(${show(duration)})`);
    if (this.connection === undefined) return;
    this.wentDown();
    this.connection.cut();
  }

  freeze(duration: Duration): void {
    this.frozenUntil = Math.max(this.frozenUntil, elapsed() + toMs(duration));
    this.connection?.pump();
  }

  congest(duration: Duration): void {
    const ms = toMs(duration);
    const connection = this.opened('congest()');
    connection.congest(elapsed() + ms);
    this.timers.add(afterElapsed(ms, () => connection.pump()));
  }

  drop(match: PacketMatch, times = 1): void {
    this.prepare('drop', match, times);
  }

  duplicate(match: PacketMatch, times = 1): void {
    this.prepare('duplicate', match, times);
  }

  delay(match: PacketMatch, duration: Duration, times = 1): void {
    this.prepare('delay', match, times, toMs(duration));
  }

  corrupt(match: PacketMatch, times = 1): void {
    this.prepare('corrupt', match, times);
  }

  split(bytes: number): void {
    this.pieces = Math.max(1, bytes);
  }

  refuse(reasonCode?: number, times = 1): void {
    const refusal = reasonCode === undefined ? undefined : { reasonCode };
    this.refuseNext(refusal, times, this.arm(`refuse(${reasonCode === undefined ? '' : show(reasonCode)})`));
  }

  forgetSession(): void {
    this.forgotten = this.arm('forgetSession()');
  }

  redirect(to: string): void {
    const refusal = { reasonCode: ReasonCode.USE_ANOTHER_SERVER, serverReference: to };
    if (this.connection === undefined) this.refuseNext(refusal, 1, this.arm(`redirect(${show(to)})`));
    else this.connection.close(refusal.reasonCode, to);
  }

  heal(): void {
    this.frozenUntil = -Infinity;
    this.downUntil = -Infinity;
    this.pieces = Infinity;
    this.forgotten = undefined;
    this.refusals = [];
    this.faults.clear();
    this.armed.clear();
    this.connection?.congest(-Infinity);
    this.connection?.pump();
  }

  /** The calls whose faults never happened. */
  get unused(): readonly string[] {
    return [...this.armed.values()];
  }

  refuseNext(refusal: Refusal | undefined, times: number, fired?: () => void): void {
    if (!Number.isInteger(times) || times < 1) {
      throw new TypeError(`refuse: times is ${shown(times)}; give a whole number from 1`);
    }
    for (let i = 0; i < times; i++) this.refusals.push({ refusal, fired });
  }

  /** Whether the next attempt is refused before CONNECT; asking uses up one attempt. */
  isDown(): boolean {
    this.isKnown = true;
    if (elapsed() < this.downUntil) {
      this.wentDown?.();
      return true;
    }
    const [next] = this.refusals;
    if (next === undefined || next.refusal !== undefined) return false;
    this.refusals.shift();
    next.fired?.();
    return true;
  }

  /** The answer to CONNECT, if the line answers instead of the broker. */
  nextRefusal(): Refusal | undefined {
    const [next] = this.refusals;
    if (next?.refusal === undefined) return undefined;
    this.refusals.shift();
    next.fired?.();
    return next.refusal;
  }

  /** Whether the broker must forget the session before this CONNECT. */
  forgetsSession(): boolean {
    const { forgotten } = this;
    this.forgotten = undefined;
    forgotten?.();
    return forgotten !== undefined;
  }

  /** Stops its timers. */
  end(): void {
    this.timers.unsubscribe();
  }

  private prepare(kind: Fault['kind'], match: PacketMatch, times: number, ms = 0): void {
    const what = typeof match === 'function' ? '(packet) => ...' : show(match);
    this.faults.add({ kind, match, times, ms, fired: this.arm(`${kind}(${what})`) });
  }

  /** Records a prepared fault; returns the function to call when it happens. */
  private arm(call: string): () => void {
    const key = {};
    const place = placeOf(new Error().stack);
    this.armed.set(key, `${call}${place === undefined ? '' : `, ${place}`}`);
    return () => void this.armed.delete(key);
  }

  private opened(call: string): LineConnection {
    if (this.connection !== undefined) return this.connection;
    throw new Error(`line("${this.clientId}").${call} does nothing: the client has no connection at this moment`);
  }
}

const show = (value: unknown): string => (typeof value === 'number' ? String(value) : `'${String(value)}'`);
