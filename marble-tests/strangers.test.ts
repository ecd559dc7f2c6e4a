import { merge } from 'rxjs';
import { ReasonCode, type ClientOptions, type MqttError } from 'rxmqtt';
import { connack, disconnect, mqttTest } from 'rxmqtt/testing';

/** What a broker says: it moves the text around it, ends the line, ends the quotes, and does not end. */
const SAID = `no\u202e\r\n\u001b[2J" ${'x'.repeat(1000)}`;
const SHOWN = `"no\\u202e\\r\\n\\u001b[2J\\" ${'x'.repeat(189)}…"`;

describe('text of the broker', () => {
  it('is escaped and cut in the error of a refused CONNECT', () => {
    mqttTest(
      (t) => {
        t.answer('connect', () => connack({ reasonCode: ReasonCode.BANNED, properties: { reasonString: SAID } }));
        const client = t.connect({ clientId: 'c\u2028' });
        t.to(5);
        expect(client.state).toMatchObject({
          status: 'ended',
          reason: {
            message: `the broker at mqtt://broker:1883 refused the connection of client "c\\u2028" without a user name: BANNED (${SHOWN})`,
          },
        });
      },
      { broker: false },
    );
  });

  it('is escaped and cut in the error of a DISCONNECT', () => {
    mqttTest(
      (t) => {
        const farewell = {
          cmd: 'disconnect',
          reasonCode: ReasonCode.NOT_AUTHORIZED,
          properties: { reasonString: SAID },
        } as const;
        t.script('A-D', { A: connack(), D: farewell });
        const client = t.connect();
        t.to(10);
        expect(client.state).toMatchObject({
          status: 'ended',
          reason: {
            message: `connection to mqtt://broker:1883: the broker ended the connection: NOT_AUTHORIZED (${SHOWN})`,
          },
        });
      },
      { broker: false },
    );
  });
});

describe('two clients with one client identifier', () => {
  const TOLD =
    'another client has taken over the client identifier "tab" twice within a minute; give each client its own clientId';
  const GUESSED =
    'the broker has closed the connection twice within a minute, as it does when another client connects with the ' +
    'client identifier "tab"; give each client its own clientId';
  const stubborn: ClientOptions = { isFatal: () => false, reconnect: { minDelay: 1000, jitter: 'none', factor: 1 } };
  const faults = ({ message }: MqttError): string => message;

  it('are told so on faults$ after two takeovers within a minute', () => {
    mqttTest((t) => {
      const tabs = [1, 2].map(() => t.connect({ clientId: 'tab', ...stubborn }));
      const seen: string[] = [];
      merge(...tabs.map(({ faults$ }) => faults$)).subscribe((fault) => seen.push(faults(fault)));
      t.to('3s');
      expect(seen).toContain(TOLD);
      expect(new Set(seen)).toEqual(new Set([TOLD]));
    });
  });

  it('are told so on MQTT 3.1.1, too, where the broker gives no reason', () => {
    mqttTest((t) => {
      const tabs = [1, 2].map(() => t.connect({ clientId: 'tab', protocolVersion: 4, ...stubborn }));
      const seen: string[] = [];
      merge(...tabs.map(({ faults$ }) => faults$)).subscribe((fault) => seen.push(faults(fault)));
      t.to('3s');
      expect(new Set(seen)).toEqual(new Set([GUESSED]));
    });
  });

  it.each([
    [59, [TOLD]],
    [61, []],
  ])('takes two takeovers %s s apart for a quarrel: %j', (apart, told) => {
    mqttTest(
      (t) => {
        const takenOver = disconnect(ReasonCode.SESSION_TAKEN_OVER);
        t.script('A-D', { A: connack(), D: takenOver });
        t.script(`A ${apart - 1}s D`, { A: connack(), D: takenOver });
        const client = t.connect({ clientId: 'tab', keepalive: 0, ...stubborn });
        const seen: string[] = [];
        client.faults$.subscribe((fault) => seen.push(faults(fault)));
        t.to('100s');
        expect(seen).toEqual(told);
      },
      { broker: false },
    );
  });

  it('end at the first takeover by default, and the state says why', () => {
    mqttTest((t) => {
      const [first] = [1, 2].map(() => t.connect({ clientId: 'tab' }));
      t.to('1s');
      expect(first?.state).toMatchObject({
        status: 'ended',
        reason: { reasonCode: ReasonCode.SESSION_TAKEN_OVER },
      });
    });
  });
});
