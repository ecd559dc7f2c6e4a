const { default: Sequencer } = require('@jest/test-sequencer');

/** They take longest, and most of them are small files. */
const LONG =
  /\/test\/(model\/\w+|testing\/fleet|documents|cli\/logins|examples\/demo|conformance\/fuzz|broker\/(contract|soak|fan-out|store\/(kill|layout)))\.test\.ts$/;

/**
 * Where Jest knows no times yet, as in a fresh clone, it starts large files first. A long test that it starts last
 * leaves all cores but one idle.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG.test(path);
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
