#!/usr/bin/env node
import { createRequire } from 'node:module';
import { processTerminal } from './process-terminal.js';
import { run } from './run.js';

const { version } = createRequire(import.meta.url)('rxmqtt/package.json') as { version: string };

process.exitCode = await run(process.argv.slice(2), processTerminal(version));
// Reading a terminal or a pipe would keep the process alive.
process.stdin.destroy();
