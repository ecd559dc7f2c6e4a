#!/usr/bin/env node
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fromEvent, merge } from 'rxjs';
import { askSecret } from './ask-secret.js';
import { run } from './run.js';

const { version } = createRequire(import.meta.url)('rxmqtt/package.json') as { version: string };

process.exitCode = await run(process.argv.slice(2), {
  version,
  interrupts$: merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')),
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  input: () => text(process.stdin),
  askSecret: process.stdin.isTTY ? askSecret : undefined,
});
