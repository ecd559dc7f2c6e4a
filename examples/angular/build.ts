/** Builds the dashboard; a warning of `ng build` counts as a failure. */
import { prepare } from './server/prepare.js';

const output = prepare();
console.log(output.trim());
if (/warning/i.test(output)) process.exitCode = 1;
