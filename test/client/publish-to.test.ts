import { asapScheduler, from, NEVER, of, startWith, take } from 'rxjs';
import { publishTo, type MqttClient, type PublishReceipt } from '../../src/index.js';
import { inVirtualTime, puback, type Answers, type World } from '../../marble-tests/support.js';
import { granted } from './connected.js';

const acknowledging: Answers = {
  ...granted,
  publish: ({ qos, packetId }, line) => {
    if (qos === 1) asapScheduler.schedule(() => line.send(puback(packetId)));
    return undefined;
  },
};

/** The PUBLISH and SUBSCRIBE packets of the wire, by their names and topics. */
const sent = (world: World): string[] =>
  world.wire
    .filter((packet) => / (PUBLISH|SUBSCRIBE) /.test(packet))
    .map((packet) => packet.replace(/^.*(PUBLISH|SUBSCRIBE) (#\d+ )?(\S+).*$/, '$1 $3'));

const message = (topic: string, qos: 0 | 1 = 1): { topic: string; payload: string; qos: 0 | 1 } => ({
  topic,
  payload: 'p',
  qos,
});

describe('publishTo a client', () => {
  it.each([0, 1] as const)('sends at QoS %i, emits the receipts and completes', (qos) => {
    inVirtualTime({ answers: acknowledging }, (world) => {
      const log: unknown[] = [];
      world.to(100);
      from([message('a', qos), message('b', qos)])
        .pipe(publishTo(world.client))
        .subscribe({ next: (receipt: PublishReceipt) => log.push(receipt.qos), complete: () => log.push('complete') });
      world.to(200);
      expect(sent(world)).toEqual(['PUBLISH a', 'PUBLISH b']);
      expect(log).toEqual([qos, qos, 'complete']);
    });
  });

  it('errors with the message that the client refuses, and takes back those that wait in the outbox', () => {
    inVirtualTime({ answers: acknowledging, dial: { delay: 100 } }, (world) => {
      const errors: string[] = [];
      from([message('a'), message('no/#'), message('b')])
        .pipe(publishTo(world.client))
        .subscribe({ error: (error: Error) => errors.push(error.message) });
      world.to(300);
      expect(errors).toEqual([expect.stringMatching(/^publish to "no\/#" failed: the topic/)]);
      expect(sent(world)).toEqual([]);
    });
  });

  it('takes back what waits in the outbox when it is unsubscribed from', () => {
    inVirtualTime({ answers: acknowledging, dial: { delay: 100 } }, (world) => {
      const subscription = NEVER.pipe(startWith(message('a')), publishTo(world.client)).subscribe();
      expect(world.client.stats().outbox.messages).toBe(1);
      subscription.unsubscribe();
      expect(world.client.stats().outbox.messages).toBe(0);
      world.to(300);
      expect(sent(world)).toEqual([]);
    });
  });

  it('takes back what waits in the outbox when a receipt was enough', () => {
    inVirtualTime({ answers: acknowledging }, (world) => {
      world.to(100);
      from([message('a'), message('b'), message('c')])
        .pipe(publishTo(world.client, undefined, { concurrency: 1 }), take(1))
        .subscribe();
      world.to(200);
      expect(sent(world)).toEqual(['PUBLISH a']);
    });
  });

  it('sends SUBSCRIBE before a publish of the same tick', () => {
    inVirtualTime({ answers: acknowledging }, (world) => {
      world.to(100);
      world.client.subscribe('s').subscribe();
      of(message('a')).pipe(publishTo(world.client)).subscribe();
      world.to(200);
      expect(sent(world)).toEqual(['SUBSCRIBE s:0', 'PUBLISH a']);
    });
  });

  it('errors when the client has ended', () => {
    inVirtualTime({ answers: acknowledging }, (world) => {
      world.to(100);
      void world.client.end();
      world.to(200);
      const errors: string[] = [];
      of(message('a'))
        .pipe(publishTo(world.client))
        .subscribe({ error: (error: Error) => errors.push(error.name) });
      expect(errors).toEqual(['ClosedError']);
    });
  });

  it('connects a lazy client, which rests when all is sent', () => {
    inVirtualTime({ answers: acknowledging, lazy: true, linger: 50 }, (world) => {
      world.to(100);
      expect(world.client.state.status).toBe('idle');
      of(message('a')).pipe(publishTo(world.client)).subscribe();
      world.to(120);
      expect(sent(world)).toEqual(['PUBLISH a']);
      world.to(300);
      expect(world.client.state.status).toBe('idle');
    });
  });

  it('passes through a `publish` that was put in its place', () => {
    inVirtualTime({ answers: acknowledging }, (world) => {
      const client: MqttClient = world.client;
      const publish = jest.spyOn(client, 'publish');
      of(message('a'))
        .pipe(publishTo(client))
        .subscribe({ error: () => undefined });
      expect(publish).toHaveBeenCalledTimes(1);
    });
  });
});
