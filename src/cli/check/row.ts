import { catchError, map, type Observable, of, take, throwIfEmpty, timeout } from 'rxjs';
import { messageOf } from '../format/message-of.js';
import { styled } from '../format/style.js';
import type { Terminal } from '../terminal.js';

/** `ok`: it works; `no`: the broker says that it lacks it; `warn`: needs attention; `fail`: it is broken. */
export type RowState = 'ok' | 'no' | 'warn' | 'fail';

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly state: RowState;
  readonly text: string;
}

/** The time limit of a probe, in ms. */
const PATIENCE = 5000;

/** A row from a probe: its first value is the text or the row; an error or silence is a failure. */
export function probed(name: string, probe$: Observable<string | Row>, silence = 'nothing came back'): Observable<Row> {
  return probe$.pipe(
    take(1),
    throwIfEmpty(() => new Error(silence)),
    timeout({
      each: PATIENCE,
      with: () => {
        throw new Error(`${silence} within ${PATIENCE / 1000} s`);
      },
    }),
    map((result): Row => (typeof result === 'string' ? { name, state: 'ok', text: result } : result)),
    catchError((error: unknown) => of<Row>({ name, state: 'fail', text: messageOf(error) })),
  );
}

const STYLES = { ok: 'green', no: 'dim', warn: 'yellow', fail: 'red' } as const;

/** The column where the text begins. */
const COLUMN = 22;

export function rowText({ name, state, text }: Row, terminal: Terminal): string {
  return `${styled(STYLES[state], state.padEnd(5), terminal)} ${name.padEnd(COLUMN)}${text}`;
}
