import { setTimeout as wait } from 'node:timers/promises';
import { asyncScheduler, firstValueFrom, NEVER } from 'rxjs';
import { asyncFailure, failure, mqttTest } from './support.js';

describe('an asynchronous test that waits for what never comes', () => {
  it.each<[string, Parameters<typeof asyncFailure>[0]]>([
    [
      'an acknowledgement that only time brings',
      (t) => firstValueFrom(t.connect().publish('a', 'x', { qos: 1 })).then(() => undefined),
    ],
    ['anything else, behind t.to', (t) => Promise.resolve(t.to('1s')).then(() => firstValueFrom(NEVER))],
  ])('is told so: %s', async (_, body) => {
    const { now } = asyncScheduler;
    expect(await asyncFailure(body)).toContain('keep the promise, await t.to(...), and await the promise then');
    expect(asyncScheduler.now).toBe(now);
  });

  it('leaves the time to the next test when its framework has given it up before', async () => {
    const first = asyncFailure((t) => {
      t.connect();
      return firstValueFrom(NEVER);
    });
    await wait(600);
    mqttTest((t) => {
      t.expectSent(t.connect()).toBe('C', { C: 'CONNECT v5 clean' });
    });
    expect(await first).toContain('the test waits for a promise');
    await mqttTest(async (t) => {
      await t.to(10);
    });
  });

  it('cannot let time pass any more when it is over', async () => {
    let late: PromiseLike<void> | undefined;
    await mqttTest(async (t) => {
      await t.to(1);
      late = wait(50).then(() => t.to(100));
    });
    await expect(late).rejects.toThrow('the test is over');
  });

  it('continues while something takes real time', async () => {
    await mqttTest(async (t) => {
      await wait(700);
      await t.to(10);
      expect(t.now).toBe(10);
    });
  });
});

describe('a test that begins while another one is running', () => {
  it('names the line that began the other one', async () => {
    const first = mqttTest(async (t) => {
      await t.to(10);
    });
    expect(failure(() => undefined)).toMatch(/another one is running, begun at .*stall-detector\.test\.ts:\d+:\d+;/);
    await first;
  });
});
