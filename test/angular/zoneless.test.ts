/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from './support/testbed.js';
import {
  Component,
  computed,
  createEnvironmentInjector,
  EnvironmentInjector,
  inject,
  InjectionToken,
  isSignal,
  runInInjectionContext,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import {
  type BrokerConfig,
  injectMqtt,
  mqttResource,
  mqttSignal,
  type MqttSignalOptions,
  mqttState,
  provideMqtt,
} from '../../src/angular/index.js';
import { MqttError, type MqttMessage, type SubscribeOptions } from '../../src/index.js';
import { fakeClient, type FakeClient } from '../../src/testing/index.js';
import { provideZoneless, whenStable } from './support/angular-version.js';
import { ScriptedBroker, settled } from './support/scripted-broker.js';

startTestBed();

const OF_THE_PAGE = new InjectionToken<FakeClient>('a client of the page', {
  providedIn: 'root',
  factory: () => fakeClient(),
});

/** An environment inside the one of TestBed, that ends when the test says so. */
function environment(...brokers: BrokerConfig[]): EnvironmentInjector {
  return createEnvironmentInjector([provideMqtt(...brokers)], TestBed.inject(EnvironmentInjector));
}

describe('an application without zone.js', () => {
  let broker: ScriptedBroker;

  beforeEach(() => {
    broker = new ScriptedBroker();
    TestBed.configureTestingModule({ providers: [provideZoneless()] });
  });

  describe('provideMqtt', () => {
    it('makes no client before one is injected', async () => {
      environment(broker.options());
      await settled();
      expect(broker.log).toEqual([]);
    });

    it('makes one client for all who inject it', async () => {
      const injector = environment(broker.options());
      const [one, other] = [1, 2].map(() => runInInjectionContext(injector, () => injectMqtt()));
      await settled();
      expect(one).toBe(other);
      expect(broker.log).toEqual(['CONNECT']);
    });

    it('ends the client with the environment', async () => {
      const injector = environment(broker.options());
      runInInjectionContext(injector, () => injectMqtt());
      await settled();
      injector.destroy();
      await settled();
      expect(broker.log).toEqual(['CONNECT', 'DISCONNECT', 'closed']);
    });

    it('tells several brokers apart by name', async () => {
      const plant = new ScriptedBroker();
      const injector = environment(broker.options(), { ...plant.options(), name: 'plant' });
      runInInjectionContext(injector, () => injectMqtt('plant'));
      await settled();
      expect([broker.log, plant.log]).toEqual([[], ['CONNECT']]);
    });

    it('runs a function that makes the options in an injection context', async () => {
      const URL_TOKEN = new InjectionToken<string>('url');
      const injector = createEnvironmentInjector(
        [
          { provide: URL_TOKEN, useValue: 'mqtt://injected' },
          provideMqtt(() => ({ ...broker.options(), url: inject(URL_TOKEN) })),
        ],
        TestBed.inject(EnvironmentInjector),
      );
      const client = runInInjectionContext(injector, () => injectMqtt());
      await settled();
      expect(client.state).toMatchObject({ status: 'connected', url: 'mqtt://injected:1883' });
    });

    it('lets the environment of a route add brokers to those of the application', () => {
      const route = new ScriptedBroker();
      const application = environment(broker.options(), { ...broker.options(), name: 'plant' });
      const inner = createEnvironmentInjector([provideMqtt(route.options())], application);
      const of = (injector: EnvironmentInjector, name?: string): unknown =>
        runInInjectionContext(injector, () => injectMqtt(name));
      expect(of(inner, 'plant')).toBe(of(application, 'plant'));
      expect(of(inner)).not.toBe(of(application));
    });

    it('takes clients of the application by name, and leaves it to the application to end them', async () => {
      const [one, other] = [fakeClient(), fakeClient()];
      const injector = environment({ client: one }, { name: 'plant', client: other }, () => ({
        name: 'made',
        client: inject(OF_THE_PAGE),
      }));
      const of = (name?: string): unknown => runInInjectionContext(injector, () => injectMqtt(name));
      expect(of()).toBe(one);
      expect(of('plant')).toBe(other);
      expect(of('made')).toBe(TestBed.inject(OF_THE_PAGE));
      injector.destroy();
      await settled();
      expect([one.state.status, other.state.status]).toEqual(['connected', 'connected']);
    });

    it('a fake client is enough for signals and resources', () => {
      const client = fakeClient({ refuse: { subscribe: 'secret' } });
      const { text, secret, state } = runInInjectionContext(environment({ client }), () => ({
        text: mqttSignal('a', { map: (message) => message.text() }),
        secret: mqttResource('secret'),
        state: mqttState(),
      }));
      client.emit('a', 'hello');
      expect([text(), secret.status(), state().status]).toEqual(['hello', 'error', 'connected']);
    });

    it('refuses a client beside options', () => {
      const injector = environment({ client: fakeClient(), url: 'ws://localhost' });
      expect(() => runInInjectionContext(injector, () => injectMqtt())).toThrow(
        'provideMqtt failed: the broker "default" has a client and options; give one of them',
      );
    });

    it('refuses two brokers with one name', () => {
      const injector = environment(broker.options(), broker.options());
      expect(() => runInInjectionContext(injector, () => injectMqtt())).toThrow(/two brokers have the name "default"/);
    });

    it('says how to provide a broker that is missing', () => {
      const injector = environment(broker.options());
      expect(() => runInInjectionContext(injector, () => injectMqtt('plant'))).toThrow(
        "injectMqtt failed: no broker \"plant\" is provided; add provideMqtt({ name: 'plant', url: '...' }) to the providers",
      );
      expect(() => TestBed.runInInjectionContext(() => injectMqtt())).toThrow(/no broker is provided; add provideMqtt/);
    });
  });

  describe('mqttState', () => {
    it('is current from the first read, and updates', async () => {
      const state = runInInjectionContext(environment(broker.options()), () => mqttState());
      expect(state().status).toBe('idle');
      await settled();
      expect(state().status).toBe('connected');
      broker.drop();
      expect(state().status).toBe('reconnecting');
    });

    it('does not update after its context has ended', async () => {
      const injector = environment(broker.options());
      const inner = createEnvironmentInjector([], injector);
      const state = runInInjectionContext(inner, () => mqttState());
      await settled();
      inner.destroy();
      broker.drop();
      expect(state().status).toBe('connected');
    });
  });

  describe('mqttSignal', () => {
    it('holds the initial value, then the newest message', async () => {
      const level = runInInjectionContext(environment(broker.options()), () =>
        mqttSignal('tank/level', { initialValue: -1, map: (message) => message.json<number>() }),
      );
      const doubled = computed(() => level() * 2);
      expect(doubled()).toBe(-2);
      await settled();
      broker.publish('tank/level', '21');
      expect(doubled()).toBe(42);
    });

    it('is undefined before the first message by default, and may be undefined after it', async () => {
      const { message, mapped } = runInInjectionContext(environment(broker.options()), () => ({
        message: mqttSignal('a'),
        mapped: mqttSignal('a', { initialValue: 'none', map: () => undefined }),
      }));
      expect([message(), mapped()]).toEqual([undefined, 'none']);
      await settled();
      broker.publish('a', 'hello');
      expect(message()?.text()).toBe('hello');
      expect(mapped()).toBeUndefined();
    });

    it('unsubscribes when its context ends', async () => {
      const injector = environment(broker.options());
      const inner = createEnvironmentInjector([], injector);
      runInInjectionContext(inner, () => mqttSignal('tank/#'));
      await settled();
      inner.destroy();
      await settled();
      expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE tank/#', 'UNSUBSCRIBE tank/#']);
    });

    it('survives the loss of the connection', async () => {
      const injector = environment(broker.options({ reconnect: { minDelay: 0, jitter: 'none' } }));
      const text = runInInjectionContext(injector, () => mqttSignal('a', { map: (message) => message.text() }));
      await settled();
      broker.drop();
      await settled();
      await settled();
      broker.publish('a', 'again');
      expect(text()).toBe('again');
    });

    describe('when the broker refuses the filter', () => {
      const refused = async <T extends string>(options: MqttSignalOptions<T, string>) => {
        const injector = environment(broker.options());
        const text = runInInjectionContext(injector, () =>
          mqttSignal('forbidden', { initialValue: '-', map: (message) => message.text() as T, ...options }),
        );
        await settled();
        return text;
      };

      it('keeps the value by default, and carries the error', async () => {
        for (const options of [{}, { onError: 'keep' }] as const) {
          const text = await refused(options);
          expect(text()).toBe('-');
          expect(text.error()).toBeInstanceOf(MqttError);
          expect(text.error()).toMatchObject({ code: 'SUBSCRIBE_REFUSED', reasonCode: 0x87, filter: 'forbidden' });
        }
      });

      it("throws when it is read, with onError: 'throw'", async () => {
        const text = await refused({ onError: 'throw' });
        expect(() => text()).toThrow(/forbidden/);
        expect(text.error()?.message).toMatch(/forbidden/);
      });

      it('gives what a function makes of the error', async () => {
        const text = await refused({ onError: ({ code }: MqttError) => code });
        expect(text()).toBe('SUBSCRIBE_REFUSED');
      });
    });

    it('shows what map threw as the error until the next message, and stays subscribed', async () => {
      const level = runInInjectionContext(environment(broker.options()), () =>
        mqttSignal('level', {
          initialValue: 0,
          map: (message) => {
            const value = message.json<number>();
            if (value < 0) throw new RangeError('negative');
            return value;
          },
        }),
      );
      const picture = (): readonly unknown[] => [
        level(),
        level.error()?.code,
        (level.error()?.cause as Error | undefined)?.message,
      ];
      await settled();
      broker.publish('level', '1');
      expect(picture()).toEqual([1, undefined, undefined]);
      broker.publish('level', '-1');
      expect(picture()).toEqual([1, 'INVALID_PAYLOAD', 'negative']);
      expect(level.error()?.message).toBe('map threw for a message of "level"; see the cause');
      broker.publish('level', '{');
      expect(picture().slice(0, 2)).toEqual([1, 'INVALID_JSON']);
      broker.publish('level', '2');
      expect(picture()).toEqual([2, undefined, undefined]);
      expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE level']);
    });

    it('carries an invalid option as its error', () => {
      const options = { qos: 1, rteainHandling: 2 } as SubscribeOptions;
      const text = runInInjectionContext(environment(broker.options()), () => mqttSignal('a', options));
      expect([text(), text.error()?.code]).toEqual([undefined, 'INVALID_OPTION']);
      expect(text.error()?.message).toMatch(/rteainHandling/);
    });

    it('is a signal', () => {
      expect(isSignal(runInInjectionContext(environment(broker.options()), () => mqttSignal('a')))).toBe(true);
    });

    it('one refused filter does not stop what stands below it in a template', async () => {
      TestBed.configureTestingModule({ providers: [provideMqtt(broker.options())] });
      class View {
        readonly text = mqttSignal('forbidden', { map: (message) => message.text() });
      }
      const template = '{{ text() ?? "-" }} {{ text.error()?.code }} and what follows';
      const fixture = TestBed.createComponent(
        Component({ standalone: true, selector: 'test-refused', template })(View),
      );
      await settled();
      await fixture.whenStable();
      expect((fixture.nativeElement as HTMLElement).textContent).toBe('- SUBSCRIBE_REFUSED and what follows');
    });
  });

  describe('mqttResource', () => {
    it('is loading until the first message, and then shows the newest one', async () => {
      const text = runInInjectionContext(environment(broker.options()), () =>
        mqttResource('a', { map: (message) => message.text() }),
      );
      const picture = (): unknown => [text.status(), text.isLoading(), text.value(), text.error()?.message];
      expect(picture()).toEqual(['loading', true, undefined, undefined]);
      await settled();
      broker.publish('a', 'one');
      broker.publish('a', 'two');
      expect(picture()).toEqual(['resolved', false, 'two', undefined]);
    });

    it('shows the refusal of the broker', async () => {
      const refused = runInInjectionContext(environment(broker.options()), () => mqttResource('forbidden'));
      await settled();
      expect(refused.status()).toBe('error');
      expect(refused.error()?.message).toMatch(/forbidden/);
    });

    it('shows an error thrown by map, keeps the last value, and subscribes again on reload', async () => {
      const level = runInInjectionContext(environment(broker.options()), () =>
        mqttResource('level', { map: (message) => message.json<number>() }),
      );
      await settled();
      broker.publish('level', '1');
      broker.publish('level', 'not a number');
      expect([level.status(), level.value()]).toEqual(['error', 1]);
      await settled();
      level.reload();
      expect([level.status(), level.value(), level.error()]).toEqual(['loading', 1, undefined]);
      await settled();
      broker.publish('level', '2');
      expect([level.status(), level.value()]).toEqual(['resolved', 2]);
      expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE level', 'UNSUBSCRIBE level', 'SUBSCRIBE level']);
    });

    it('has a value when there is one and no error, and a snapshot of either', async () => {
      const map = (message: MqttMessage): number => message.json<number>();
      const { level, withInitial } = runInInjectionContext(environment(broker.options()), () => ({
        level: mqttResource('level', { map }),
        withInitial: mqttResource('level', { initialValue: 0, map }),
      }));
      expect([level.hasValue(), level.snapshot()]).toEqual([false, { status: 'loading', value: undefined }]);
      expect([withInitial.hasValue(), withInitial.snapshot()]).toEqual([true, { status: 'loading', value: 0 }]);
      await settled();
      broker.publish('level', '1');
      expect([level.hasValue(), level.snapshot()]).toEqual([true, { status: 'resolved', value: 1 }]);
      broker.publish('level', 'not a number');
      expect([level.hasValue(), level.snapshot()]).toEqual([false, { status: 'error', error: level.error() }]);
    });

    it('carries what map threw as the cause of its error', async () => {
      const failure = new Error('no');
      const text = runInInjectionContext(environment(broker.options()), () =>
        mqttResource('a', {
          map: () => {
            throw failure;
          },
        }),
      );
      await settled();
      broker.publish('a', '');
      expect(text.error()).toBeInstanceOf(MqttError);
      expect([text.error()?.code, text.error()?.cause]).toEqual(['INVALID_PAYLOAD', failure]);
    });

    it('unsubscribes when its context ends', async () => {
      const injector = environment(broker.options());
      const inner = createEnvironmentInjector([], injector);
      runInInjectionContext(inner, () => mqttResource('a'));
      await settled();
      inner.destroy();
      await settled();
      expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE a', 'UNSUBSCRIBE a']);
    });
  });

  it('becomes stable while it is connected', async () => {
    runInInjectionContext(environment(broker.options()), () => mqttSignal('a'));
    await whenStable();
    expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE a']);
  });
});
