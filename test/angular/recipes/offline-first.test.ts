/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from '../support/testbed.js';
import { TestBed } from '@angular/core/testing';
import { MemoryLevel } from 'memory-level';
import { keptSignal, OUTBOX, provideOfflineMqtt } from '../../../examples/angular-recipes/offline-first.js';
import { injectMqtt } from '../../../src/angular/index.js';
import type { LevelDatabase } from '../../../src/store-level/index.js';
import { inProcessBroker, type TestBroker } from '../../../src/testing/index.js';
import { provideZoneless } from '../support/angular-version.js';
import { arrived } from '../support/scripted-broker.js';

startTestBed();

describe('offline first', () => {
  let broker: TestBroker;
  let database: LevelDatabase & { close(): Promise<void> };

  beforeEach(() => {
    localStorage.clear();
    broker = inProcessBroker();
    // As IndexedDB, it outlives the pages, which are environments here.
    database = new MemoryLevel();
  });
  afterEach(async () => {
    await broker.close();
    await database.close();
  });

  /** A page that is loaded; the one before it is closed. */
  function page(): void {
    TestBed.resetTestingModule();
    const reconnect = { minDelay: 1, maxDelay: 1, jitter: 'none' } as const;
    TestBed.configureTestingModule({
      providers: [
        provideZoneless(),
        { provide: OUTBOX, useValue: database },
        provideOfflineMqtt({ url: 'ws://test.invalid', transport: broker.transport, log: false, reconnect }),
      ],
    });
  }
  const inPage = <T>(make: () => T): T => TestBed.runInInjectionContext(make);

  it('shows the last known state after a reload without a broker', async () => {
    page();
    broker.publish({ topic: 'hall/7', payload: '21', retain: true });
    const first = inPage(() => keptSignal<number>('hall/7'));
    expect(first()).toBeUndefined();
    await arrived();
    expect(first()?.value).toBe(21);
    broker.line(localStorage.getItem('client-id') ?? '').down('1h');
    page();
    const second = inPage(() => keptSignal<number>('hall/7'));
    expect(second()).toEqual(first());
  });

  it('delivers messages from before the reload after it, once', async () => {
    page();
    inPage(() => injectMqtt());
    await arrived();
    const line = broker.line(localStorage.getItem('client-id') ?? '');
    line.down('1h');
    inPage(() => injectMqtt())
      .publish('hall/7/set', '19', { qos: 1 })
      .subscribe({ error: () => undefined });
    await arrived();
    expect(broker.published).toEqual([]);
    page();
    inPage(() => injectMqtt());
    await arrived();
    line.heal();
    while (broker.published.length === 0) await arrived();
    await arrived();
    expect(broker.published.map((sent) => `${sent.topic} ${sent.text()}`)).toEqual(['hall/7/set 19']);
  });
});
