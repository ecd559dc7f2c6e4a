import { CODE_PANE_WIDTH, drawCode } from './code-pane.js';
import { fitted, type Line, type Paint, painted, plain, type Span } from './paint.js';
import { sparkline } from './sparkline.js';
import { drawTable, TABLE_WIDTH } from './table.js';
import type { View } from './view.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const BLANK: Line = [];
const GAP = '  ';
/** Messages at a full bar, unless there were more. */
const FULL = 400;
/** Messages on their way to the socket are none that wait. */
const CALM = 12;
/** Wider ones are hard to read. */
const WIDEST = 140;

/** The demo as lines of a terminal: none is wider than it, and all of them are lower than it. */
export function draw(view: View, { columns, rows }: Size, paint: Paint): string[] {
  const width = Math.min(columns, WIDEST);
  const head = [...drawHead(view, width), ...drawOutbox(view, width), BLANK];
  const isWide = width >= CODE_PANE_WIDTH + GAP.length + TABLE_WIDTH;
  const lines = [...head, ...(isWide ? sideBySide(view, width) : stacked(view, width, rows - 1 - head.length))];
  return lines.slice(0, Math.max(0, rows - 1)).map((line) => painted(line, columns, paint));
}

/** The line at a time, and the table, for where there is no terminal. */
export function drawPlainly(view: View): string[] {
  const { elapsed, published, received, waiting } = view;
  const words = stateOf(view)[1].replace(/^\W+/, '');
  const figures = `published ${published}, received ${received}, waiting ${waiting}`;
  return [
    `${elapsed.toFixed(1)} s: ${words}; ${figures}`,
    ...drawTable(view.table, TABLE_WIDTH).map((line) => painted(line, TABLE_WIDTH, plain)),
  ];
}

function sideBySide(view: View, width: number): Line[] {
  const left = [...drawCode(view.code.sensor, view), BLANK, ...drawCode(view.code.pipeline, view)];
  const right = drawTable(view.table, width - CODE_PANE_WIDTH - GAP.length);
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at): Line => {
    return [...fitted(left[at] ?? BLANK, CODE_PANE_WIDTH), GAP, ...(right[at] ?? BLANK)];
  });
}

/** The code above the table, as far as there is room for it: the table comes first. */
function stacked(view: View, width: number, room: number): Line[] {
  const table = drawTable(view.table, width);
  const pipeline = [...drawCode(view.code.pipeline, view), BLANK];
  const sensor = [...drawCode(view.code.sensor, view), BLANK];
  const spare = room - table.length;
  if (spare >= sensor.length + pipeline.length) return [...sensor, ...pipeline, ...table];
  return spare >= pipeline.length ? [...pipeline, ...table] : table;
}

function drawHead(view: View, width: number): Line[] {
  const { elapsed, seconds, published, received } = view;
  const clock = `${Math.min(elapsed, seconds).toFixed(1)} of ${seconds} s`;
  return [
    [...fitted([stateOf(view)], width - clock.length), ['dim', clock]],
    [`published ${published}, received ${received}`],
  ];
}

/** How many messages wait, as a bar, and how that has been over time. */
function drawOutbox({ waiting, history }: View, width: number): Line[] {
  const label = 'outbox  ';
  const most = Math.max(waiting, ...history);
  const full = Math.max(FULL, most);
  const figures = [`  ${waiting} waiting`, `  at most ${most}`];
  const taken = label.length + Math.max(...figures.map((text) => text.length), '  at most 000'.length);
  const length = Math.max(1, width - taken);
  const bar = '█'.repeat(Math.ceil((waiting / full) * length));
  return [
    [label, ...fitted([['yellow', bar]], length), figures[0] ?? ''],
    [
      ' '.repeat(label.length),
      ...fitted([['yellow', sparkline(history.slice(-length), 0, full)]], length),
      ['dim', figures[1] ?? ''],
    ],
  ];
}

function stateOf({ cutFor, waiting }: View): Exclude<Span, string> {
  if (cutFor !== undefined) return ['red', `✕ the cable is cut, for ${cutFor.toFixed(1)} s: messages wait`];
  return waiting > CALM ? ['yellow', '● mended: the outboxes drain'] : ['green', '● connected'];
}
