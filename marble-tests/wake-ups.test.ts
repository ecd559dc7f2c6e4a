import { Subject, type Observable } from 'rxjs';
import type { ClientOptions, ConnectionFailure, ConnectionState, MqttClient } from 'rxmqtt';
import { backoff } from 'rxmqtt';
import { mqttTest, type MqttTest } from 'rxmqtt/testing';
import { connectWith } from '../src/client/connect.js';
import type { WakeUp } from '../src/connection/wake-ups.js';

const reconnect = { jitter: 'none', maxAttempts: 10 } as const;

interface Page {
  readonly t: MqttTest;
  readonly client: MqttClient;
  /** The page tells that it woke up: often more than once. */
  readonly wake: (...events: WakeUp[]) => void;
  readonly states: string[];
}

/** A client in a page, whose broker the test stops and starts. */
function inPage(options: ClientOptions, test: (page: Page) => void): void {
  mqttTest(
    (t) => {
      const wakeUps = new Subject<WakeUp>();
      const connect = connectWith(t.broker.transport, wakeUps);
      const client = connect({ url: 'mqtt://broker', clientId: 'page', reconnect, ...options });
      const states: string[] = [];
      client.state$.subscribe((state) => states.push(`${t.now} ${describeState(state)}`));
      test({ t, client, states, wake: (...events) => events.forEach((event) => wakeUps.next(event)) });
      void client.end({ force: true });
      t.by(10);
    },
    { broker: false },
  );
}

function describeState(state: ConnectionState): string {
  if (state.status === 'connecting') return `connecting ${state.attempt}`;
  if (state.status === 'reconnecting') return `reconnecting ${state.attempt} in ${state.delay ?? '?'}`;
  return state.status;
}

const down = (t: MqttTest, attempts = 1000): void => t.broker.line('page').refuse(undefined, attempts);

describe('a page that wakes up while it waits for the next attempt', () => {
  it('makes one attempt at once, and begins the backoff anew', () => {
    inPage({}, ({ t, states, wake }) => {
      down(t);
      t.to(8000);
      expect(states.at(-1)).toBe('7000 reconnecting 5 in 8000');
      wake('visible', 'online', 'shown', 'resumed');
      t.to(10_000);
      expect(states.slice(-4)).toEqual([
        '8000 connecting 1',
        '8000 reconnecting 2 in 1000',
        '9000 connecting 2',
        '9000 reconnecting 3 in 2000',
      ]);
    });
  });

  it('spends none of the retries, however often it wakes up', () => {
    inPage({ reconnect: { ...reconnect, maxAttempts: 3 } }, ({ t, client, states, wake }) => {
      down(t);
      for (let n = 1; n <= 50; n++) {
        t.to(n * 1500);
        wake('visible', 'shown');
      }
      expect(client.state.status).toBe('reconnecting');
      expect(states.filter((state) => state.includes('connecting 1'))).toHaveLength(51);
      // 1, 2 and 4 s.
      t.by(10_000);
      expect(client.state.status).toBe('ended');
    });
  });

  it('begins the backoff of a reconnect function anew, too', () => {
    const failures: ConnectionFailure[] = [];
    const strategy = (failures$: Observable<ConnectionFailure>): Observable<unknown> => {
      failures$.subscribe((failure) => failures.push(failure));
      return failures$.pipe(backoff({ jitter: 'none', maxAttempts: 4 }));
    };
    inPage({ reconnect: strategy }, ({ t, states, wake }) => {
      down(t);
      t.to(5000);
      wake('online');
      t.to(6000);
      expect(states.slice(-4)).toEqual([
        '5000 connecting 1',
        '5000 reconnecting 2 in ?',
        '6000 connecting 2',
        '6000 reconnecting 3 in ?',
      ]);
      expect(failures.map(({ afterWakeUp }) => afterWakeUp === true)).toEqual([false, false, false, true, false]);
    });
  });
});

describe('a page that learns after it woke up that its connection is gone', () => {
  it('shows the loss with its reason and delay 0, and dials at once', () => {
    inPage({}, ({ t, states, wake }) => {
      t.to(60_000);
      wake('visible', 'online');
      t.to(62_000);
      t.broker.line('page').cut();
      t.to(63_000);
      expect(states.slice(-3)).toEqual(['62000 reconnecting 1 in 0', '62000 connecting 1', '62002 connected']);
    });
  });

  it('waits as ever where the loss comes long after', () => {
    inPage({}, ({ t, states, wake }) => {
      t.to(60_000);
      wake('visible');
      t.to(66_000);
      t.broker.line('page').cut();
      expect(states.at(-1)).toBe('66000 reconnecting 1 in 1000');
    });
  });

  it('dials once, and then with backoff, when the broker is gone', () => {
    inPage({}, ({ t, states, wake }) => {
      t.to(60_000);
      wake('visible');
      down(t);
      t.broker.line('page').cut();
      t.to(61_500);
      expect(states.slice(-5)).toEqual([
        '60000 reconnecting 1 in 0',
        '60000 connecting 1',
        '60000 reconnecting 2 in 1000',
        '61000 connecting 2',
        '61000 reconnecting 3 in 2000',
      ]);
    });
  });

  it('is not dialled by a reconnect function before the loss is shown', () => {
    inPage({ reconnect: (failures$) => failures$.pipe(backoff({ jitter: 'none' })) }, ({ t, states, wake }) => {
      t.to(60_000);
      wake('visible');
      t.broker.line('page').cut();
      t.to(60_100);
      expect(states.slice(-3)).toEqual(['60000 reconnecting 1 in 0', '60000 connecting 1', '60002 connected']);
    });
  });
});

describe('the network that goes', () => {
  it('is no wake-up', () => {
    inPage({}, ({ t, states, wake }) => {
      down(t);
      t.to(3500);
      wake('offline');
      t.to(3600);
      expect(states.at(-1)).toBe('3000 reconnecting 4 in 4000');
    });
  });
});
