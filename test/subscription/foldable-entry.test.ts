import type { MqttMessage } from '../../src/index.js';
import { FoldableEntry } from '../../src/subscription/foldable-entry.js';
import { HandlerSubscription } from '../../src/subscription/handler-subscription.js';
import type { Exit } from '../../src/subscription/message-observer.js';
import { Recent } from '../../src/subscription/recent.js';
import { firstTerms } from '../../src/subscription/terms.js';
import { plainRequest } from './plain-request.js';

const request = { ...plainRequest, qos: 1 } as const;
const left: unknown[] = [];
const exit: Exit = { detach: (observer) => void left.push(observer), silence: () => undefined };
const handler = (message: MqttMessage): void => void message;

function folded(): FoldableEntry {
  const entry = new FoldableEntry('a', firstTerms(request, exit, new Recent()), 0);
  const observer = new HandlerSubscription(handler, request, exit);
  entry.add(observer.join(entry));
  entry.fold(handler);
  return entry;
}

describe('an entry with a folded member', () => {
  it('is observed, and knows QoS and function without the member', () => {
    const entry = folded();
    expect([entry.isObserved, entry.qos, entry.everybody]).toEqual([true, 1, handler]);
  });

  it('makes one member of it, in the place in which it was', () => {
    const entry = folded();
    const { members } = entry;
    expect(members).toEqual([entry.founder]);
    expect(members[0]?.observer.handler).toBe(handler);
    const second = new HandlerSubscription(handler, request, exit);
    entry.add(second.join(entry));
    expect(entry.members).toEqual([members[0], second]);
    expect(entry.founder).toBe(members[0]);
    expect(entry.everybody).toEqual([members[0], second]);
  });

  it('lets others join and leave without it', () => {
    const entry = folded();
    const second = new HandlerSubscription(handler, request, exit);
    const member = second.join(entry);
    entry.remove(member);
    expect(entry.isObserved).toBe(true);
    entry.add(member);
    entry.remove(member);
    expect(entry.members).toEqual([entry.founder]);
  });

  it('lets it go with all others', () => {
    const entry = folded();
    entry.empty();
    expect([entry.isObserved, entry.founder, entry.members]).toEqual([false, undefined, []]);
  });

  it('is removed by its member, as that leaves through the same exit', () => {
    const { founder } = folded();
    founder?.unsubscribe();
    expect(left.splice(0)).toEqual([founder]);
  });

  it.each([
    ['that was not asked for', {}, 0],
    ['that was asked for without identifiers', { standing: 'known' }, -1],
    ['that was asked for under an identifier', { standing: 'known', identifiers: [3, 7] }, 7],
    ['of which the connection did not tell', { standing: 'uncertain', identifiers: [7] }, 0],
  ] as const)('%s tells its member the identifier', (_, change, identifier) => {
    const entry = folded();
    entry.update({ ...change, round: 2 });
    entry.identify(entry.everybody, 99);
    expect(entry.everybody).toBe(handler);
    expect(entry.members).toMatchObject([{ identifier, joined: 2 }]);
  });
});
