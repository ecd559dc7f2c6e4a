import { TestScheduler } from 'rxjs/testing';
import { NEVER } from 'rxjs';
import { DEFAULT_LIMITS } from '../../../src/broker/broker-limits.js';
import { newCounters } from '../../../src/broker/counters.js';
import { RetainedMessages } from '../../../src/broker/routing/retained-messages.js';
import { Subscription } from '../../../src/broker/routing/subscription.js';
import { RetainedReplay, type ReplayTarget } from '../../../src/broker/session/retained-replay.js';
import { Slices } from '../../../src/broker/session/slices.js';

test('many searches that are short take turns as one that is long does', () => {
  new TestScheduler(() => undefined).run(({ flush }) => {
    const retained = new RetainedMessages(DEFAULT_LIMITS, newCounters());
    let replayed = 0;
    const target = {
      canSend: true,
      settled$: NEVER,
      isCurrent: () => true,
      replayed: () => replayed++,
      feedReplay: () => replay.feed(),
    } as Partial<ReplayTarget> as ReplayTarget;
    const replay = new RetainedReplay(target, new Slices());
    for (let index = 0; index < 1000; index++) {
      const filter = `${index}${'/+'.repeat(199)}`;
      replay.add(new Subscription(target, { filter, qos: 0 }, 0), retained);
    }
    replay.feed();
    expect(replayed).toBeLessThan(100);
    expect(replayed).toBeGreaterThan(0);
    flush();
    expect(replayed).toBe(1000);
    expect(replay.isDone).toBe(true);
  });
});
