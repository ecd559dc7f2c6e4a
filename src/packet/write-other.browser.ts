/** Takes the place of `write-other.ts` in browsers, which are no servers. */
export { writeFromClient as writeOther } from './write-from-client.js';
