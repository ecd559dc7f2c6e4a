import { isInternal, placeOf } from './stack.js';
import type { VirtualAction } from './virtual-action.js';

/**
 * Describes the pending actions at the end of a test, with the lines that scheduled them.
 *
 * @param withInternal whether to include timers that the package has set for itself.
 */
export function describeLeftovers(actions: readonly VirtualAction[], now: number, withInternal: boolean): string[] {
  return actions
    .filter(({ origin }) => withInternal || !isInternal(origin?.stack))
    .map(({ due, immediate, origin }) => {
      const when = immediate ? 'at once' : `in ${due - now} ms`;
      const place = placeOf(origin?.stack);
      return `${kindOf(origin?.stack ?? '')} (due ${when})${place === undefined ? '' : `, set ${place}`}`;
    });
}

function kindOf(stack: string): string {
  if (stack.includes('HotObservable')) return 'an event of t.hot';
  if (stack.includes('ColdObservable')) return 'an event of t.cold or t.messages';
  return 'a timer';
}
