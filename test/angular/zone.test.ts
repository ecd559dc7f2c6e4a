/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import 'zone.js';
import { startTestBed } from './support/testbed.js';
import { Component, NgZone, provideZoneChangeDetection, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { injectMqtt, mqttSignal, mqttState, provideMqtt } from '../../src/angular/index.js';
import { of } from 'rxjs';
import { publishTo, request, respond } from '../../src/index.js';
import { fakeClient } from '../../src/testing/index.js';
import { runEffects, whenStable } from './support/angular-version.js';
import { ScriptedBroker, settled } from './support/scripted-broker.js';

startTestBed();

describe('an application with zone.js', () => {
  let broker: ScriptedBroker;
  let zone: NgZone;

  beforeEach(() => {
    broker = new ScriptedBroker();
    TestBed.configureTestingModule({
      providers: [provideZoneChangeDetection(), provideMqtt(broker.options({ keepalive: 1 }))],
    });
    zone = TestBed.inject(NgZone);
  });
  afterEach(() => TestBed.resetTestingModule());

  const inZone = <T>(create: () => T): T => zone.run(() => TestBed.runInInjectionContext(create));

  it('becomes stable while keep-alive and reconnect run', async () => {
    const client = inZone(() => injectMqtt());
    zone.run(() => client.subscribe('a').subscribe());
    await zone.run(() => settled());
    expect(client.state.status).toBe('connected');
    expect(zone.hasPendingMacrotasks).toBe(false);
    broker.drop();
    expect(client.state.status).toBe('reconnecting');
    expect(zone.hasPendingMacrotasks).toBe(false);
    await whenStable();
  });

  it('stays stable while a lazy client, subscribed to in the zone, connects', async () => {
    TestBed.resetTestingModule();
    const lazy = broker.options({ lazy: true });
    TestBed.configureTestingModule({ providers: [provideZoneChangeDetection(), provideMqtt(lazy)] });
    zone = TestBed.inject(NgZone);
    const client = inZone(() => injectMqtt());
    zone.run(() => client.subscribe('a').subscribe());
    await settled();
    expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE a']);
    expect(zone.hasPendingMacrotasks).toBe(false);
  });

  it('calls subscribers in the zone in which they subscribed', async () => {
    const client = inZone(() => injectMqtt());
    const zones: boolean[] = [];
    const note = (): unknown => client.subscribe('a').subscribe(() => zones.push(NgZone.isInAngularZone()));
    zone.run(note);
    zone.runOutsideAngular(note);
    await settled();
    broker.publish('a', '');
    expect(zones).toEqual([true, false]);
  });

  it('detects no change for pings, and one for a message', async () => {
    const client = inZone(() => injectMqtt());
    zone.run(() => client.subscribe('a').subscribe());
    await settled();
    let turns = 0;
    zone.onMicrotaskEmpty.subscribe(() => turns++);
    await new Promise<void>((resolve) => {
      client.packets$.subscribe(({ packet }) => packet.cmd === 'pingreq' && resolve());
    });
    await settled();
    expect(turns).toBe(0);
    broker.publish('a', '');
    expect(turns).toBe(1);
  });

  it('renders a message that arrives', async () => {
    @Component({ standalone: true, selector: 'test-view', template: '{{ state().status }} {{ text() }}' })
    class View {
      readonly state = mqttState();
      readonly text = mqttSignal('a', { initialValue: '-', map: (message) => message.text() });
    }
    const fixture = TestBed.createComponent(View);
    fixture.autoDetectChanges();
    const shown = (): string => (fixture.nativeElement as HTMLElement).textContent ?? '';
    expect(shown()).toBe('idle -');
    await settled();
    broker.publish('a', 'hello');
    await fixture.whenStable();
    expect(shown()).toBe('connected hello');
  });

  it('follows filters: messages of the new one cause a change detection, and the application is stable', async () => {
    const id = signal('1');
    const text = inZone(() => mqttSignal(() => `device/${id()}`, { map: (message) => message.text() }));
    zone.run(() => runEffects());
    await settled();
    zone.run(() => id.set('2'));
    runEffects();
    await settled();
    expect(broker.log).toEqual(['CONNECT', 'SUBSCRIBE device/1', 'UNSUBSCRIBE device/1', 'SUBSCRIBE device/2']);
    expect(zone.hasPendingMacrotasks).toBe(false);
    let turns = 0;
    zone.onMicrotaskEmpty.subscribe(() => turns++);
    broker.publish('device/2', 'two');
    expect([turns, text()]).toEqual([1, 'two']);
  });

  it('a client of the application also works outside the zone, and calls subscribers inside it', async () => {
    TestBed.resetTestingModule();
    const client = fakeClient();
    TestBed.configureTestingModule({ providers: [provideZoneChangeDetection(), provideMqtt({ client })] });
    zone = TestBed.inject(NgZone);
    const zones: boolean[] = [];
    const injected = inZone(() => injectMqtt());
    zone.run(() => injected.subscribe('a').subscribe(() => zones.push(NgZone.isInAngularZone())));
    await settled();
    client.emit('a', 'hello');
    expect([zones, client.subscribed]).toEqual([[true], ['a']]);
  });

  describe('functions that take a client, inside and outside the zone', () => {
    /** Runs an action in NgZone and outside of it, and tells in which zone each was called back. */
    async function zonesOf(action: (note: () => void) => void): Promise<boolean[]> {
      const zones: boolean[] = [];
      const note = (): unknown => zones.push(NgZone.isInAngularZone());
      zone.runOutsideAngular(() => action(note));
      zone.run(() => action(note));
      await settled();
      return zones;
    }

    it('request() emits the reply in the zone in which it was subscribed to', async () => {
      const client = inZone(() => injectMqtt());
      await settled();
      const zones = await zonesOf((note) => request(client, 'ask', '').subscribe(note));
      for (const { properties = {} } of broker.published) {
        const { responseTopic = '', correlationData } = properties;
        broker.publish(responseTopic, '', correlationData === undefined ? {} : { correlationData });
      }
      expect(zones).toEqual([false, true]);
      expect(broker.log.filter((line) => line.startsWith('SUBSCRIBE'))).toHaveLength(1);
      expect(zone.hasPendingMacrotasks).toBe(false);
    });

    it('respond() calls the handler in the zone in which it was subscribed to', async () => {
      const client = inZone(() => injectMqtt());
      await settled();
      const zones = await zonesOf((note) =>
        respond(client, 'ask', () => {
          note();
          return 'answer';
        }).subscribe(),
      );
      broker.publish('ask', '', { responseTopic: 'back' });
      await settled();
      expect(zones).toEqual([false, true]);
      expect(broker.log.filter((line) => line === 'PUBLISH back')).toHaveLength(2);
    });

    it('publishTo() emits receipts in the zone in which it was subscribed to', async () => {
      const client = inZone(() => injectMqtt());
      await settled();
      const message = { topic: 'a', payload: '', qos: 1 } as const;
      const zones = await zonesOf((note) => of(message).pipe(publishTo(client)).subscribe(note));
      expect(zones).toEqual([false, true]);
    });
  });

  it('hands out a client with its state and its methods', async () => {
    const client = inZone(() => injectMqtt());
    await settled();
    expect(client.state.status).toBe('connected');
    await client.end();
    expect(broker.log).toEqual(['CONNECT', 'DISCONNECT', 'closed']);
  });
});
