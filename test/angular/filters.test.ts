/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from './support/testbed.js';
import {
  Component,
  createEnvironmentInjector,
  EnvironmentInjector,
  Input,
  input,
  runInInjectionContext,
  signal,
  type WritableSignal,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { asapScheduler } from 'rxjs';
import {
  type MqttFilters,
  type MqttFilterSource,
  mqttResource,
  mqttSignal,
  provideMqtt,
} from '../../src/angular/index.js';
import { injectTestBroker, provideMqttTesting } from '../../src/angular/testing/index.js';
import { fakeClient, type MessageOptions } from '../../src/testing/index.js';
import { provideZoneless, runEffects } from './support/angular-version.js';
import { arrived, ScriptedBroker, settled } from './support/scripted-broker.js';

startTestBed();

/** The end of the tick in which requests are gathered. */
const endOfTick = (): Promise<void> => new Promise((resolve) => void asapScheduler.schedule(resolve));

describe('filters that follow', () => {
  let broker: ScriptedBroker;

  beforeEach(() => {
    broker = new ScriptedBroker();
    TestBed.configureTestingModule({ providers: [provideZoneless(), provideMqtt(broker.options())] });
  });

  const create = <T>(make: () => T): T => TestBed.runInInjectionContext(make);
  const textOf = (source: MqttFilterSource) =>
    create(() => mqttSignal(source, { initialValue: '-', map: (message) => message.text() }));

  /** What the broker is asked for from now on. */
  function asked(): () => readonly string[] {
    const before = broker.log.length;
    return () => broker.log.slice(before);
  }

  describe.each<[string, MqttFilters]>([
    ['a text', 'a'],
    ['a list', ['a', 'b']],
    ['a record', { a: 1, b: { qos: 2 } }],
  ])('%s', (_, filters) => {
    const expected = typeof filters === 'string' ? ['SUBSCRIBE a'] : ['SUBSCRIBE a', 'SUBSCRIBE b'];
    it.each<[string, (given: MqttFilters) => MqttFilterSource]>([
      ['as it is', (given) => given],
      ['of a function', (given) => () => given],
      ['of a signal', (given) => signal(given)],
    ])('%s', async (_, source) => {
      const text = textOf(source(filters));
      const resource = create(() => mqttResource(source(filters), { map: (message) => message.text() }));
      runEffects();
      await settled();
      // Overlapping filters of a tick may go out in packets of their own.
      const subscribed = broker.log
        .filter((line) => line.startsWith('SUBSCRIBE'))
        .flatMap((line) => line.split(' ').slice(1));
      expect(subscribed.map((filter) => `SUBSCRIBE ${filter}`)).toEqual(expected);
      broker.publish('a', 'hello');
      expect([text(), resource.value(), resource.status()]).toEqual(['hello', 'hello', 'resolved']);
    });
  });

  it.each<[string, MqttFilterSource]>([
    ['undefined', undefined],
    ['a function that gives undefined', () => undefined],
    ['an empty list', () => []],
    ['an empty record', () => ({})],
  ])('%s is not subscribed', async (_, source) => {
    const { text, resource } = create(() => ({
      text: mqttSignal(source, { initialValue: '-' }),
      resource: mqttResource(source),
    }));
    runEffects();
    await settled();
    expect(broker.log).toEqual(['CONNECT']);
    expect([text(), text.error()]).toEqual(['-', undefined]);
    expect([resource.status(), resource.isLoading(), resource.value(), resource.error()]).toEqual([
      'idle',
      false,
      undefined,
      undefined,
    ]);
    expect(resource.reload()).toBe(false);
  });

  describe('when a signal changes', () => {
    let id: WritableSignal<string | undefined>;
    const filter = (): string | undefined => (id() === undefined ? undefined : `device/${id()}`);

    beforeEach(() => {
      id = signal<string | undefined>('1');
    });

    it('UNSUBSCRIBE and SUBSCRIBE leave in one tick', async () => {
      textOf(filter);
      runEffects();
      await settled();
      const seen = asked();
      id.set('2');
      runEffects();
      expect(seen()).toEqual([]);
      await endOfTick();
      expect([...seen()].sort()).toEqual(['SUBSCRIBE device/2', 'UNSUBSCRIBE device/1']);
    });

    it('no message of the old filter shows, before the effect has run and after it', async () => {
      const text = textOf(filter);
      const resource = create(() => mqttResource(filter, { map: (message) => message.text() }));
      const picture = (): unknown => [text(), resource.value(), resource.status()];
      runEffects();
      await settled();
      broker.publish('device/1', 'one');
      expect(picture()).toEqual(['one', 'one', 'resolved']);
      id.set('2');
      expect(picture()).toEqual(['-', undefined, 'loading']);
      broker.publish('device/1', 'late');
      expect(picture()).toEqual(['-', undefined, 'loading']);
      runEffects();
      broker.publish('device/1', 'later');
      expect(picture()).toEqual(['-', undefined, 'loading']);
      await settled();
      broker.publish('device/1', 'too late');
      expect(picture()).toEqual(['-', undefined, 'loading']);
      broker.publish('device/2', 'two');
      expect(picture()).toEqual(['two', 'two', 'resolved']);
    });

    it('undefined unsubscribes, and the initial value shows', async () => {
      const text = textOf(filter);
      const resource = create(() => mqttResource(filter, { initialValue: 'none', map: (message) => message.text() }));
      runEffects();
      await settled();
      broker.publish('device/1', 'one');
      const seen = asked();
      id.set(undefined);
      runEffects();
      await settled();
      expect(seen()).toEqual(['UNSUBSCRIBE device/1']);
      expect([text(), resource.value(), resource.status()]).toEqual(['-', 'none', 'idle']);
    });

    it('back at the same filter before the effect, nothing is sent and the value is there', async () => {
      const text = textOf(filter);
      runEffects();
      await settled();
      broker.publish('device/1', 'one');
      const seen = asked();
      id.set('2');
      id.set('1');
      runEffects();
      await settled();
      expect([seen(), text()]).toEqual([[], 'one']);
    });

    it('a new list of the same filters changes nothing', async () => {
      const revision = signal(0);
      const text = textOf(() => ['device', `all/${revision() < 2 ? 1 : 2}`]);
      runEffects();
      await settled();
      broker.publish('device', 'hello');
      const seen = asked();
      revision.set(1);
      runEffects();
      await settled();
      expect([seen(), text()]).toEqual([[], 'hello']);
    });

    it('an error of the old filter goes, and an error of the new one comes', async () => {
      const { text, resource } = create(() => ({ text: mqttSignal(id), resource: mqttResource(id) }));
      id.set('forbidden');
      runEffects();
      await settled();
      expect([text.error()?.message, resource.error()?.message]).toEqual([
        expect.stringContaining('"forbidden" was refused'),
        expect.stringContaining('"forbidden" was refused'),
      ]);
      id.set('a');
      expect([text.error(), resource.error(), resource.status()]).toEqual([undefined, undefined, 'loading']);
      id.set('a/#/b');
      runEffects();
      expect([text.error()?.code, resource.error()?.code]).toEqual(['INVALID_FILTER', 'INVALID_FILTER']);
    });

    it('a function that throws is an error of this signal alone, until it does so no more', async () => {
      const failure = new Error('no such device');
      const source = (): string => {
        if (id() === '404') throw failure;
        return 'device';
      };
      const text = textOf(source);
      const resource = create(() => mqttResource(source));
      runEffects();
      await settled();
      broker.publish('device', 'one');
      const seen = asked();
      id.set('404');
      expect([text(), text.error()?.cause, resource.error()?.cause]).toEqual(['-', failure, failure]);
      expect(text.error()?.message).toBe('the function that returns the topic filters threw; see the cause');
      runEffects();
      await settled();
      expect(seen()).toEqual(['UNSUBSCRIBE device']);
      id.set('1');
      runEffects();
      await settled();
      broker.publish('device', 'two');
      expect([text(), text.error(), resource.status()]).toEqual(['two', undefined, 'resolved']);
    });

    it('signals that map reads are no dependency', () => {
      const factor = signal(2);
      const client = fakeClient();
      client.emit('device/1', 3, { retain: true } satisfies MessageOptions);
      const injector = createEnvironmentInjector([provideMqtt({ client })], TestBed.inject(EnvironmentInjector));
      const product = runInInjectionContext(injector, () =>
        mqttSignal(filter, { map: (message) => message.json<number>() * factor() }),
      );
      runEffects();
      expect(product()).toBe(6);
      factor.set(3);
      runEffects();
      expect(product()).toBe(6);
      client.emit('device/1', 3);
      expect(product()).toBe(9);
    });

    it('reload() subscribes to the new filter before the effect does, and the effect not again', async () => {
      const resource = create(() => mqttResource(filter, { map: (message) => message.text() }));
      runEffects();
      await settled();
      broker.publish('device/1', 'one');
      const seen = asked();
      id.set('2');
      expect(resource.reload()).toBe(true);
      expect([resource.value(), resource.status()]).toEqual([undefined, 'loading']);
      await settled();
      runEffects();
      await settled();
      expect([...seen()].sort()).toEqual(['SUBSCRIBE device/2', 'UNSUBSCRIBE device/1']);
    });

    it('nothing follows after the context has ended', async () => {
      const inner = createEnvironmentInjector([], TestBed.inject(EnvironmentInjector));
      runInInjectionContext(inner, () => mqttSignal(filter));
      runEffects();
      await settled();
      const seen = asked();
      inner.destroy();
      id.set('2');
      runEffects();
      await settled();
      expect(seen()).toEqual(['UNSUBSCRIBE device/1']);
    });
  });

  it('a filter may depend on a required input', async () => {
    class Device {
      readonly id = input.required<string>();
      readonly text = mqttSignal(() => `device/${this.id()}`, { initialValue: '-', map: (message) => message.text() });
      readonly level = mqttResource(() => `device/${this.id()}`, { map: (message) => message.text() });
    }
    // What the compiler makes of `input.required()`; these tests compile while they run.
    const decorate: (options: object) => (target: object, name: string) => void = Input;
    decorate({ isSignal: true, alias: 'id', required: true })(Device.prototype, 'id');
    const template = '{{ text() }} {{ level.status() }}';
    const DeviceComponent = Component({ standalone: true, selector: 'test-device', template })(Device);
    const fixture = TestBed.createComponent(DeviceComponent);
    fixture.componentRef.setInput('id', '1');
    // Angular renders and runs effects by itself.
    const shown = async (): Promise<string> => {
      await fixture.whenStable();
      await settled();
      return (fixture.nativeElement as HTMLElement).textContent ?? '';
    };
    expect(await shown()).toBe('- loading');
    broker.publish('device/1', 'one');
    expect(await shown()).toBe('one resolved');
    fixture.componentRef.setInput('id', '2');
    expect(await shown()).toBe('- loading');
    broker.publish('device/2', 'two');
    expect(await shown()).toBe('two resolved');
    fixture.destroy();
    await settled();
    expect(broker.log).toEqual([
      'CONNECT',
      'SUBSCRIBE device/1',
      'UNSUBSCRIBE device/1',
      'SUBSCRIBE device/2',
      'UNSUBSCRIBE device/2',
    ]);
  });
});

describe('filters that follow, at a broker that retains messages', () => {
  const create = <T>(make: () => T): T => TestBed.runInInjectionContext(make);

  beforeEach(() => {
    TestBed.configureTestingModule({ providers: [provideZoneless(), provideMqttTesting()] });
    const broker = create(() => injectTestBroker());
    for (const topic of ['a', 'b', 'c']) broker.publish({ topic, payload: topic, retain: true });
  });

  it.each([
    ['lists', ['a', 'b'], ['b', 'c']],
    ['records', { a: 0, b: { qos: 1 } }, { b: { qos: 1 }, c: 1 }],
  ] as const)('of %s, the retained values show again, also of a filter that stays', async (_, before, after) => {
    const filters = signal<MqttFilters>(before);
    const seen: string[] = [];
    create(() => mqttSignal(filters, { map: (message) => void seen.push(message.text()) }));
    runEffects();
    await arrived();
    expect(seen.splice(0).sort()).toEqual(['a', 'b']);
    filters.set(after);
    runEffects();
    await arrived();
    expect(seen.sort()).toEqual(['b', 'c']);
  });

  it('reload() brings the retained value again', async () => {
    const resource = create(() => mqttResource('a', { map: (message) => message.text() }));
    await arrived();
    resource.reload();
    expect(resource.status()).toBe('loading');
    await arrived();
    expect([resource.status(), resource.value()]).toEqual(['resolved', 'a']);
  });

  it('a filter may change its options', async () => {
    const filters = signal<MqttFilters>({ a: { noLocal: false } });
    const resource = create(() => mqttResource(filters, { map: (message) => message.text() }));
    runEffects();
    await arrived();
    filters.set({ a: { noLocal: true } });
    runEffects();
    await arrived();
    expect([resource.status(), resource.error()]).toEqual(['resolved', undefined]);
    const wire = create(() => injectTestBroker()).wire('component');
    expect(wire.filter((row) => row.includes('SUBSCRIBE')).map((row) => row.replace(/^\d+ /, ''))).toEqual([
      '> SUBSCRIBE #1 a:0 id=1',
      '> SUBSCRIBE #2 a:0n id=2',
    ]);
  });
});
