/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from './support/testbed.js';
import { PLATFORM_ID, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { injectMqtt, mqttResource, mqttSignal, mqttState, provideMqtt } from '../../src/angular/index.js';
import { of } from 'rxjs';
import { publishTo, request, respond } from '../../src/index.js';
import { fakeClient } from '../../src/testing/index.js';
import { provideZoneless, runEffects, whenStable } from './support/angular-version.js';
import { ScriptedBroker, settled } from './support/scripted-broker.js';

startTestBed();

describe('on a server that renders a page', () => {
  let broker: ScriptedBroker;
  let asked: number;

  beforeEach(() => {
    broker = new ScriptedBroker();
    asked = 0;
    TestBed.configureTestingModule({
      providers: [
        provideZoneless(),
        { provide: PLATFORM_ID, useValue: 'server' },
        provideMqtt(() => {
          asked++;
          return broker.options();
        }),
      ],
    });
  });

  it('nothing connects, and the function that makes the options does not run', async () => {
    const told: string[] = [];
    const tell = {
      next: () => told.push('next'),
      error: () => told.push('error'),
      complete: () => told.push('complete'),
    };
    const client = TestBed.runInInjectionContext(() => injectMqtt());
    client.subscribe('a').subscribe(tell);
    client.publish('a', 'b', { qos: 1 }).subscribe(tell);
    client.messages$.subscribe(tell);
    client.reconnect().subscribe(tell);
    await settled();
    expect([broker.log, asked, told]).toEqual([[], 0, []]);
  });

  it('request(), respond() and publishTo() are silent, set no timer, and complete with the application', async () => {
    jest.useFakeTimers();
    try {
      const told: string[] = [];
      const tell = (what: string) => ({
        next: () => told.push(`${what} next`),
        error: () => told.push(`${what} error`),
        complete: () => told.push(`${what} complete`),
      });
      const client = TestBed.runInInjectionContext(() => injectMqtt());
      request(client, 'ask', '').subscribe(tell('request'));
      respond(client, 'ask', () => '').subscribe(tell('respond'));
      of({ topic: 'a', payload: '' }).pipe(publishTo(client)).subscribe(tell('publishTo'));
      expect([jest.getTimerCount(), told]).toEqual([0, []]);
      await client.end();
      expect(told.sort()).toEqual(['publishTo complete', 'request complete', 'respond complete']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('the state is idle, and streams are silent', async () => {
    const { state, text, resource } = TestBed.runInInjectionContext(() => ({
      state: mqttState(),
      text: mqttSignal('a', { initialValue: 'loading', map: (message) => message.text() }),
      resource: mqttResource('a'),
    }));
    await settled();
    expect([state().status, text(), resource.status()]).toEqual(['idle', 'loading', 'loading']);
  });

  it('a client of the application is not used', async () => {
    TestBed.resetTestingModule();
    const client = fakeClient();
    TestBed.configureTestingModule({
      providers: [provideZoneless(), { provide: PLATFORM_ID, useValue: 'server' }, provideMqtt({ client })],
    });
    const { state, text } = TestBed.runInInjectionContext(() => ({ state: mqttState(), text: mqttSignal(() => 'a') }));
    runEffects();
    await settled();
    client.emit('a', 'hello');
    expect([state().status, text(), client.subscribed]).toEqual(['idle', undefined, []]);
  });

  it('filters that follow are silent as well', async () => {
    const id = signal<string | undefined>(undefined);
    const resource = TestBed.runInInjectionContext(() => mqttResource(id));
    expect(resource.status()).toBe('idle');
    id.set('a');
    runEffects();
    await settled();
    expect([resource.status(), broker.log]).toEqual(['loading', []]);
  });

  it('rendering waits for nothing, and the client ends with the application', async () => {
    const { state, resource } = TestBed.runInInjectionContext(() => ({
      state: mqttState(),
      resource: mqttResource('a'),
    }));
    await whenStable();
    expect(resource.isLoading()).toBe(true);
    TestBed.resetTestingModule();
    await settled();
    expect(['idle', 'ended']).toContain(state().status);
  });
});
