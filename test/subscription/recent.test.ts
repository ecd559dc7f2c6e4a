import { Recent } from '../../src/subscription/recent.js';

describe('recent objects', () => {
  it('are given for equal ones', () => {
    const recent = new Recent<{ a: number; b: object }>();
    const shared = {};
    const first = { a: 1, b: shared };
    const others = [
      { a: 2, b: shared },
      { a: 1, b: {} },
    ];
    expect(recent.same(first)).toBe(first);
    for (const other of others) expect(recent.same(other)).toBe(other);
    expect(recent.same({ a: 1, b: shared })).toBe(first);
    expect(recent.same({ ...others[1] } as typeof first)).toBe(others[1]);
  });

  it('are forgotten in the order in which they came', () => {
    const recent = new Recent<{ at: number }>();
    const values = Array.from({ length: 9 }, (_, at) => recent.same({ at }));
    expect(recent.same({ at: 8 })).toBe(values[8]);
    expect(recent.same({ at: 1 })).toBe(values[1]);
    expect(recent.same({ at: 0 })).not.toBe(values[0]);
  });
});
