import { join } from 'node:path';
import { logInAtOnce } from '../support/logins.js';
import { NAMES, PASSWORD } from '../support/two-thousand-users.js';
import { brokerProcesses, type BrokerProcess } from './support/broker-process.js';

const startBroker = brokerProcesses();

/** Return codes of 3.1.1: accepted, and "server unavailable", which is both 0x97 and 0x9F there. */
const ANSWERS = new Set<number | undefined>([0, 3]);

const LOGINS = NAMES.map((username) => ({ clientId: username, username, password: PASSWORD }));

interface Outcomes {
  readonly codes: readonly (number | undefined)[];
  /** The longest time from a CONNECT, which comes after accept, to its answer. */
  readonly longest: number;
  readonly longestBlock: number;
}

async function logIn({ url, counters, process }: BrokerProcess): Promise<Outcomes> {
  const accepted = async (count: number): Promise<boolean> => {
    const { connections } = await counters();
    // Its start is not measured.
    if (connections >= count) await process.measure();
    return connections >= count;
  };
  const outcomes = await logInAtOnce(url, LOGINS, accepted);
  const { longestBlock } = await process.measure();
  return {
    codes: outcomes.map(({ code }) => code),
    longest: Math.max(...outcomes.map(({ after }) => after)),
    longestBlock,
  };
}

test('of 2000 different users with hashed passwords that log in at once none hangs', async () => {
  const connectTimeout = 15_000;
  const options = { sysInterval: 0, limits: { connectTimeout } };
  // What the same takes where every client may connect.
  const open = await logIn(await startBroker(options));
  const hashed = await logIn(await startBroker(options, join(__dirname, '../support/two-thousand-users.ts')));
  expect(hashed.codes.filter((code) => !ANSWERS.has(code))).toEqual([]);
  // The first hashes are computed whatever comes behind them.
  expect(hashed.codes.filter((code) => code === 0).length).toBeGreaterThan(1);
  expect(hashed.longest).toBeLessThan(connectTimeout + 2 * open.longest);
  // Hashes are computed beside the event loop.
  expect(hashed.longestBlock).toBeLessThan(4 * open.longestBlock + 200);
}, 120_000);
