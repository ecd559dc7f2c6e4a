import { CUT, connack, failure, failureOf, mqttTest, type MqttTest } from './support.js';

const line = (t: MqttTest): ReturnType<MqttTest['broker']['line']> => t.broker.line('shop');
const shop = (t: MqttTest): ReturnType<MqttTest['connect']> => t.connect({ clientId: 'shop' });

describe('what a test has prepared and never happens fails it', () => {
  it.each<[string, (t: MqttTest) => void]>([
    [`drop('< pubrec')`, (t) => line(t).drop('< pubrec')],
    [`drop((packet) => ...)`, (t) => line(t).drop(() => false)],
    [`duplicate('publish')`, (t) => line(t).duplicate('publish')],
    [`delay('> publish')`, (t) => line(t).delay('> publish', '1s')],
    [`corrupt('< puback')`, (t) => line(t).corrupt('< puback')],
    ['refuse(136)', (t) => t.at(10, () => line(t).refuse(0x88))],
    ['refuse()', (t) => t.at(10, () => line(t).refuse())],
    ['forgetSession()', (t) => t.at(10, () => line(t).forgetSession())],
    [`redirect('b:1883')`, (t) => t.at(10, () => (line(t).down(5), line(t).refuse(), line(t).redirect('b:1883')))],
  ])('%s', (call, prepare) => {
    const body = (t: MqttTest): void => {
      shop(t);
      prepare(t);
      t.to(900);
    };
    const { message, stack } = failureOf(body);
    expect(message).toContain('the test has prepared faults or scripts that never happened:');
    expect(message).toContain(`  line("shop").${call}, at `);
    expect(message).toContain('prepared.test.ts');
    expect(stack).not.toMatch(/src\/testing/);
    mqttTest((t) => {
      body(t);
      line(t).heal();
    });
  });

  it('down() of a client that does not dial meanwhile', () => {
    expect(
      failure((t) => {
        t.connect({ clientId: 'shop', lazy: true });
        line(t).down('1s');
        t.to('2s');
      }),
    ).toContain(`line("shop").down('1s')`);
  });

  it('the line of a client that never dials, as when its name is mistyped', () => {
    expect(
      failure((t) => {
        shop(t);
        t.broker.line('shpo').freeze(10);
        t.to(10);
      }),
    ).toContain('line("shpo"): no client of that name has dialled; there are "shop"');
  });

  it('a script that no connection comes for', () => {
    const problem = failure(
      (t) => {
        t.script('A---X', { A: connack(), X: CUT });
        t.script('  A-----X', { A: connack(), X: CUT });
        t.connect();
        t.to(10);
      },
      { broker: false },
    );
    expect(problem).toContain('t.script("A-----X"): no CONNECT came for it');
    expect(problem).not.toContain('A---X');
  });

  it('an expectation that was begun and says nothing', () => {
    const { message, stack } = failureOf((t) => {
      t.expectSent(shop(t));
      t.expectWire();
      t.expectReceived().toBe('--A', { A: 'CONNACK' });
      t.expectState();
      t.expectPublished('a/#');
      t.expectObservable(t.cold('a|'));
      t.expectSubscriptions([]);
    });
    expect(message.split('\n\n')).toEqual([
      't.expectSent("shop") expects nothing; add .toBe(...)',
      't.expectWire("shop") expects nothing; add .toBe(...)',
      't.expectState("shop") expects nothing; add .toBe(...)',
      't.expectPublished("a/#") expects nothing; add .toBe(...)',
      't.expectObservable(...) expects nothing; add .toBe(...)',
      't.expectSubscriptions(...) expects nothing; add .toBe(...)',
    ]);
    expect(stack).toContain('prepared.test.ts');
  });
});

describe('what can do nothing throws at once', () => {
  it('a fault for a packet that there is none of', () => {
    expect(failure((t) => line(t).drop('<pubrec' as never))).toContain(
      `"<pubrec" names no packet; write it as 'pubrec', '> publish' or '< pubrec'`,
    );
  });

  it.each(['cut', 'close', 'congest'] as const)('%s() without a connection', (fault) => {
    expect(failure((t) => line(t)[fault](1))).toBe(
      `line("shop").${fault}() does nothing: the client has no connection at this moment`,
    );
  });
});
