import { DestroyRef, type EnvironmentProviders, inject, InjectionToken, makeEnvironmentProviders } from '@angular/core';
import type { ClientOptions } from 'rxmqtt';
import type { BrokerOptions } from 'rxmqtt/broker';
import { inProcessBroker, type TestBroker } from 'rxmqtt/testing';
import { provideMqtt } from '../provide-mqtt.js';

/** How a component is tested. */
export interface MqttTestingOptions {
  /** What `injectMqtt(name)` and {@link injectTestBroker} find it by. Default: the broker without a name. */
  readonly name?: string;
  /** Options of the embedded broker. */
  readonly broker?: BrokerOptions;
  /** Options of the client. Default: the client identifier is `component`. */
  readonly client?: Omit<ClientOptions, 'transport' | 'url'>;
}

const DEFAULT_NAME = 'default';

const TEST_BROKERS = new InjectionToken<readonly TestBrokers[]>('rxmqtt: test brokers');

/** Made when it is first asked for, and closed with the environment. */
class TestBrokers {
  readonly name: string;
  private broker: TestBroker | undefined;

  constructor(private readonly options: MqttTestingOptions) {
    this.name = options.name ?? DEFAULT_NAME;
    inject(DestroyRef).onDestroy(() => void this.broker?.close());
  }

  get(): TestBroker {
    return (this.broker ??= inProcessBroker(this.options.broker));
  }
}

/**
 * Provides a broker inside the process, and the client that `injectMqtt()` gives, which dials it. Both end with the
 * environment. There is no latency and no virtual time: `await fixture.whenStable()`, or fake timers, as with anything.
 *
 * @example
 * ```ts
 * TestBed.configureTestingModule({ providers: [provideMqttTesting()] });
 * const fixture = TestBed.createComponent(Panel);
 * injectTestBroker().publish({ topic: 'hall/7', payload: '21' });
 * ```
 */
export function provideMqttTesting(options: MqttTestingOptions = {}): EnvironmentProviders {
  const { name = DEFAULT_NAME, client = {} } = options;
  return makeEnvironmentProviders([
    { provide: TEST_BROKERS, multi: true, useFactory: () => new TestBrokers(options) },
    provideMqtt(() => ({
      clientId: 'component',
      ...client,
      name,
      url: 'ws://test.invalid',
      transport: injectTestBroker(name).transport,
    })),
  ]);
}

/**
 * The broker that {@link provideMqttTesting} provides. To be called in an injection context, as within
 * `TestBed.runInInjectionContext`.
 *
 * @throws Error when there is none of that name.
 */
export function injectTestBroker(name = DEFAULT_NAME): TestBroker {
  const brokers = inject(TEST_BROKERS, { optional: true }) ?? [];
  const found = brokers.find((one) => one.name === name);
  if (found !== undefined) return found.get();
  throw new Error(`injectTestBroker failed: there is no broker "${name}"; add provideMqttTesting() to the providers`);
}
