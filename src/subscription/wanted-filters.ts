import type { Subscription } from 'rxjs';
import { after } from '../rx/after.js';
import { conclude } from '../rx/conclude.js';
import { fewOf, listOf } from './few.js';
import { FoldableEntry } from './foldable-entry.js';
import type { Membership } from './membership.js';
import type { Exit, MessageObserver } from './message-observer.js';
import { Recent } from './recent.js';
import type { Router } from './router.js';
import { conflict } from './subscribe-errors.js';
import type { SubscriptionEntry } from './subscription-entry.js';
import { differentOption, type SubscriptionRequest } from './subscription-request.js';
import type { SubscriptionsView } from './subscriptions-view.js';
import { firstTerms, type Terms } from './terms.js';
import type { Unsubscribing } from './unsubscribing.js';

/** What wanted filters tell the registry, and ask it. */
export interface WantedFiltersPort extends Exit {
  readonly isConnected: boolean;
  /** Something is to be asked of the broker when this tick is over. */
  schedule(): void;
}

/** Who observes which filters, and for how long: what the application wants, whatever the broker knows of it. */
export class WantedFilters {
  private readonly dirty = new Set<SubscriptionEntry>();
  /** The broker's subscriptions that are kept without observers for a while. */
  private readonly lingering = new Map<SubscriptionEntry, Subscription>();
  private readonly recent = new Recent<Terms>();
  private created = 0;

  constructor(
    private readonly router: Router,
    private readonly view: SubscriptionsView,
    private readonly unsubscribing: Unsubscribing,
    private readonly port: WantedFiltersPort,
  ) {}

  /**
   * Lets an observer in, unless others have asked for one of the filters with other options.
   * @returns whether it began the first of its filters
   */
  attach(observer: MessageObserver, filters: readonly string[]): boolean {
    const entries = filters.map((filter) => this.entryFor(filter, observer.request));
    const members = filters.map((filter, at) => this.join(filter, entries[at], observer));
    observer.memberships = fewOf(members);
    this.router.changed();
    this.port.schedule();
    return entries[0] === undefined;
  }

  detach(observer: MessageObserver): void {
    const memberships = listOf(observer.memberships);
    observer.memberships = undefined;
    for (const member of memberships) this.leave(member);
  }

  /** `unsubscribe(filter)` by the application: its observers complete. */
  dismiss(filter: string): void {
    const entry = this.router.entries.get(filter);
    if (entry === undefined) return;
    this.stay(entry);
    const { members } = entry;
    entry.empty();
    // The call itself tells the broker, unless it is taken back.
    this.remove(entry);
    for (const { observer } of members) conclude(observer.subscriber);
  }

  /** Something of the entry is to be asked of the broker. */
  mark(entry: SubscriptionEntry): void {
    this.dirty.add(entry);
  }

  /** Those of which something is to be asked. */
  takeMarked(): SubscriptionEntry[] {
    const marked = [...this.dirty];
    this.dirty.clear();
    return marked;
  }

  /** Nobody wants it any more. */
  drop(entry: SubscriptionEntry): void {
    if (!this.lingering.has(entry) && !entry.isObserved && this.router.entries.has(entry)) this.remove(entry);
  }

  /** Removes all entries, and gives them back. */
  close(): SubscriptionEntry[] {
    const entries = this.router.entries.all();
    this.dirty.clear();
    for (const entry of entries) {
      this.stay(entry);
      this.router.remove(entry);
    }
    return entries;
  }

  private join(filter: string, entry: SubscriptionEntry | undefined, observer: MessageObserver): Membership {
    if (entry === undefined) {
      const terms = firstTerms(observer.request, this.port, this.recent);
      entry = new FoldableEntry(filter, terms, this.created++);
      this.view.wanted(filter);
      this.router.add(entry);
    } else if (entry.isKnown) {
      const { request, standing } = entry.terms;
      const isOther = differentOption(request, observer.request) !== undefined;
      const isLater = entry.isObserved || this.lingering.has(entry);
      // A later observer gets the retained messages too: they come as the answer to another SUBSCRIBE.
      const lacksReplay = !entry.shared && request.retainHandling === 0 && standing !== 'stale';
      if (isOther || (isLater && lacksReplay)) entry.askAgain();
    }
    if (!entry.isObserved) entry.update({ request: observer.request });
    this.stay(entry);
    this.unsubscribing.keep(filter);
    const member = observer.join(entry);
    entry.add(member);
    this.mark(entry);
    return member;
  }

  private leave(member: Membership): void {
    const { entry, observer } = member;
    if (!entry.members.includes(member)) return;
    entry.remove(member);
    this.router.changed();
    // What was closed or dismissed lingers no more.
    if (entry.isObserved || !this.router.entries.has(entry)) return;
    const { linger } = observer.request;
    if (linger === 0) return this.release(entry);
    this.lingering.set(
      entry,
      after(linger).subscribe(() => {
        this.stay(entry);
        this.release(entry);
      }),
    );
  }

  /** It lingers no more: somebody observes it again, or it goes at once. */
  private stay(entry: SubscriptionEntry): void {
    this.lingering.get(entry)?.unsubscribe();
    this.lingering.delete(entry);
  }

  private release(entry: SubscriptionEntry): void {
    this.mark(entry);
    // Without a connection there is nothing to gather: what the broker has is told apart at the next CONNACK.
    if (this.port.isConnected) this.port.schedule();
    else this.drop(entry);
  }

  private remove(entry: SubscriptionEntry): void {
    this.router.remove(entry);
    this.dirty.delete(entry);
    if (entry.mayBeKnown) this.unsubscribing.leave(entry.filter);
    if (entry.isKnown) entry.update({ standing: 'unknown' });
  }

  /** The entry of a filter, where there is one; throws where others observe it with other options. */
  private entryFor(filter: string, request: SubscriptionRequest): SubscriptionEntry | undefined {
    const entry = this.router.entries.get(filter);
    if (entry?.isObserved !== true) return entry;
    const { request: present } = entry.terms;
    const option = differentOption(present, request);
    if (option !== undefined) throw conflict(filter, option, present[option]);
    return entry;
  }
}
