/** The whole test suite on other versions of Node. */
import { readFile, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { countJest, root } from '../../scripts/rings.mjs';
import { installNode } from './engines.mjs';

const VERSIONS = ['22', '24'];
const TIME_LIMIT = 25 * 60_000;

export async function suite(ring) {
  for (const tag of VERSIONS) {
    let version = '';
    let result = 'fails';
    await ring.check(`the whole test suite on Node.js ${tag}`, async () => {
      const bin = await installNode(ring, tag);
      version = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
      const report = join(ring.temporary, `suite-${tag}.json`);
      await rm(report, { force: true });
      const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--maxWorkers=2', '--json', `--outputFile=${report}`];
      const { stderr, status } = spawnSync(join(bin, 'node'), jest, {
        cwd: root,
        encoding: 'utf8',
        timeout: TIME_LIMIT,
        maxBuffer: 256 * 1024 * 1024,
        // Processes that tests start run on the same Node.
        env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      });
      const { passed, failed } = countJest(JSON.parse(await readFile(report, 'utf8')));
      result = `${passed} passed, ${failed} failed`;
      if (status !== 0 || failed > 0) throw new Error(`${result}\n${stderr.slice(-20_000)}`);
      return result;
    });
    ring.table.add('suite', 'Node.js', version, 'the whole test suite', result);
  }
}
