/**
 * A bookkeeper that dies by itself: `payments-process.ts URL FOLDER COMMITS (before | after)` is killed at that commit,
 * before it or when the disk has it.
 */
import { ClassicLevel } from 'classic-level';
import { bookPayments } from '../../../examples/recipes/exactly-once.js';
import { connect } from '../../../src/index.js';

const [url = '', folder = '', commits = '', when = ''] = process.argv.slice(2);
const ledger = new ClassicLevel(folder);
const commit = ledger.batch.bind(ledger) as (...args: unknown[]) => Promise<void>;
let left = Number(commits);
const dieIf = (last: boolean): void => void (last && process.kill(process.pid, 'SIGKILL'));
Object.assign(ledger, {
  batch: async (...args: unknown[]) => {
    const last = --left === 0;
    dieIf(last && when === 'before');
    await commit(...args);
    dieIf(last);
  },
});
const client = connect(url, { clientId: 'bookkeeper', clean: false, sessionExpiry: 3600 });
bookPayments(client, ledger).subscribe();
