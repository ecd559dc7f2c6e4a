/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import '@angular/compiler';
import { provideZonelessChangeDetection } from '@angular/core';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { provideMqtt } from 'rxmqtt/angular';
import { injectTestBroker, provideMqttTesting } from 'rxmqtt/angular/testing';
import { fakeClient, type TestBroker } from 'rxmqtt/testing';
import { HallCard } from './hall-card.js';

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

const textOf = async (fixture: ComponentFixture<HallCard>, selector: string): Promise<string | undefined> => {
  // What is in memory takes a turn of the event loop to come over.
  await new Promise((resolve) => setTimeout(resolve));
  await fixture.whenStable();
  return (fixture.nativeElement as HTMLElement).querySelector(selector)?.textContent ?? undefined;
};
const click = ({ nativeElement }: ComponentFixture<HallCard>): void =>
  (nativeElement as HTMLElement).querySelector('button')?.click();

describe('the card of a hall, with a broker in the test', () => {
  let broker: TestBroker;
  let fixture: ComponentFixture<HallCard>;

  beforeEach(() => {
    TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), provideMqttTesting()] });
    broker = TestBed.runInInjectionContext(() => injectTestBroker());
    broker.publish({ topic: 'hall/7/celsius', payload: '21', retain: true });
    fixture = TestBed.createComponent(HallCard);
  });

  it('shows the value, and says that it is live', async () => {
    expect(await textOf(fixture, 'output')).toBe('21 °C');
    expect(await textOf(fixture, 'small')).toBe('live');
  });

  it('keeps the value when the line is cut, and says that it is old', async () => {
    await textOf(fixture, 'output');
    broker.line('component').cut();
    expect(await textOf(fixture, 'small')).toBe('not connected: the last value known');
    expect(await textOf(fixture, 'output')).toBe('21 °C');
  });

  it('publishes what the button says', async () => {
    click(fixture);
    await textOf(fixture, 'output');
    expect(broker.published.map((sent) => `${sent.topic} ${sent.text()}`)).toEqual(['hall/7/set 19']);
  });
});

describe('the card of a hall, with a fake client', () => {
  it('shows a refusal beside what else there is', async () => {
    const client = fakeClient({ refuse: { subscribe: 'hall/7/celsius' } });
    TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), provideMqtt({ client })] });
    const fixture = TestBed.createComponent(HallCard);
    expect(await textOf(fixture, 'output')).toBe('- °C');
    expect(await textOf(fixture, 'p')).toMatch(/refused by the broker/);
    click(fixture);
    expect(client.published.map((sent) => `${sent.topic} ${sent.text()}`)).toEqual(['hall/7/set 19']);
  });
});
