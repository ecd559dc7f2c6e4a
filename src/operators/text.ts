import { map, type OperatorFunction } from 'rxjs';

/**
 * Emits the payload of each message as UTF-8 text. Invalid bytes become U+FFFD.
 *
 * Completes and errors with the source. Holds nothing; unsubscribing unsubscribes from the source.
 *
 * ```ts
 * client.subscribe('hall/7/status').pipe(text()).subscribe((status) => show(status));
 * ```
 */
export function text(): OperatorFunction<{ text(): string }, string> {
  return map((message) => message.text());
}
