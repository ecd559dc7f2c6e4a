import type { Command } from '../command.js';
import { bench } from './bench.js';
import { broker } from './broker.js';
import { check } from './check.js';
import { clean } from './clean.js';
import { completion } from './completion.js';
import { passwd } from './passwd.js';
import { pub } from './pub.js';
import { record } from './record.js';
import { replay } from './replay.js';
import { request } from './request.js';
import { respond } from './respond.js';
import { sub } from './sub.js';
import { wait } from './wait.js';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  pub,
  sub,
  request,
  respond,
  wait,
  record,
  replay,
  bench,
  check,
  clean,
  broker,
  passwd,
  completion(() => COMMANDS),
];
