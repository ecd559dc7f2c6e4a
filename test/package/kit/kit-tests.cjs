/** The same twenty tests of `rxmqtt/testing`, for every test framework: it brings `it`, and `assert` is Node's. */
module.exports = function kitTests({ it, assert, testing, rxmqtt, rxjs }) {
  const { chaos, connack, CUT, fakeClient, matchers, message, mqttTest, recorded, suback, testBroker } = testing;
  const C = 'CONNECT v5 clean';
  const fire = (source) => source.subscribe({ error: () => undefined });
  const fails = (body, options) => {
    let problem = '';
    try {
      mqttTest(body, options);
    } catch (error) {
      problem = error.message;
    }
    assert.notEqual(problem, '', 'the test passed');
    return problem;
  };

  it('1 draws what a client sends', () =>
    mqttTest((t) => t.expectSent(t.connect({ keepalive: 10 })).toBe('C 8999ms P', { C, P: 'PINGREQ' })));
  it('2 draws what it receives', () => mqttTest((t) => t.expectReceived(t.connect()).toBe('--A', { A: 'CONNACK' })));
  it('3 draws its state', () =>
    mqttTest((t) => t.expectState(t.connect()).toBe('c-C', { c: 'connecting 1', C: 'connected' })));
  it('4 writes the transcript', () =>
    mqttTest((t) => t.expectWire(t.connect()).toBe('0 > CONNECT v5 clean\n2 < CONNACK')));
  it('5 tests a pipeline by itself', () =>
    mqttTest((t) => {
      const source = t.messages('a 9ms b|', { a: ['t', 1], b: ['t', 2] });
      t.expectObservable(source.pipe(rxmqtt.json())).toBe('a 9ms b|', { a: 1, b: 2 });
    }));
  it('6 draws what is published', () =>
    mqttTest((t) => {
      fire(t.connect().publish('a', 'x'));
      t.expectPublished('a').toBe('---x', { x: ['a', 'x'] });
    }));
  it('7 publishes', () =>
    mqttTest((t) => {
      const seen = t
        .connect()
        .subscribe('a')
        .pipe(rxjs.map((m) => m.text()));
      t.expectObservable(seen).toBe('11ms x', { x: 'x' });
      t.publish('10ms x', { x: ['a', 'x'] });
    }));
  it('8 cuts the line', () =>
    mqttTest((t) => {
      t.connect({ clientId: 'shop' });
      t.at(10, () => t.broker.line('shop').cut());
      t.expectSent('shop').toBe('C 1009ms C', { C });
    }));
  it('9 loses packets', () =>
    mqttTest((t) => {
      const shop = t.connect({ clientId: 'shop', clean: false, sessionExpiry: 60 });
      t.broker.line('shop').drop('< pubrec');
      t.at(10, () => fire(shop.publish('a', 'x', { qos: 2 })));
      t.at(50, () => t.broker.line('shop').cut());
      t.expectPublished('a').toBe('11ms x 9s', { x: ['a', 'x'] });
    }));
  it('10 refuses', () =>
    mqttTest((t) => {
      t.broker.line('shop').refuse(0x88);
      t.connect({ clientId: 'shop' });
      t.expectReceived('shop').toBe('--R', { R: 'CONNACK 0x88' });
    }));
  it('11 scripts a broker', () =>
    mqttTest(
      (t) => {
        t.script('a 3ms x', { a: connack(), x: CUT });
        t.answer('subscribe', ({ packetId }) => suback(packetId, 0));
        t.connect();
        t.expectWire().toContain('2 < CONNACK\n5 closed');
      },
      { broker: false },
    ));
  it('12 sets the clock on the wall', () =>
    mqttTest((t) => {
      t.connect({ keepalive: 10 });
      t.at(100, () => t.setTimeOfDay(new Date('2031-01-01')));
      t.expectSent().toBe('C 8999ms P', { C, P: 'PINGREQ' });
    }));
  it('13 draws a failure', () => {
    const problem = fails((t) => t.expectSent(t.connect()).toBe('-C', { C }));
    assert.match(problem, /expected {2}-C\n {2}got {7}C/);
  });
  it('14 names what is left', () => {
    assert.match(
      fails((t) => (rxjs.timer(5000).subscribe(), t.to(10))),
      /a timer \(due in 4990 ms\), set at .*kit-tests/,
    );
  });
  it('15 lets promises settle', async () => {
    await mqttTest(async (t) => {
      const client = t.connect({ beforeConnect: async () => ({ username: 'u' }) });
      await t.to(10);
      t.expectSent(client).toBe('C', { C: 'CONNECT v5 clean user=u' });
      await client.end();
    });
  });
  it('16 says that a promise needs the other form', () => {
    assert.match(
      fails((t) => (t.connect({ beforeConnect: async () => undefined }), t.to(5))),
      /await mqttTest\(async/,
    );
  });
  it('17 makes messages and fake clients', () => {
    const client = fakeClient();
    const seen = [];
    client.subscribe('a/+').subscribe((m) => seen.push(m.json()));
    client.emit('a/b', message('a/b', { x: 1 }).payload);
    assert.deepEqual(seen, [{ x: 1 }]);
    assert.equal(matchers.toBeSubscribedTo(client, 'a/+').pass, true);
  });
  it('18 plays a recording', () =>
    mqttTest((t) => {
      const text = '{"time":5,"topic":"a","payload":"x"}\n{"time":15,"topic":"b","payload":"y"}';
      t.expectObservable(recorded(text).pipe(rxjs.map((m) => m.topic))).toBe('a 9ms (b|)');
    }));
  it('19 survives a bad network', () =>
    mqttTest(
      (t) => {
        const lasting = { clean: false, sessionExpiry: 9999 };
        const seen = [];
        t.connect({ clientId: 'sink', ...lasting })
          .subscribe('a', { qos: 2 })
          .subscribe((m) => seen.push(m.text()));
        const device = t.connect({ clientId: 'device', ...lasting });
        for (let i = 0; i < 50; i++) t.at(i * 1000, () => fire(device.publish('a', String(i), { qos: 2 })));
        chaos(t, { every: '5s', until: '50s' });
        t.to('5m');
        assert.deepEqual(
          seen,
          Array.from({ length: 50 }, (_, i) => String(i)),
        );
      },
      { seed: 7 },
    ));
  it('20 runs a broker in real time', async () => {
    const broker = await testBroker();
    // The build for pages, which jsdom gets, dials no TCP.
    const dial = typeof window === 'undefined' ? {} : { transport: broker.transport };
    const client = rxmqtt.connect(broker.url, { clientId: 'real', ...dial });
    await rxjs.firstValueFrom(client.publish('a', 'x', { qos: 1 }));
    assert.equal(broker.published.length, 1);
    await client.end();
    await broker.close();
  });
};
