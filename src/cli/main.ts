#!/usr/bin/env node
import { createRequire } from 'node:module';
import { processTerminal } from './process-terminal.js';
import { run } from './run.js';

const { version } = createRequire(import.meta.url)('rxmqtt/package.json') as { version: string };

process.exitCode = await run(process.argv.slice(2), processTerminal(version));
// A terminal or a pipe that is still read would keep the process.
process.stdin.destroy();
