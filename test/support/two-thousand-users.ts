/** The broker of the login tests: two thousand users. Their passwords are one, as are their hashes, which are dear to make. */
import type { BrokerOptions } from '../../src/broker/index.js';
import { userLine, usersOf } from '../../src/cli/users.js';

export const PASSWORD = 'correct horse';
export const NAMES: readonly string[] = Array.from({ length: 2000 }, (_, index) => `user-${index}`);

export async function options(): Promise<BrokerOptions> {
  const line = await userLine('', PASSWORD);
  return { authenticate: usersOf(NAMES.map((name) => `${name}${line}`).join('\n')) };
}
