import fc from 'fast-check';
import { ReasonCode } from 'rxmqtt';
import { connack, mqttTest } from 'rxmqtt/testing';

const RUNS = process.env['ATTACK'] === 'long' ? 5000 : 300;
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Text that MQTT can carry. */
const text = fc.string({ unit: 'binary', maxLength: 2000 }).map((any) => any.replaceAll('\0', ''));

it('whatever a broker says, the reason of the state is one short visible line', () => {
  fc.assert(
    fc.property(text, fc.boolean(), (reasonString, isRefusal) => {
      mqttTest(
        (t) => {
          const properties = { reasonString };
          t.answer('connect', () =>
            isRefusal
              ? connack({ reasonCode: ReasonCode.BANNED, properties })
              : [connack(), { cmd: 'disconnect', reasonCode: ReasonCode.NOT_AUTHORIZED, properties }],
          );
          const client = t.connect();
          t.to(10);
          const { state } = client;
          const message = state.status === 'ended' ? state.reason?.message : undefined;
          expect(message).toMatch(
            isRefusal
              ? /^the broker at mqtt:\/\/broker:1883 refused the connection/
              : /^connection to mqtt:\/\/broker:1883: the broker ended the connection/,
          );
          expect(message).not.toMatch(HARMFUL);
          // Each of the 200 characters takes ten at most: \u{e0041}.
          expect(message?.length).toBeLessThan(2200);
        },
        { broker: false },
      );
    }),
    { numRuns: RUNS },
  );
});
