/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import { startTestBed } from '../support/testbed.js';
import { TestBed } from '@angular/core/testing';
import { orderSignal, provideMqttOfUser, Session } from '../../../examples/angular-recipes/login.js';
import { inProcessBroker, type TestBroker } from '../../../src/testing/index.js';
import { provideZoneless, runEffects } from '../support/angular-version.js';
import { arrived } from '../support/scripted-broker.js';

startTestBed();

describe('login after bootstrap', () => {
  let broker: TestBroker;
  const logins: string[] = [];

  beforeEach(() => {
    logins.length = 0;
    broker = inProcessBroker({
      authenticate: ({ username, password }) => {
        logins.push(`${username} ${new TextDecoder().decode(password)}`);
        return password !== undefined;
      },
    });
    TestBed.configureTestingModule({
      providers: [
        provideZoneless(),
        provideMqttOfUser({ url: 'ws://test.invalid', clientId: 'page', transport: broker.transport }),
      ],
    });
    for (const name of ['ada', 'bob'])
      broker.publish({ topic: `orders/${name}`, payload: `for ${name}`, retain: true });
  });
  afterEach(() => broker.close());

  it('connects with the token of the user, and again with that of the next one', async () => {
    const session = TestBed.inject(Session);
    const orders = TestBed.runInInjectionContext(() => orderSignal());
    const become = async (user: { readonly name: string; readonly token: string } | undefined): Promise<void> => {
      session.user.set(user);
      runEffects();
      await arrived();
    };
    await become(undefined);
    expect([logins, orders()]).toEqual([[], undefined]);
    await become({ name: 'ada', token: 'first' });
    expect([logins, orders()]).toEqual([['ada first'], 'for ada']);
    await become(undefined);
    expect(orders()).toBeUndefined();
    expect(broker.wire('page').at(-1)).toMatch(/DISCONNECT|closed/);
    await become({ name: 'bob', token: 'second' });
    expect([logins, orders()]).toEqual([['ada first', 'bob second'], 'for bob']);
  });
});
