import { TopicTrie as Chosen } from '#topic-trie';
import { TopicTrie } from '../../src/topic/topic-trie.js';

/** What stands behind a `#` name in browsers, the tests of the module see. */
describe('a source that package.json chooses by condition', () => {
  it('is the one for Node on Node', () => {
    expect(Chosen).toBe(TopicTrie);
  });
});
