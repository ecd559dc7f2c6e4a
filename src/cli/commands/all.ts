import type { Command } from '../command.js';
import { broker } from './broker.js';
import { passwd } from './passwd.js';
import { pub } from './pub.js';
import { request } from './request.js';
import { respond } from './respond.js';
import { sub } from './sub.js';
import { wait } from './wait.js';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [pub, sub, request, respond, wait, broker, passwd];
