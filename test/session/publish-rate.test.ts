import { asyncScheduler } from 'rxjs';
import { PublishRate } from '../../src/session/publish-rate.js';

describe('PublishRate', () => {
  let rooms = 0;
  const rate = (perSecond: number): PublishRate => new PublishRate(perSecond, () => rooms++);

  beforeEach(() => {
    jest.useFakeTimers({ now: 5000 });
    rooms = 0;
  });
  afterEach(() => jest.useRealTimers());

  it('keeps the places of those that go late, as behind a store that is slow', () => {
    const two = rate(2);
    for (let n = 0; n < 2; n++) {
      expect(two.admits()).toBe(true);
      two.reserve();
    }
    jest.advanceTimersByTime(900);
    expect(two.admits()).toBe(false);
    two.passed();
    two.passed();
    jest.advanceTimersByTime(999);
    expect(two.admits()).toBe(false);
    jest.advanceTimersByTime(1);
    expect(two.admits()).toBe(true);
  });

  it('gives the places back when the connection is gone', () => {
    const one = rate(1);
    one.reserve();
    one.reset();
    expect(one.admits()).toBe(true);
  });

  it('calls back once for all that were refused, at the moment at which there is room', () => {
    const one = rate(1);
    one.passed();
    jest.advanceTimersByTime(300);
    expect([one.admits(), one.admits()]).toEqual([false, false]);
    jest.advanceTimersByTime(699);
    expect(rooms).toBe(0);
    jest.advanceTimersByTime(1);
    expect(rooms).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits a second at most when the clock of the computer is set back', () => {
    const one = rate(1);
    one.passed();
    jest.setSystemTime(asyncScheduler.now() - 3_600_000);
    expect(one.admits()).toBe(false);
    jest.advanceTimersByTime(1000);
    expect(rooms).toBe(1);
    expect(one.admits()).toBe(true);
  });
});
