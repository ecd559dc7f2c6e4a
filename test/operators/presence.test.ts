import { map } from 'rxjs';
import { ErrorCode, presence, watchPresence } from '../../src/index.js';
import { mqttTest, type MqttTest } from '../../src/testing/index.js';

const me = presence('fleet/7/status');

/** What another client knows about the fleet, in words. */
function watched(t: MqttTest) {
  const watcher = t.connect({ clientId: 'watcher' });
  return watchPresence(watcher, 'fleet/{id}/status').pipe(
    map((fleet) => [...fleet.values()].map(({ params, online }) => `${params.id} ${online ? 'on' : 'off'}`).join()),
  );
}

describe('presence', () => {
  it('has a retained will, and custom texts and QoS', () => {
    expect(me.topic).toBe('fleet/7/status');
    expect(me.will).toEqual({ topic: 'fleet/7/status', payload: 'offline', qos: 1, retain: true });
    expect(presence('a', { offline: '0', qos: 2 }).will).toEqual({ topic: 'a', payload: '0', qos: 2, retain: true });
  });

  it('refuses a topic that cannot be published to', () => {
    expect(() => presence('fleet/+/status')).toThrow(
      expect.objectContaining({ code: ErrorCode.INVALID_TOPIC }) as Error,
    );
  });

  it('says that it is there after each CONNACK', () => {
    mqttTest((t) => {
      const client = t.connect({ will: me.will });
      t.expectObservable(me.announce(client).pipe(map(({ qos }) => qos))).toBe('----1 2003ms 1', { 1: 1 });
      t.at(1004, () => t.broker.line('client-1').cut());
      const online = /^PUBLISH #. fleet.7.status "online" q1 retain/;
      t.expectSent(client).toBe('C-A 2001ms C-A', { C: /^CONNECT/, A: online });
    });
  });

  it('says so at once when it is connected already, and no more once it is unsubscribed from', () => {
    mqttTest((t) => {
      const client = t.connect({ will: me.will });
      t.at(10, () => {
        const announced = me.announce(client).subscribe();
        t.at(20, () => announced.unsubscribe());
      });
      t.at(30, () => t.broker.line('client-1').cut());
      t.expectSent(client).toBe('C 9ms A 1019ms C 5s', {
        C: /^CONNECT/,
        A: 'PUBLISH #1 fleet/7/status "online" q1 retain',
      });
    });
  });

  it.each([0, 1, 2] as const)('continues at QoS %i after every lost connection', (qos) => {
    const one = presence('fleet/7/status', { qos });
    for (let moment = 0; moment <= 10; moment++) {
      mqttTest((t) => {
        const client = t.connect({ clientId: 'boat', will: one.will });
        const failures: unknown[] = [];
        one.announce(client).subscribe({ error: (error) => failures.push(error) });
        t.at(moment, () => t.broker.line('boat').cut());
        t.to('5s');
        expect([moment, failures, t.broker.retained.get('fleet/7/status')?.text()]).toEqual([moment, [], 'online']);
      });
    }
  });

  it('errors when the broker refuses the message', () => {
    mqttTest(
      (t) => {
        const failures: unknown[] = [];
        const client = t.connect({ clientId: 'boat' });
        me.announce(client).subscribe({ error: (error: { code: string }) => failures.push(error.code) });
        t.to(10);
        expect(failures).toEqual([ErrorCode.PUBLISH_REFUSED]);
      },
      { broker: { authorizePublish: () => false } },
    );
  });

  it.each([4, 5] as const)(
    'ends so that the broker sends the will, with protocol version %i',
    async (protocolVersion) => {
      await mqttTest(async (t) => {
        const client = t.connect({ clientId: 'boat', will: me.will, protocolVersion });
        me.announce(client).subscribe();
        t.expectObservable(watched(t)).toBe('----a 96ms b', { a: '7 on', b: '7 off' });
        await t.to(99);
        await me.end(client);
        await t.to(150);
      });
    },
  );

  it('is left online by a plain end()', async () => {
    await mqttTest(async (t) => {
      const client = t.connect({ clientId: 'boat', will: me.will });
      me.announce(client).subscribe();
      t.expectObservable(watched(t)).toBe('----a 145ms', { a: '7 on' });
      await t.to(99);
      await client.end();
      await t.to(150);
    });
  });

  it('completes when the client ends', async () => {
    await mqttTest(async (t) => {
      const client = t.connect({ clientId: 'boat', will: me.will });
      let isComplete = false;
      me.announce(client).subscribe({ complete: () => (isComplete = true) });
      await t.to(10);
      await me.end(client, { timeout: 100 });
      expect(isComplete).toBe(true);
    });
  });
});

describe('watchPresence', () => {
  it('shows who is there, who is lost and who is back', () => {
    mqttTest((t) => {
      for (const id of ['7', '8']) {
        const boat = presence(`fleet/${id}/status`);
        const client = t.connect({ clientId: id, will: boat.will });
        t.at(id === '7' ? 0 : 20, () => boat.announce(client).subscribe());
      }
      t.at(100, () => t.broker.line('7').cut());
      t.expectObservable(watched(t)).toBe('----a 17ms b 78ms c 1002ms b', {
        a: '7 on',
        b: '7 on,8 on',
        c: '7 off,8 on',
      });
    });
  });

  it('takes any other payload for an absence, and a cleared topic for none', () => {
    mqttTest((t) => {
      t.expectObservable(watched(t)).toBe('11ms a 9ms b 9ms c 9ms d', {
        a: 'x on',
        b: 'x off',
        c: 'x off,y on',
        d: 'y on',
      });
      t.publish('10ms a 9ms b 9ms c 9ms d', {
        a: ['fleet/x/status', 'online', { retain: true }],
        b: ['fleet/x/status', 'asleep', { retain: true }],
        c: ['fleet/y/status', 'online', { retain: true }],
        d: ['fleet/x/status', '', { retain: true }],
      });
    });
  });

  it('keeps unchanged entries identical, and emits nothing for a repeated announcement', () => {
    mqttTest((t) => {
      const seen: ReadonlyMap<string, { readonly params: { readonly id: string }; readonly online: boolean }>[] = [];
      watchPresence(t.connect(), 'fleet/{id}/status', { online: '1', qos: 0 }).subscribe((fleet) => seen.push(fleet));
      t.publish('10ms a 9ms a 9ms b', { a: ['fleet/x/status', 1], b: ['fleet/y/status', 0] });
      t.to(50);
      expect(seen.map((fleet) => [...fleet.values()])).toEqual([
        [{ params: { id: 'x' }, online: true }],
        [
          { params: { id: 'x' }, online: true },
          { params: { id: 'y' }, online: false },
        ],
      ]);
      expect(seen[1]?.get('fleet/x/status')).toBe(seen[0]?.get('fleet/x/status'));
    });
  });
});
