const { default: Sequencer } = require('@jest/test-sequencer');

/** They take longest, and most of them are small files. */
const LONG = [
  'documents',
  'broker/contract',
  'broker/fan-out',
  'broker/soak',
  'broker/store/kill',
  'broker/store/layout',
  'cli/logins',
  'conformance/fuzz',
  'examples/demo',
  'model/model',
  'model/sabotage',
  'testing/fleet',
];

/**
 * Where Jest knows no times yet, as in a fresh clone, it starts large files first. A long test that it starts last
 * leaves all cores but one idle.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG.some((name) => path.endsWith(`/test/${name}.test.ts`));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
