import { forkJoin, isObservable, type Observable, type Subscription } from 'rxjs';
import { Fifo } from '../../fifo.js';
import { asObservable } from '../access/and-then.js';
import type { FilterDecision } from './filter-decision.js';
import { Pause, type ReadGate } from './read-gate.js';

/** How many packets may wait for an authorizer at a time: clients that send many at once lose no time. */
const MOST_ASKED = 50;

/** A SUBSCRIBE or UNSUBSCRIBE. */
interface Request {
  /** Asks the hooks about each filter; they answer now or later. */
  readonly ask: () => readonly (FilterDecision | Observable<FilterDecision>)[];
  /** Applies and answers the packet. */
  readonly answer: (decisions: readonly FilterDecision[]) => void;
  decisions: readonly FilterDecision[] | undefined;
}

/** The client whose requests these are. */
export interface Requester {
  /** Ends with the connection. */
  readonly work: Subscription;
  readonly gate: ReadGate;
}

/**
 * The SUBSCRIBE and UNSUBSCRIBE packets of one client, applied and answered in the order in which they came, however
 * late their hooks answer: an UNSUBSCRIBE must not overtake its SUBSCRIBE. What is beyond {@link MOST_ASKED} waits
 * unasked, and nothing more is read meanwhile.
 */
export class SubscriptionRequests {
  private readonly asked = new Fifo<Request>();
  private readonly unasked = new Fifo<Request>();
  private working = false;

  constructor(private readonly client: Requester) {}

  add(ask: Request['ask'], answer: Request['answer']): void {
    this.unasked.push({ ask, answer, decisions: undefined });
    this.proceed();
  }

  /** Answers what is decided and has nothing undecided ahead, and asks as much as may be asked. */
  private proceed(): void {
    const { asked, unasked } = this;
    if (this.working) return;
    this.working = true;
    try {
      for (;;) {
        const head = asked.peek();
        if (head?.decisions !== undefined) {
          asked.shift();
          head.answer(head.decisions);
          continue;
        }
        const next = asked.size < MOST_ASKED ? unasked.shift() : undefined;
        if (next === undefined) break;
        asked.push(next);
        this.ask(next);
      }
    } finally {
      this.working = false;
    }
    const { gate } = this.client;
    if (unasked.size > 0) gate.close(Pause.SUBSCRIPTIONS);
    else gate.open(Pause.SUBSCRIPTIONS);
  }

  private ask(request: Request): void {
    const decisions = request.ask();
    const areKnown = decisions.every((one): one is FilterDecision => !isObservable(one));
    if (areKnown) {
      request.decisions = decisions;
      return;
    }
    const all$ = forkJoin(decisions.map((one) => asObservable(one)));
    const { work } = this.client;
    const asking = all$.subscribe((decided) => {
      request.decisions = decided;
      this.proceed();
    });
    work.add(asking);
  }
}
