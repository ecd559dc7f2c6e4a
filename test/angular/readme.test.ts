/** @jest-environment <rootDir>/test/angular/support/page-environment.cjs */
import '@angular/compiler';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import * as core from '@angular/core';
import * as browser from '@angular/platform-browser';
import * as angular from '../../src/angular/index.js';
import { ScriptedBroker, settled } from './support/scripted-broker.js';

const root = join(__dirname, '../..');

/** The block of the README that imports Angular, with a line to the scripted broker in place of the socket. */
function compiled(): (require: (name: string) => unknown) => Promise<void> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const block = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, text = '']) => text)
    .find((text) => text.includes('@angular'));
  const { outputText } = ts.transpileModule(
    (block ?? '').replace("{ url: 'ws://localhost:8083/mqtt' }", "require('options')"),
    {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, experimentalDecorators: true },
    },
  );
  const run = compileFunction(`return (async () => { ${outputText} })();`, ['require', 'exports']) as (
    require: (name: string) => unknown,
    exports: object,
  ) => Promise<void>;
  return (require) => run(require, {});
}

it('the Angular block of the README runs: it shows the state and the newest value', async () => {
  const broker = new ScriptedBroker();
  document.body.innerHTML = '<app-root></app-root>';
  const modules: Readonly<Record<string, unknown>> = {
    '@angular/core': core,
    '@angular/platform-browser': browser,
    'rxmqtt/angular': angular,
    options: broker.options(),
  };
  await compiled()((name) => modules[name]);
  await settled();
  broker.publish('hall/7/temperature', '21.5');
  const shown = await new Promise<string>((resolve) => {
    const observer = new MutationObserver(() => {
      const text = document.querySelector('app-root')?.textContent ?? '';
      if (!text.includes('21.5')) return;
      observer.disconnect();
      resolve(text);
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  expect(shown.trim()).toBe('connected: 21.5 °C');
});
