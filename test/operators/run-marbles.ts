import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/** Runs a marble test; frames are compared with `toEqual`. */
export function marbles(test: (helpers: RunHelpers) => void): () => void {
  return () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}
