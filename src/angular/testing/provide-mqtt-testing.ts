import { DestroyRef, type EnvironmentProviders, inject, InjectionToken, makeEnvironmentProviders } from '@angular/core';
import type { ClientOptions } from 'rxmqtt';
import type { BrokerOptions } from 'rxmqtt/broker';
import { inProcessBroker, type TestBroker } from 'rxmqtt/testing';
import { provideMqtt } from '../provide-mqtt.js';

/** Options of {@link provideMqttTesting}. */
export interface MqttTestingOptions {
  /** The name for `injectMqtt(name)` and {@link injectTestBroker}. Default: the broker without a name. */
  readonly name?: string;
  /** Options of the embedded broker. */
  readonly broker?: BrokerOptions;
  /** Options of the client. Default: the client identifier is `component`. */
  readonly client?: Omit<ClientOptions, 'transport' | 'url'>;
}

const DEFAULT_NAME = 'default';

const TEST_BROKERS = new InjectionToken<readonly TestBrokers[]>('rxmqtt: test brokers');

/** The broker of one `provideMqttTesting()`: made when it is first injected, closed with the environment. */
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
 * Provides a broker inside the process, and a client of it for `injectMqtt()`. Both end with the environment. There is
 * no latency and no virtual time: `await fixture.whenStable()`, or use fake timers, as in any test.
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
 * The broker that {@link provideMqttTesting} provides. Call it in an injection context, such as
 * `TestBed.runInInjectionContext`.
 *
 * @throws Error when no such broker is provided.
 */
export function injectTestBroker(name = DEFAULT_NAME): TestBroker {
  const brokers = inject(TEST_BROKERS, { optional: true }) ?? [];
  const found = brokers.find((one) => one.name === name);
  if (found !== undefined) return found.get();
  throw new Error(`injectTestBroker failed: there is no broker "${name}"; add provideMqttTesting() to the providers`);
}
