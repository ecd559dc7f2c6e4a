import type { Foresight as Ahead } from './foresight.js';

/** Takes the place of looking ahead in browsers, where topics are never so many. */
export class Foresight implements Pick<Ahead, 'looks' | 'read'> {
  readonly looks = 0;

  read(): undefined {
    return undefined;
  }
}
