import { Subscription } from 'rxjs';
import type { MqttError } from '../errors.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { type ConnectionEnding, endingOf } from './connection-ending.js';

/** A message or a topic filter that may have made the broker end the connection. */
export interface Suspect {
  /** It still has to be sent. */
  readonly isPending: boolean;
}

/** The live connection as the quarantine sees it. */
export interface QuarantinePort {
  ping(): void;
  /** Other things may be sent now. */
  changed(): void;
}

/** Packets that were unanswered when the connection ended. */
export interface Unanswered {
  readonly filters: readonly Suspect[];
  /** The oldest message without PUBACK or PUBREC. After PUBREC, the broker has it. */
  readonly message: Suspect | undefined;
}

/** After this many connections that ended with the same packet unanswered, its message or filter is a suspect. */
const SUSPECT_AFTER = 2;

/** After this many connections that ended over a suspect sent alone, it is quarantined. */
const QUARANTINE_AFTER = 3;

/** How long everything else waits for the answer to a suspect, in ms. */
const PROBE_TIMEOUT = 5000;

/** The more filters a connection has cleared, the more are probed at once: one more for each batch of this size. */
const CLEARED_PER_BATCH = 8;

/**
 * Finds the message or filter over which the broker ends connections. A connection that has a suspect goes through four
 * stages:
 * - `control`: everything else is sent, for twice as long as earlier connections lasted. If this connection ends, too,
 *   the suspect is cleared, because the broker ends connections without it, too.
 * - `quiet`: nothing is sent but PINGREQ. PINGRESP proves that the connection survives without the suspect.
 * - `probe`: one suspect after the other is sent alone. An answer clears it.
 * - `open`: everything is sent.
 *
 * A connection that ends while a suspect is probed is a strike against a filter if the peer closed in order or blamed
 * it, and against a message only if a DISCONNECT blamed it: a message with a packet identifier must be sent again in
 * the session [MQTT-4.4.0-1]. A broken line is not a strike.
 */
export class Quarantine {
  private stage: 'control' | 'quiet' | 'probe' | 'open' = 'open';
  private readonly filters = new Set<Suspect>();
  /** Messages are sent in order, so only the first one can be a suspect; the others wait. */
  private message: Suspect | undefined;
  private readonly probing = new Set<Suspect>();
  /** How many connections in a row have ended over these suspects alone. */
  private readonly strikes = new Map<Suspect, number>();
  /** How many connections in a row have ended with these filters unanswered. */
  private filterEndings = new Map<Suspect, number>();
  private head: Suspect | undefined;
  private headEndings = 0;
  /** The longest connection that ended with a suspect unanswered, in ms. */
  private lasted = 0;
  private connectedAt = 0;
  private cleared = 0;
  private port: QuarantinePort | undefined;
  private timer = Subscription.EMPTY;

  constructor(
    /** How long a connection must last to prove, without an answer, that it survives, in ms. */
    private readonly stableAfter: number,
  ) {}

  /** Whether there is a suspect. */
  get isAlert(): boolean {
    return this.filters.size > 0 || this.message !== undefined;
  }

  get suspectsMessage(): boolean {
    return this.message !== undefined;
  }

  /** A connection begins. Called before anything is sent on it. */
  begin(port: QuarantinePort): void {
    this.port = port;
    this.connectedAt = elapsed();
    this.cleared = 0;
    this.probing.clear();
    if (!this.isAlert) return;
    this.stage = 'control';
    this.timer = afterElapsed(Math.min(this.stableAfter, 2 * this.lasted), () => this.startQuiet());
  }

  admitsFilter(filter: Suspect): boolean {
    if (this.stage === 'control') return !this.filters.has(filter);
    return this.stage === 'open' || this.probing.has(filter);
  }

  admitsMessage(message: Suspect): boolean {
    if (this.stage === 'control') return this.message === undefined;
    return this.stage === 'open' || this.probing.has(message);
  }

  /** The broker sent PINGRESP. */
  alive(): void {
    if (this.stage === 'quiet') this.next();
  }

  /** The broker answered a filter. */
  filterAnswered(filter: Suspect): void {
    this.filterEndings.delete(filter);
    this.filters.delete(filter);
    this.answered(filter);
  }

  /** The broker acknowledged a message. */
  messageAnswered(message: Suspect): void {
    if (message === this.head) this.head = undefined;
    if (message !== this.message) return;
    this.message = undefined;
    this.answered(message);
  }

  /** A connection ended before CONNACK. */
  connectFailed(): void {
    this.strikes.clear();
  }

  /** The connection was lost. Returns the message or filter to quarantine, if any. */
  end(reason: MqttError, unanswered: Unanswered): Suspect | undefined {
    const { stage } = this;
    this.stop();
    const ending = endingOf(reason);
    if (ending === 'other') this.clearAll();
    else if (stage === 'probe') return this.endProbe(ending, unanswered);
    else if (stage === 'open') this.count(ending, unanswered);
    else this.endControl(ending, unanswered);
    return undefined;
  }

  /** The connection is gone, for a reason that says nothing about suspects. */
  stop(): void {
    this.stage = 'open';
    this.port = undefined;
    this.timer.unsubscribe();
  }

  private startQuiet(): void {
    this.stage = 'quiet';
    const left = this.stableAfter - (elapsed() - this.connectedAt);
    this.timer = afterElapsed(Math.max(0, left), () => this.next());
    this.port?.ping();
  }

  /** Probes the next suspects, or opens the connection to everything. */
  private next(): void {
    this.timer.unsubscribe();
    const suspects = this.nextSuspects();
    this.probing.clear();
    for (const suspect of suspects) this.probing.add(suspect);
    this.stage = suspects.length > 0 ? 'probe' : 'open';
    if (suspects.length > 0) this.timer = afterElapsed(PROBE_TIMEOUT, () => this.probeTimedOut());
    else this.clearAll();
    this.port?.changed();
  }

  private nextSuspects(): readonly Suspect[] {
    for (const filter of this.filters) if (!filter.isPending) this.filters.delete(filter);
    if (this.message?.isPending === false) this.message = undefined;
    const { message, strikes } = this;
    const others = [...this.filters].filter((filter) => !strikes.has(filter));
    if (others.length > 0) return others.slice(0, Math.ceil((this.cleared + 1) / CLEARED_PER_BATCH));
    // Suspects with strikes come last, so that the others are served first.
    const [fewestStrikes] = [...this.filters].sort((a, b) => (strikes.get(a) ?? 0) - (strikes.get(b) ?? 0));
    const next = fewestStrikes ?? message;
    return next === undefined ? [] : [next];
  }

  /** The broker neither answers nor ends the connection, and everything else has waited long enough. */
  private probeTimedOut(): void {
    this.probing.clear();
    this.stage = 'open';
    this.port?.changed();
  }

  private answered(suspect: Suspect): void {
    this.strikes.delete(suspect);
    if (!this.probing.delete(suspect)) return;
    this.cleared++;
    if (this.probing.size === 0 && this.stage === 'probe') this.next();
  }

  private endProbe(ending: ConnectionEnding, { filters, message }: Unanswered): Suspect | undefined {
    const [suspect] = this.probing;
    if (suspect === undefined || this.probing.size > 1) return undefined;
    const isFilter = filters.includes(suspect);
    const isStrike = ending === 'blamed' ? isFilter || suspect === message : ending === 'closed' && isFilter;
    const strikes = isStrike ? (this.strikes.get(suspect) ?? 0) + 1 : 0;
    this.strikes.set(suspect, strikes);
    if (strikes < QUARANTINE_AFTER) return undefined;
    this.strikes.delete(suspect);
    this.filters.delete(suspect);
    if (suspect === this.message) this.message = undefined;
    return suspect;
  }

  /** The connection ended without the suspects: something else is the cause, or the broker ends every connection. */
  private endControl(ending: ConnectionEnding, unanswered: Unanswered): void {
    const { filters } = unanswered;
    if (filters.length === 0) this.clearAll();
    this.strikes.clear();
    for (const filter of filters) this.filters.add(filter);
    this.countMessage(ending, unanswered.message);
  }

  private count(ending: ConnectionEnding, { filters, message }: Unanswered): void {
    if (this.filterEndings.size === 0 && this.head === undefined) this.lasted = 0;
    const before = this.filterEndings;
    this.filterEndings = new Map(filters.map((filter) => [filter, (before.get(filter) ?? 0) + 1]));
    for (const [filter, endings] of this.filterEndings) if (endings >= SUSPECT_AFTER) this.filters.add(filter);
    this.countMessage(ending, message);
    const lasted = elapsed() - this.connectedAt;
    if (lasted < this.stableAfter) this.lasted = Math.max(this.lasted, lasted);
  }

  private countMessage(ending: ConnectionEnding, message: Suspect | undefined): void {
    const isBlamed = ending === 'blamed' && message !== undefined;
    this.headEndings = !isBlamed ? 0 : message === this.head ? this.headEndings + 1 : 1;
    this.head = isBlamed ? message : undefined;
    if (this.headEndings >= SUSPECT_AFTER) this.message = this.head;
  }

  private clearAll(): void {
    this.filters.clear();
    this.filterEndings.clear();
    this.strikes.clear();
    this.message = undefined;
    this.head = undefined;
    this.headEndings = 0;
  }
}
