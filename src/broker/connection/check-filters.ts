import { ProtocolError } from '../../errors.js';
import { topicFilterProblem } from '../../topic/topic-filter.js';

/** @throws ProtocolError for a filter that breaks the rules of section 4.7 or 4.8. */
export function checkFilters(filters: readonly string[]): void {
  for (const filter of filters) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) throw new ProtocolError(`a topic filter ${problem}`, { reasonCode: 0x81 });
  }
}
