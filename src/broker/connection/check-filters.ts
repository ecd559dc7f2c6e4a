import { ProtocolError } from '../../errors.js';
import { topicFilterProblem } from '../../topic/topic-filter.js';

/** @throws ProtocolError for an invalid filter (section 4.7 and 4.8). */
export function checkFilters(filters: readonly string[]): void {
  for (const filter of filters) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) throw new ProtocolError(`a topic filter ${problem}`, { reasonCode: 0x81 });
  }
}
