/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from './support/testbed.js';
import { Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { injectMqtt, mqttSignal, mqttState } from '../../src/angular/index.js';
import { injectTestBroker, provideMqttTesting } from '../../src/angular/testing/index.js';
import { provideZoneless } from './support/angular-version.js';
import { arrived } from './support/scripted-broker.js';

startTestBed();

class Panel {
  readonly client = injectMqtt();
  readonly state = mqttState();
  readonly celsius = mqttSignal('hall/7', { initialValue: 0, map: (message) => message.json<number>() });
  set(value: number): void {
    this.client.publish('hall/7/set', String(value), { qos: 1 }).subscribe();
  }
}
const PanelComponent = Component({
  standalone: true,
  selector: 'x-panel',
  template: '{{ celsius() }} {{ state().status }}',
})(Panel);

describe('provideMqttTesting', () => {
  beforeEach(() => {
    TestBed.configureTestingModule({ providers: [provideZoneless(), provideMqttTesting()] });
  });

  it('lets a component talk to a broker in the test', async () => {
    const broker = TestBed.runInInjectionContext(() => injectTestBroker());
    broker.publish({ topic: 'hall/7', payload: '21', retain: true });
    const fixture = TestBed.createComponent(PanelComponent);
    await arrived();
    await fixture.whenStable();
    expect((fixture.nativeElement as HTMLElement).textContent).toBe('21 connected');
    fixture.componentInstance.set(22);
    await arrived();
    expect(broker.published.map((m) => `${m.topic}=${m.text()}`)).toEqual(['hall/7/set=22']);
  });

  it('lets a test disturb the line of the component', async () => {
    const fixture = TestBed.createComponent(PanelComponent);
    await arrived();
    TestBed.runInInjectionContext(() => injectTestBroker())
      .line('component')
      .cut();
    await fixture.whenStable();
    expect((fixture.nativeElement as HTMLElement).textContent).toBe('0 reconnecting');
  });

  it('knows brokers by name', () => {
    expect(() => TestBed.runInInjectionContext(() => injectTestBroker('plant'))).toThrow(
      'injectTestBroker failed: there is no broker "plant"; add provideMqttTesting() to the providers',
    );
  });
});
