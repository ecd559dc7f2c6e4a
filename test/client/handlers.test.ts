import { config, map, type Observable, of, Subject, Subscriber, switchMap } from 'rxjs';
import { publish } from '../../marble-tests/support.js';
import type { MqttMessage } from '../../src/index.js';
import { connected } from './connected.js';

describe('the kinds of observer', () => {
  it('a function, an observer, three functions, a Subject and an operator receive the same', () => {
    connected((world) => {
      const messages$ = world.client.subscribe('a');
      const log: string[] = [];
      const seen = (who: string) => (message: MqttMessage) => void log.push(`${who} ${message.text()}`);
      const done = (who: string) => () => void log.push(`${who} done`);
      const subject = new Subject<MqttMessage>();
      subject.subscribe({ next: seen('subject'), complete: done('subject') });
      messages$.subscribe(seen('function'));
      messages$.subscribe({ next: seen('observer'), complete: done('observer') });
      messages$.subscribe({ complete: done('complete only') });
      messages$.subscribe(seen('three'), undefined, done('three'));
      messages$.subscribe(subject);
      messages$.pipe(map((message) => message)).subscribe({ next: seen('operator'), complete: done('operator') });
      of(1)
        .pipe(switchMap(() => messages$))
        .subscribe({ next: seen('inner'), complete: done('inner') });
      messages$.subscribe();
      world.by(0);
      world.line.send(publish('a', '1'));
      expect(log).toEqual(['function 1', 'observer 1', 'three 1', 'subject 1', 'operator 1', 'inner 1']);
      log.length = 0;
      void world.client.end();
      world.by(10);
      expect(log.sort()).toEqual(
        ['observer done', 'complete only done', 'three done', 'subject done', 'operator done', 'inner done'].sort(),
      );
    });
  });

  it('an observer is called with itself as this', () => {
    connected((world) => {
      const counter = {
        count: 0,
        next() {
          this.count++;
        },
      };
      world.client.subscribe('a').subscribe(counter);
      world.by(0);
      world.line.send(publish('a', '1'), publish('a', '2'));
      expect(counter.count).toBe(2);
    });
  });

  it('nothing arrives after unsubscribe(), even inside the handler; further teardown runs once', () => {
    connected((world) => {
      const log: string[] = [];
      const subscription = world.client.subscribe('a').subscribe((message) => {
        log.push(message.text());
        subscription.unsubscribe();
      });
      subscription.add(() => log.push('torn down'));
      world.by(0);
      world.take();
      world.line.send(publish('a', '1'), publish('a', '2'));
      subscription.unsubscribe();
      world.by(1);
      expect(log).toEqual(['1', 'torn down']);
      expect(subscription.closed).toBe(true);
      expect(world.wire).toEqual(['0 UNSUBSCRIBE #2 a']);
    });
  });

  it('a subscription that is added to another one ends with it', () => {
    connected((world) => {
      const outer = new Subscriber<unknown>();
      outer.add(world.client.subscribe('a').subscribe(() => undefined));
      world.by(0);
      world.take();
      outer.unsubscribe();
      world.by(1);
      expect(world.wire).toEqual(['0 UNSUBSCRIBE #2 a']);
    });
  });

  it.each<[string, (messages$: Observable<MqttMessage>) => void]>([
    ['a function', (messages$) => messages$.subscribe(() => undefined)],
    ['an observer', (messages$) => messages$.subscribe({ next: () => undefined })],
  ])('an error that %s does not take goes where RxJS reports errors', (_, subscribe) => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      connected((world) => {
        subscribe(world.client.subscribe('a//#/'));
        world.by(1);
        void world.client.end();
        world.by(2);
        subscribe(world.client.subscribe('a'));
        world.by(3);
      });
    } finally {
      config.onUnhandledError = null;
    }
    expect(reported).toMatchObject([{ code: 'INVALID_FILTER' }, { name: 'ClosedError' }]);
  });
});
