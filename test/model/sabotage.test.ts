import { ring } from './ring.js';
import { SABOTAGES } from './sabotage.js';

/** What the model says of each; anything else would be a failure for the wrong reason. */
const CAUGHT: Readonly<Record<keyof typeof SABOTAGES, RegExp>> = {
  'DUP is never set': /sent again without DUP/,
  'DUP is always set': /has DUP/,
  'inbound QoS 2 identifiers are forgotten': /at QoS 2 came 2 times/,
  'the window counter leaks open': /messages are open, and Receive Maximum is/,
  'the window counter leaks shut': /has not settled|take up the window/,
  'messages are acknowledged before they are delivered': /acknowledged before it was delivered/,
  'packet identifiers in use are handed out again': /identifier \d+/,
  'the outbox is dropped with the session': /has not settled|was lost/,
  'messages are sent again out of order': /out of order/,
  'PUBLISH is sent again after PUBREC': /sent again after PUBREC/,
  'nothing is sent again': /has not settled/,
  'a message that was in flight in a lost session is published anew at QoS 2': /taken over 2 times/,
  'steps show on the wire before they are stored': /went out before it was stored/,
  'the outbox has no bound': /messages wait|bytes wait/,
  'a publish is acknowledged and its observer is not told': /has not settled/,
  'a timer survives the end': /timers are left/,
};

describe('the model catches a library in which', () => {
  it.each(Object.keys(SABOTAGES))(
    '%s',
    async (name) => {
      const restore = SABOTAGES[name]?.();
      try {
        const { failure } = await ring({ runs: 5000, seed: 1, shrink: false });
        expect(failure).toMatch(CAUGHT[name] ?? name);
      } finally {
        restore?.();
      }
    },
    120_000,
  );
});
