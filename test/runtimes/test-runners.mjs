/** Tests of applications: under Jest and Vitest, in Node and in jsdom. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../scripts/rings.mjs';
import { withBroker } from './broker.mjs';
import { exchangeAsCommonJs, exchangeFile } from './bundlers.mjs';
import { project, versionOf } from './installed.mjs';
import { tested } from './table.mjs';

/** Runs a command with the addresses of a broker in its environment. */
const withAddresses = (folder, ...command) =>
  withBroker(({ tcp, ws }) => run('env', [`BROKER_TCP=${tcp}`, `BROKER_WS=${ws}`, ...command], folder));

export async function testRunners(ring) {
  await tested(ring, 'testRunners', 'Jest', 'jsdom, CommonJS', async () => {
    const folder = await project(ring, 'jest', ['jest', 'jest-environment-jsdom']);
    await exchangeAsCommonJs(join(folder, 'exchange.js'));
    await withAddresses(folder, 'npx', '--no-install', 'jest', '--env=jsdom', '--testMatch=**/*.jest.js');
    return versionOf(folder, 'jest');
  });
  let folder;
  const vitest = async (environment) => {
    folder ??= await project(ring, 'vitest', ['vitest', 'jsdom', 'happy-dom']);
    await cp(exchangeFile, join(folder, 'exchange.js'));
    const flags = [`--environment=${environment}`, '--config=vitest.config.mjs'];
    await withAddresses(folder, 'npx', '--no-install', 'vitest', 'run', ...flags);
    return versionOf(folder, 'vitest');
  };
  for (const environment of ['node', 'jsdom', 'happy-dom']) {
    await tested(ring, 'testRunners', 'Vitest', environment, () => vitest(environment));
  }
}
