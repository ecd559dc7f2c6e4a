/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from './support/testbed.js';
import {
  ApplicationRef,
  computed,
  createEnvironmentInjector,
  EnvironmentInjector,
  inject,
  InjectionToken,
  provideZonelessChangeDetection,
  runInInjectionContext,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import {
  type BrokerConfig,
  injectMqtt,
  mqttResource,
  mqttSignal,
  mqttState,
  provideMqtt,
} from '../../src/angular/index.js';
import { ScriptedBroker, settled } from './support/scripted-broker.js';

startTestBed();

/** An environment inside the one of TestBed, that ends when the test says so. */
function environment(...brokers: BrokerConfig[]): EnvironmentInjector {
  return createEnvironmentInjector([provideMqtt(...brokers)], TestBed.inject(EnvironmentInjector));
}

describe('an application without zone.js', () => {
  let broker: ScriptedBroker;

  beforeEach(() => {
    broker = new ScriptedBroker();
    TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection()] });
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

    it('throws the refusal of the broker when it is read', async () => {
      const signal = runInInjectionContext(environment(broker.options()), () => mqttSignal('forbidden'));
      await settled();
      expect(() => signal()).toThrow(/forbidden/);
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
    await TestBed.inject(ApplicationRef).whenStable();
    expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE a']);
  });
});
