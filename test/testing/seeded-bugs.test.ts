import { components, connections } from './seeded-bugs/connections.js';
import { delivery } from './seeded-bugs/delivery.js';
import { pipelines } from './seeded-bugs/pipelines.js';

const bugs = [...pipelines, ...delivery, ...connections, ...components];

describe('a test of the kit finds the mistake of one that', () => {
  it.each(bugs)('$name', ({ passes }) => {
    passes('good');
    // By what the test claims, not by an accident.
    expect(() => passes('bad')).toThrow(/not as drawn|does not contain|still pending|the order is lost|^it /);
  });

  it('is one of thirty at least', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(30);
  });
});
