import { config, map, type Observable, type Observer, Subject, Subscription } from 'rxjs';
import type { Publishing } from '../../src/client/begin-publish.js';
import type { Demand } from '../../src/client/demand.js';
import { Publication } from '../../src/client/publication.js';
import { ClosedError } from '../../src/errors.js';
import { LARGEST_PACKET } from '../../src/packet/limits.js';
import { Outbox } from '../../src/session/outbox.js';
import type { Outgoing, PublishReceipt } from '../../src/session/outgoing.js';
import { Sender } from '../../src/session/sender.js';
import type { SubscriptionRegistry } from '../../src/subscription/registry.js';

const limits = {
  protocolVersion: 4,
  receiveMaximum: 1,
  maximumQoS: 2,
  retainAvailable: true,
  maximumPacketSize: LARGEST_PACKET,
} as const;

/** A client that is connected, with a window for one message, and what it has sent. */
class Scene {
  readonly sent: string[] = [];
  readonly sender = new Sender(new Outbox({ maxMessages: 10, maxBytes: 1000, overflow: 'reject' }));
  needs = 0;
  refusal: ClosedError | undefined = undefined;

  constructor(
    private readonly type: new (...args: ConstructorParameters<typeof Publication>) => Observable<PublishReceipt>,
  ) {
    const publish = ({ topic }: Outgoing): void => void this.sent.push(topic);
    this.sender.attach({ limits, congested: false, publish, acknowledge: () => undefined }, true);
  }

  publish(topic: string, qos: 0 | 1): Observable<PublishReceipt> {
    const publishing: Publishing = {
      registry: { isGathering: false } as SubscriptionRegistry,
      sender: this.sender,
      demand: { add: () => this.need() } as Demand,
      check: () => {
        if (this.refusal !== undefined) throw this.refusal;
      },
    };
    return new this.type(publishing, topic, '', { qos });
  }

  acknowledge(packetId: number): void {
    this.sender.acknowledged({ cmd: 'puback', packetId, reasonCode: 0 });
  }

  private need(): () => void {
    this.needs++;
    return () => void this.needs--;
  }
}

/** What an observer was told, by name. */
function observer(log: string[]): Observer<PublishReceipt> {
  return {
    next: ({ packetId }) => log.push(`next ${packetId}`),
    error: (error: Error) => log.push(error.name),
    complete: () => log.push('complete'),
  };
}

const WAYS: readonly [
  string,
  (publication: Observable<PublishReceipt>, to: Observer<PublishReceipt>) => Subscription,
][] = [
  ['an observer', (publication, to) => publication.subscribe(to)],
  ['three functions', (publication, to) => publication.subscribe(to.next, to.error, to.complete)],
  ['an operator', (publication, to) => publication.pipe(map((receipt) => receipt)).subscribe(to)],
  [
    'a Subject',
    (publication, to) => {
      const subject = new Subject<PublishReceipt>();
      subject.subscribe(to);
      return publication.subscribe(subject);
    },
  ],
];

describe.each([['on Node', Publication]])('what publish() returns %s', (_, type) => {
  describe.each(WAYS)('subscribed to by %s', (_name, subscribe) => {
    it('emits a receipt and completes at once at QoS 0', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      const subscription = subscribe(scene.publish('a', 0), observer(log));
      expect([log, scene.sent, subscription.closed, scene.needs]).toEqual([['next 0', 'complete'], ['a'], true, 0]);
    });

    it('emits and completes with the acknowledgement at QoS 1', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      const subscription = subscribe(scene.publish('a', 1), observer(log));
      expect([log, subscription.closed, scene.needs]).toEqual([[], false, 1]);
      scene.acknowledge(1);
      expect([log, subscription.closed, scene.needs]).toEqual([['next 1', 'complete'], true, 0]);
    });

    it('tells nothing of a message that was sent once it is unsubscribed from', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      subscribe(scene.publish('a', 1), observer(log)).unsubscribe();
      scene.acknowledge(1);
      expect([log, scene.sent, scene.needs, scene.sender.idle]).toEqual([[], ['a'], 0, true]);
    });

    it('takes a message that waits out of the outbox when it is unsubscribed from', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      scene.publish('a', 1).subscribe();
      subscribe(scene.publish('b', 1), observer(log)).unsubscribe();
      scene.acknowledge(1);
      expect([log, scene.sent, scene.needs, scene.sender.idle]).toEqual([[], ['a'], 0, true]);
    });

    it('ends with the subscription that it was added to', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      const outer = new Subscription();
      outer.add(subscribe(scene.publish('a', 1), observer(log)));
      outer.add(subscribe(scene.publish('b', 0), observer(log)));
      outer.unsubscribe();
      scene.acknowledge(1);
      expect([log, scene.sent]).toEqual([
        ['next 0', 'complete'],
        ['a', 'b'],
      ]);
    });

    it('does what was added to the subscription at its end, also where that is over', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      for (const qos of [0, 1] as const)
        subscribe(scene.publish('a', qos), observer([])).add(() => log.push(`end ${qos}`));
      expect(log).toEqual(['end 0']);
      scene.acknowledge(1);
      expect(log).toEqual(['end 0', 'end 1']);
    });

    it('errors for what cannot be sent, and where the client has ended', () => {
      const scene = new Scene(type);
      const log: string[] = [];
      subscribe(scene.publish('#', 0), observer(log));
      scene.refusal = new ClosedError('the client has ended');
      subscribe(scene.publish('a', 0), observer(log));
      expect([log, scene.sent, scene.needs]).toEqual([['PublishError', 'ClosedError'], [], 0]);
    });
  });

  it('reports what an observer throws, and errors that it does not take, where RxJS does', () => {
    jest.useFakeTimers();
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      const scene = new Scene(type);
      const log: string[] = [];
      const fails = (what: string) => () => {
        throw new Error(what);
      };
      scene.publish('a', 0).subscribe({ next: fails('next'), complete: () => log.push('complete') });
      scene.publish('a', 0).subscribe({ complete: fails('complete') });
      scene.publish('#', 0).subscribe({ error: fails('error') });
      scene.publish('#', 0).subscribe();
      scene.publish('#', 0).subscribe(fails('function'));
      scene.publish('a', 0).subscribe(fails('function'));
      jest.runAllTimers();
      expect(log).toEqual(['complete']);
    } finally {
      config.onUnhandledError = null;
      jest.useRealTimers();
    }
    const told = reported.map((error) => (error as Error).message.split(':')[0]);
    expect(told).toEqual(['next', 'complete', 'error', 'publish failed', 'publish failed', 'function']);
  });

  it('sends what is published from inside of an observer behind what is there, and each time that it is subscribed to', () => {
    const scene = new Scene(type);
    const again = scene.publish('b', 0);
    scene.publish('a', 1).subscribe(() => again.subscribe({ complete: () => again.subscribe() }));
    scene.publish('c', 1).subscribe();
    scene.acknowledge(1);
    expect(scene.sent).toEqual(['a', 'c', 'b', 'b']);
  });
});
