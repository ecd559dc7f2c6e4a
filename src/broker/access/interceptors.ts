import { Subscription, type Observable } from 'rxjs';
import { callback, checkOptions, type Checks } from '../../options/check-options.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { HookGuard } from './ask-hook.js';
import { changedConnect, changedDelivery, changedPublish, changedSubscribe, type ClientBounds } from './changes.js';
import type { ConnectInterception, Interceptor, SubscribeInterception } from './interception.js';
import { InterceptorChain } from './interceptor-chain.js';
import type { DeliveryRequest, PublishRequest } from './requests.js';

const KNOWN: Checks<Interceptor> = { connect: callback, publish: callback, subscribe: callback, deliver: callback };

const { IMPLEMENTATION_SPECIFIC_ERROR, SERVER_UNAVAILABLE } = ReasonCode;

/** All interceptors of a broker. */
export class Interceptors {
  readonly connects: InterceptorChain<ConnectInterception>;
  readonly publishes: InterceptorChain<PublishRequest>;
  readonly subscribes: InterceptorChain<SubscribeInterception>;
  readonly deliveries: InterceptorChain<DeliveryRequest>;

  constructor(
    guard: HookGuard,
    private readonly limits: BrokerLimits,
  ) {
    this.connects = new InterceptorChain('intercept.connect', SERVER_UNAVAILABLE, guard);
    this.publishes = new InterceptorChain('intercept.publish', IMPLEMENTATION_SPECIFIC_ERROR, guard);
    this.subscribes = new InterceptorChain('intercept.subscribe', IMPLEMENTATION_SPECIFIC_ERROR, guard);
    this.deliveries = new InterceptorChain('intercept.deliver', IMPLEMENTATION_SPECIFIC_ERROR, guard);
  }

  /** @throws TypeError for what is unknown or no function. */
  add(given: Interceptor): Subscription {
    const { connect, publish, subscribe, deliver } = checkOptions<Interceptor>(given, KNOWN, 'intercept');
    const added = new Subscription();
    if (connect !== undefined) added.add(this.connects.add(connect));
    if (publish !== undefined) added.add(this.publishes.add(publish));
    if (subscribe !== undefined) added.add(this.subscribes.add(subscribe));
    if (deliver !== undefined) added.add(this.deliveries.add(deliver));
    return added;
  }

  connect(
    request: ConnectInterception,
    bounds: ClientBounds,
    guard: HookGuard,
  ): ConnectInterception | number | Observable<ConnectInterception | number> {
    const read = (answer: unknown, current: ConnectInterception): ConnectInterception =>
      changedConnect(answer, current, bounds, this.limits);
    return this.connects.run(request, read, guard);
  }

  publish(
    request: PublishRequest,
    bounds: ClientBounds,
  ): PublishRequest | number | Observable<PublishRequest | number> {
    return this.publishes.run(request, (answer, current) => changedPublish(answer, current, bounds, this.limits));
  }

  subscribe(
    request: SubscribeInterception,
    bounds: ClientBounds,
  ): SubscribeInterception | number | Observable<SubscribeInterception | number> {
    return this.subscribes.run(request, (answer, current) => changedSubscribe(answer, current, bounds, this.limits));
  }

  deliver(request: DeliveryRequest, bounds: ClientBounds): DeliveryRequest | number {
    return this.deliveries.runAtOnce(request, (answer, current) => changedDelivery(answer, current, bounds));
  }
}
