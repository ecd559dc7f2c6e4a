import { Patience } from '../../src/broker/routing/patience.js';
import type { Recipient } from '../../src/broker/routing/recipient.js';

const client = (clientId: string, acknowledgements: number, taken: number): Recipient =>
  ({ clientId, acknowledgements, taken }) as Recipient;

const MB = 1024 * 1024;

describe('the patience of publishers', () => {
  it('with clients that have earned none is small, for all of them together', () => {
    const patience = new Patience();
    patience.refill(0);
    for (const owner of ['a', 'b', 'c', 'd', 'e']) patience.spend([patience.of(client(owner, 0, 8 * MB))], 100);
    expect(patience.has(patience.of(client('f', 0, 8 * MB)))).toBe(false);
    patience.refill(1000);
    expect(patience.has(patience.of(client('f', 0, 8 * MB)))).toBe(true);
    patience.spend([patience.of(client('f', 0, 8 * MB))], 11);
    expect(patience.has(patience.of(client('g', 0, 0)))).toBe(false);
  });

  it('is earned by acknowledging and by reading, and is kept over connections', () => {
    const patience = new Patience();
    patience.refill(0);
    patience.spend([patience.of(client('jam', 0, 0))], 600);
    patience.of(client('acknowledges', 0, 0));
    expect(patience.of(client('acknowledges', 1000, 0)).left).toBeCloseTo(20);
    expect(patience.of(client('acknowledges', 1000, 0)).left).toBeCloseTo(20);
    expect(patience.of(client('reads', 0, 12 * MB)).left).toBe(0);
    expect(patience.of(client('reads', 0, 12 * MB + 50_000)).left).toBeCloseTo(10);
    expect(patience.of(client('reads', 0, 100)).left).toBeCloseTo(10);
    expect(patience.has(patience.of(client('reads', 0, 100)))).toBe(true);
    expect(patience.has(patience.of(client('jam', 0, 0)))).toBe(false);
  });

  it('is not forgotten while its recipient lives, however many others are behind', () => {
    const patience = new Patience();
    patience.refill(0);
    const reader = client('reads', 0, 100 * MB);
    const worker = client('acknowledges', 0, 0);
    patience.of(worker);
    const honest = { ...worker, acknowledgements: 1000 } as Recipient;
    expect(patience.of(honest).left).toBeCloseTo(20);
    expect(patience.of(reader).left).toBe(500);
    patience.spend([patience.of(reader)], 500);
    for (let index = 0; index < 10_000; index++) patience.of(client(`stranger ${index}`, 0, 0));
    expect(patience.of(honest).left).toBeCloseTo(20);
    // The bytes that have been paid for once earn nothing again.
    expect(patience.of(reader).left).toBe(0);
  });

  it('remembers no long names of clients that are gone', () => {
    const patience = new Patience();
    const name = 'x'.repeat(60_000);
    patience.of(client(name, 0, 100 * MB));
    expect(patience.of(client(name, 0, 0)).left).toBe(0);
    const short = 'x'.repeat(100);
    patience.of(client(short, 0, 100 * MB));
    expect(patience.of(client(short, 0, 0)).left).toBe(500);
  });

  it('with several at the same time is paid for by all of them', () => {
    const patience = new Patience();
    const accounts = ['a', 'b'].map((owner) => patience.of(client(owner, 0, 0)));
    for (const account of accounts) account.left = 100;
    patience.spend(accounts, 50);
    expect(accounts.map(({ left }) => left)).toEqual([75, 75]);
  });
});
