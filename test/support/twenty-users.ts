/** The broker of the login tests: twenty users with hashed passwords, as `rxmqtt broker --users` has them. */
import type { BrokerOptions } from '../../src/broker/index.js';
import { userLine, usersOf } from '../../src/cli/users.js';

export const USERS: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [`user-${index}`, `password ${index}`]),
);

export async function options(): Promise<BrokerOptions> {
  const lines = await Promise.all(Object.entries(USERS).map(([name, password]) => userLine(name, password)));
  return { authenticate: usersOf(lines.join('\n')) };
}
