/**
 * `npm run api`: writes docs/api/*.api.md, the public face of each entry as api-extractor reads it from dist/types.
 * `--check` writes nothing, and fails when a face has changed: read the difference, then run `npm run api`. Both fail when
 * something public has no TSDoc.
 */
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const ENTRIES = {
  rxmqtt: 'index',
  broker: 'broker/index',
  packet: 'packet/index',
  angular: 'angular/index',
  'store-level': 'store-level/index',
  aws: 'aws/index',
  'sans-io': 'sans-io/index',
  testing: 'testing/index',
  'testing-jest': 'testing/jest/index',
  'testing-vitest': 'testing/vitest/index',
  'angular-testing': 'angular/testing/index',
};
/** An entry that needs the client imports it as `rxmqtt`: here that is the declarations, as it is for users. */
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  paths: {
    rxmqtt: ['./dist/types/esm/index.d.ts'],
    'rxmqtt/broker': ['./dist/types/esm/broker/index.d.ts'],
    'rxmqtt/testing': ['./dist/types/esm/testing/index.d.ts'],
  },
};
const silent = { default: { logLevel: 'none' } };

const declarations = (entry) => `${root}dist/types/esm/${entry}.d.ts`;

function configOf(name, entry) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: `${root}package.json`,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: declarations(entry),
      compiler: { overrideTsconfig: { compilerOptions } },
      apiReport: {
        enabled: true,
        reportFolder: `${root}docs/api`,
        reportTempFolder: `${root}artifacts/api`,
        reportFileName: name,
        includeForgottenExports: false,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { compilerMessageReporting: silent, extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
  });
}

const configs = Object.entries(ENTRIES).map(([name, entry]) => [name, configOf(name, entry)]);
/** One program for all entries: each of its own would parse and check the same declarations again. */
const compilerState = CompilerState.create(configs[0][1], {
  additionalEntryPoints: Object.values(ENTRIES).map(declarations),
});

/** Whether the report of an entry is what it was. */
function report(config) {
  const localBuild = !process.argv.includes('--check');
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild,
    compilerState,
    showVerboseMessages: false,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return !apiReportChanged || localBuild;
}

mkdirSync(`${root}docs/api`, { recursive: true });
for (const [name, config] of configs) {
  if (!report(config)) {
    fail(
      `the public face of ${name} has changed; compare docs/api/${name}.api.md with artifacts/api, then npm run api`,
    );
  }
  if (readFileSync(`${root}artifacts/api/${name}.api.md`, 'utf8').includes('(undocumented)')) {
    fail(`something public of ${name} has no TSDoc; see "(undocumented)" in docs/api/${name}.api.md`);
  }
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
