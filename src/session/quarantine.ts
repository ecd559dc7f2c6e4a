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

/** After so many connections that ended with the same thing unanswered, it is a suspect. */
const SUSPECT_AFTER = 2;

/** After so many connections that ended over a suspect alone, it is convicted. */
const CONVICT_AFTER = 3;

/** How long a suspect may stay unanswered while everything else waits, in ms. */
const TRIAL_LASTS = 5000;

/** The more filters were found innocent on a connection, the more are tried at once. */
const INNOCENTS_PER_BATCH = 8;

/**
 * Finds what the broker ends connections over. A connection that finds a suspect goes through four stages:
 * - `control`: everything else is sent, for twice as long as earlier connections lasted. If this connection ends, too, the
 *   suspect is acquitted: the broker ends connections without it, too.
 * - `quiet`: nothing is sent but PINGREQ. PINGRESP proves that the connection lives without the suspect.
 * - `trial`: one suspect after the other is sent alone. An answer acquits it.
 * - `free`: everything is sent.
 *
 * A connection that ends over a suspect alone is a verdict against a filter if the peer closed in order or blamed it, and
 * against a message only if a DISCONNECT blamed it: a message with a packet identifier must be sent again in the session
 * [MQTT-4.4.0-1]. A broken line is no verdict.
 */
export class Quarantine {
  private stage: 'control' | 'quiet' | 'trial' | 'free' = 'free';
  private readonly filters = new Set<Suspect>();
  /** Messages are sent in order, so that only the first one can be a suspect; those behind it wait. */
  private message: Suspect | undefined;
  private readonly onTrial = new Set<Suspect>();
  /** How many connections have ended over these suspects alone, since they were last acquitted. */
  private readonly verdicts = new Map<Suspect, number>();
  /** How many connections in a row have ended with these filters unanswered. */
  private filterEndings = new Map<Suspect, number>();
  private head: Suspect | undefined;
  private headEndings = 0;
  /** How long the connections lasted that have made something a suspect, at most, in ms. */
  private lasted = 0;
  private connectedAt = 0;
  private acquitted = 0;
  private port: QuarantinePort | undefined;
  private timer = Subscription.EMPTY;

  constructor(
    /** How long a connection must last to count as alive without a sign from the broker, in ms. */
    private readonly stableAfter: number,
  ) {}

  /** Something is suspected. */
  get isAlert(): boolean {
    return this.filters.size > 0 || this.message !== undefined;
  }

  get suspectsMessage(): boolean {
    return this.message !== undefined;
  }

  /** A connection begins; before anything is sent on it. */
  begin(port: QuarantinePort): void {
    this.port = port;
    this.connectedAt = elapsed();
    this.acquitted = 0;
    this.onTrial.clear();
    if (!this.isAlert) return;
    this.stage = 'control';
    this.timer = afterElapsed(Math.min(this.stableAfter, 2 * this.lasted), () => this.quieten());
  }

  admitsFilter(filter: Suspect): boolean {
    if (this.stage === 'control') return !this.filters.has(filter);
    return this.stage === 'free' || this.onTrial.has(filter);
  }

  admitsMessage(message: Suspect): boolean {
    if (this.stage === 'control') return this.message === undefined;
    return this.stage === 'free' || this.onTrial.has(message);
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
    this.verdicts.clear();
  }

  /** The connection was lost. Returns the convicted message or filter, if any. */
  end(reason: MqttError, unanswered: Unanswered): Suspect | undefined {
    const { stage } = this;
    this.stop();
    const ending = endingOf(reason);
    if (ending === 'other') this.acquitAll();
    else if (stage === 'trial') return this.endTrial(ending, unanswered);
    else if (stage === 'free') this.count(ending, unanswered);
    else this.endControl(ending, unanswered);
    return undefined;
  }

  /** The connection is gone, for a reason that convicts and acquits nothing. */
  stop(): void {
    this.stage = 'free';
    this.port = undefined;
    this.timer.unsubscribe();
  }

  private quieten(): void {
    this.stage = 'quiet';
    const left = this.stableAfter - (elapsed() - this.connectedAt);
    this.timer = afterElapsed(Math.max(0, left), () => this.next());
    this.port?.ping();
  }

  /** Tries the next suspects, or lets everything go on. */
  private next(): void {
    this.timer.unsubscribe();
    const suspects = this.nextSuspects();
    this.onTrial.clear();
    for (const suspect of suspects) this.onTrial.add(suspect);
    this.stage = suspects.length > 0 ? 'trial' : 'free';
    if (suspects.length > 0) this.timer = afterElapsed(TRIAL_LASTS, () => this.adjourn());
    else this.acquitAll();
    this.port?.changed();
  }

  private nextSuspects(): readonly Suspect[] {
    for (const filter of this.filters) if (!filter.isPending) this.filters.delete(filter);
    if (this.message?.isPending === false) this.message = undefined;
    const { message, verdicts } = this;
    const others = [...this.filters].filter((filter) => !verdicts.has(filter));
    if (others.length > 0) return others.slice(0, Math.ceil((this.acquitted + 1) / INNOCENTS_PER_BATCH));
    // Those with verdicts come last, so that the others are served first.
    const [accused] = [...this.filters].sort((a, b) => (verdicts.get(a) ?? 0) - (verdicts.get(b) ?? 0));
    const next = accused ?? message;
    return next === undefined ? [] : [next];
  }

  /** The broker neither answers nor ends the connection: everything else has waited long enough. */
  private adjourn(): void {
    this.onTrial.clear();
    this.stage = 'free';
    this.port?.changed();
  }

  private answered(suspect: Suspect): void {
    this.verdicts.delete(suspect);
    if (!this.onTrial.delete(suspect)) return;
    this.acquitted++;
    if (this.onTrial.size === 0 && this.stage === 'trial') this.next();
  }

  private endTrial(ending: ConnectionEnding, { filters, message }: Unanswered): Suspect | undefined {
    const [suspect] = this.onTrial;
    if (suspect === undefined || this.onTrial.size > 1) return undefined;
    const isFilter = filters.includes(suspect);
    const isVerdict = ending === 'blamed' ? isFilter || suspect === message : ending === 'closed' && isFilter;
    const verdicts = isVerdict ? (this.verdicts.get(suspect) ?? 0) + 1 : 0;
    this.verdicts.set(suspect, verdicts);
    if (verdicts < CONVICT_AFTER) return undefined;
    this.verdicts.delete(suspect);
    this.filters.delete(suspect);
    if (suspect === this.message) this.message = undefined;
    return suspect;
  }

  /** The connection ended without the suspects: something else is the cause, or the broker ends every connection. */
  private endControl(ending: ConnectionEnding, unanswered: Unanswered): void {
    const { filters } = unanswered;
    if (filters.length === 0) this.acquitAll();
    this.verdicts.clear();
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

  private acquitAll(): void {
    this.filters.clear();
    this.filterEndings.clear();
    this.verdicts.clear();
    this.message = undefined;
    this.head = undefined;
    this.headEndings = 0;
  }
}
