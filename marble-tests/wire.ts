export { describePacket as line } from '../src/testing/describe-packet.js';

/** The lines of a table, without its indentation and with single spaces. */
export function table(text: string): string[] {
  return text
    .split('\n')
    .map((row) => row.trim().replace(/\s+/g, ' '))
    .filter((row) => row !== '');
}
