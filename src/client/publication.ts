import { Observable, Subscriber, type Observer, type Subscription } from 'rxjs';
import type { MqttError } from '../errors.js';
import { Consumer, isOwn, type Target } from '../rx/consumer.js';
import { Phase, type PublishReceipt } from '../session/outgoing.js';
import type { Sender } from '../session/sender.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';
import type { Payload, PublishOptions } from './client-options.js';
import type { Demand } from './demand.js';
import { toOutgoing } from './publish-request.js';

type Next = (receipt: PublishReceipt) => void;

/** What of a client publishing needs. */
export interface Publishing {
  readonly registry: SubscriptionRegistry;
  readonly sender: Sender;
  readonly demand: Demand;
  /** Why the client can no longer be asked for anything, if that is so. */
  refusal(): MqttError | undefined;
}

const NOBODY: Target<PublishReceipt> = {};

/**
 * What `publish()` returns. A message has one receipt, so that to subscribe is most of what it costs: the application's
 * own observer is one object, and a subscriber of RxJS is taken as it is. Everything else goes the way of RxJS.
 */
export class Publication extends Observable<PublishReceipt> {
  constructor(
    private readonly publishing: Publishing,
    private readonly topic: string,
    private readonly payload: Payload,
    private readonly options: PublishOptions | undefined,
  ) {
    super();
  }

  override subscribe(observerOrNext?: Partial<Observer<PublishReceipt>> | Next): Subscription;
  override subscribe(
    next?: Next | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    target?: Target<PublishReceipt> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (target instanceof Subscriber) return this.send(target as Subscriber<PublishReceipt>);
    const own = target ?? NOBODY;
    if (!error && !complete && isOwn(own)) return this.send(new Consumer(own));
    return new Observable<PublishReceipt>((subscriber) => void this.send(subscriber)).subscribe(
      target as Next,
      error,
      complete,
    );
  }

  private send(subscriber: Subscriber<PublishReceipt>): Subscription {
    const { registry, sender, demand } = this.publishing;
    try {
      const refusal = this.publishing.refusal();
      if (refusal !== undefined) throw refusal;
      const message = toOutgoing(this.topic, this.payload, this.options, subscriber);
      if (demand.counts) subscriber.add(demand.add());
      // Whoever subscribes first, and then publishes, sees his own message.
      if (registry.isGathering) registry.flush();
      sender.offer(message);
      // What went out runs to its end whoever listens: there is nothing to take back.
      if (message.phase <= Phase.QUEUED) subscriber.add(() => sender.cancel(message));
    } catch (error) {
      subscriber.error(error);
    }
    return subscriber;
  }
}
