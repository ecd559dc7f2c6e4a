import type {
  ClientStats,
  ConnectionState,
  MqttClient,
  MqttError,
  MqttMessage,
  PacketEvent,
  PublishReceipt,
  SubscriptionInfo,
} from 'rxmqtt';
import { BehaviorSubject, concat, ignoreElements, type Observable, of } from 'rxjs';
import { CLIENT_HOOKS } from './client-hooks.js';

const STATS: ClientStats = {
  outbox: { messages: 0, bytes: 0 },
  inFlight: { messages: 0, bytes: 0 },
  window: undefined,
  held: 0,
  bytes: { in: 0, out: 0 },
  packets: { in: 0, out: 0 },
  dropped: { queueFull: 0, expired: 0, unrouted: 0, poisoned: 0 },
  strayAcknowledgements: 0,
  reconnects: 0,
  ackLatency: undefined,
};

/**
 * The client during server-side rendering: `idle`, without subscriptions, and every stream silent until the end. It
 * opens nothing and sets no timer, so rendering does not wait for it.
 */
export class SilentClient implements MqttClient {
  private readonly states = new BehaviorSubject<ConnectionState>({ status: 'idle' });
  private readonly silence$: Observable<never> = this.states.pipe(ignoreElements());

  readonly state$: Observable<ConnectionState> = this.states.asObservable();
  readonly connected$: Observable<never> = this.silence$;
  readonly messages$: Observable<MqttMessage> = this.silence$;
  readonly unrouted$: Observable<MqttMessage> = this.silence$;
  readonly faults$: Observable<MqttError> = this.silence$;
  readonly packets$: Observable<PacketEvent> = this.silence$;
  readonly stats$: Observable<ClientStats> = this.silence$;
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>> = concat(
    of(new Map<string, SubscriptionInfo>()),
    this.silence$,
  );
  readonly [CLIENT_HOOKS]: object = {
    client: this,
    needed$: this.silence$,
    publishAtMost: () => this.silence$,
    fault: () => undefined,
    adapt: () => this.silence$,
  };

  get state(): ConnectionState {
    return this.states.value;
  }

  subscribe(): Observable<MqttMessage> {
    return this.silence$;
  }

  granted(): Observable<never> {
    return this.silence$;
  }

  resubscribe(): Observable<never> {
    return this.silence$;
  }

  unsubscribe(): Observable<readonly number[]> {
    return this.silence$;
  }

  publish(): Observable<PublishReceipt> {
    return this.silence$;
  }

  stats(): ClientStats {
    return STATS;
  }

  ping(): Observable<number> {
    return this.silence$;
  }

  reauthenticate(): Observable<void> {
    return this.silence$;
  }

  reconnect(): Observable<never> {
    return this.silence$;
  }

  end(): Promise<void> {
    if (!this.states.closed) this.states.next({ status: 'ended' });
    this.states.complete();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}
