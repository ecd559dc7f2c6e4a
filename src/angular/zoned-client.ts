import { NgZone } from '@angular/core';
import type {
  ClientStats,
  ConnectionState,
  EndOptions,
  FilterRecord,
  MqttClient,
  MqttError,
  MqttMessage,
  PacketEvent,
  Payload,
  PublishOptions,
  PublishReceipt,
  ReconnectOptions,
  SubscribeOptions,
  SubscriptionInfo,
  UnsubscribeOptions,
} from 'rxmqtt';
import { Observable } from 'rxjs';
import { CLIENT_HOOKS } from './client-hooks.js';

/**
 * The client for applications with zone.js. It works outside NgZone, sockets and timers included, so that the
 * application becomes stable and pings cause no change detection. Subscribers are called in the zone in which they
 * subscribed.
 */
export class ZonedClient implements MqttClient {
  readonly state$: Observable<ConnectionState>;
  readonly connected$: MqttClient['connected$'];
  readonly messages$: Observable<MqttMessage>;
  readonly unrouted$: Observable<MqttMessage>;
  readonly faults$: Observable<MqttError>;
  readonly packets$: Observable<PacketEvent>;
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>>;
  readonly stats$: Observable<ClientStats>;
  readonly [CLIENT_HOOKS]: object;

  constructor(
    private readonly client: MqttClient,
    private readonly zone: NgZone,
  ) {
    this.state$ = this.outside(client.state$);
    this.connected$ = this.outside(client.connected$);
    this.messages$ = this.outside(client.messages$);
    this.unrouted$ = this.outside(client.unrouted$);
    this.faults$ = this.outside(client.faults$);
    this.packets$ = this.outside(client.packets$);
    this.subscriptions$ = this.outside(client.subscriptions$);
    this.stats$ = this.outside(client.stats$);
    const adapt = <T>(source$: Observable<T>): Observable<T> => this.outside(source$);
    this[CLIENT_HOOKS] = { ...(client as { readonly [CLIENT_HOOKS]?: object })[CLIENT_HOOKS], adapt };
  }

  get state(): ConnectionState {
    return this.client.state;
  }

  subscribe(filters: string | readonly string[] | FilterRecord, options?: SubscribeOptions): Observable<MqttMessage> {
    return this.outside(this.client.subscribe(filters, options));
  }

  granted(filter: string): Observable<SubscriptionInfo>;
  granted(filters: readonly string[] | FilterRecord): Observable<ReadonlyMap<string, SubscriptionInfo>>;
  granted(
    filters: string | readonly string[] | FilterRecord,
  ): Observable<SubscriptionInfo | ReadonlyMap<string, SubscriptionInfo>> {
    return this.outside<SubscriptionInfo | ReadonlyMap<string, SubscriptionInfo>>(
      typeof filters === 'string' ? this.client.granted(filters) : this.client.granted(filters),
    );
  }

  resubscribe(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return this.outside(this.client.resubscribe());
  }

  unsubscribe(filter: string | readonly string[], options?: UnsubscribeOptions): Observable<readonly number[]> {
    return this.outside(this.client.unsubscribe(filter, options));
  }

  publish(topic: string, payload: Payload, options?: PublishOptions): Observable<PublishReceipt> {
    return this.outside(this.client.publish(topic, payload, options));
  }

  stats(): ClientStats {
    return this.client.stats();
  }

  ping(): Observable<number> {
    return this.outside(this.client.ping());
  }

  reauthenticate(): Observable<void> {
    return this.outside(this.client.reauthenticate());
  }

  reconnect(options?: ReconnectOptions): Observable<Extract<ConnectionState, { status: 'connected' }>> {
    return this.outside(this.client.reconnect(options));
  }

  end(options?: EndOptions): Promise<void> {
    return this.zone.runOutsideAngular(() => this.client.end(options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  /** Serializes as the wrapped client does. */
  toJSON(): object {
    return (this.client as { toJSON?(): object }).toJSON?.() ?? { status: this.state.status };
  }

  private outside<T>(source$: Observable<T>): Observable<T> {
    return new Observable<T>((subscriber) => {
      const tell = NgZone.isInAngularZone()
        ? (event: () => void): void => this.zone.run(event)
        : (event: () => void): void => event();
      const subscription = this.zone.runOutsideAngular(() =>
        source$.subscribe({
          next: (value) => tell(() => subscriber.next(value)),
          error: (error) => tell(() => subscriber.error(error)),
          complete: () => tell(() => subscriber.complete()),
        }),
      );
      return () => this.zone.runOutsideAngular(() => subscription.unsubscribe());
    });
  }
}
