/** A broker in a process of its own. */
import { pathToFileURL } from 'node:url';
import { createBroker, type BrokerOptions } from '../../../src/broker/index.js';
import { answerTo } from './measured.js';
import type { BrokerSetup } from './broker-process.js';

async function optionsOf({ options, module }: BrokerSetup): Promise<BrokerOptions> {
  if (module === undefined) return options;
  const { options: more } = (await import(pathToFileURL(module).href)) as {
    readonly options: BrokerOptions | (() => Promise<BrokerOptions>);
  };
  return { ...options, ...(typeof more === 'function' ? await more() : more) };
}

async function main(setup: BrokerSetup): Promise<void> {
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], ...(await optionsOf(setup)) });
  const urls = await broker.listening;
  answerTo({ counters: () => ({ ...broker.counters }) }, { urls });
}

void main(JSON.parse(process.argv[2] ?? '{}') as BrokerSetup);
