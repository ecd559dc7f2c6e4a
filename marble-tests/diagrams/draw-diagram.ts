import { TestScheduler } from 'rxjs/testing';
import { lengthOfSubscription, parseLetters } from '../../src/testing/diagram.js';
import { showMs } from '../../src/testing/duration.js';
import type { Diagram, Row } from './diagram.js';

/** All that stands at one moment of a row. */
interface Group {
  readonly frame: number;
  readonly items: readonly string[];
  readonly width: number;
}

interface Drawn {
  readonly row: Row;
  readonly groups: readonly Group[];
  /** The frame at which its line begins; undefined: before the diagram. */
  readonly from: number | undefined;
  /** The frame at which it ends; undefined: behind the diagram. */
  readonly to: number | undefined;
}

const HEIGHT = 26;
const ROW = 42;
const TOP = 48;
const CHARACTER = 7.9;
const GAP = 5;
const BEGINS = '^';
const LEFT = '!';
const COMPLETES = '|';
const FAILS = '#';

/** The colours of the card, and of each kind of row: line and fill. All text has a contrast of more than 4.5 to 1. */
const STYLE = `
  svg { --card: #fff; --edge: #d0d7de; --text: #1f2328; --muted: #57606a; --guide: #d8dee4 }
  .deed { --line: #9a6700; --fill: #fff8c5 } .sent { --line: #0969da; --fill: #ddf4ff }
  .received { --line: #1a7f37; --fill: #dafbe1 } .state { --line: #8250df; --fill: #fbefff }
  .stream { --line: #bf3989; --fill: #ffeff7 } .failure { --line: #cf222e; --fill: #ffebe9 }
  @media (prefers-color-scheme: dark) {
    svg { --card: #0d1117; --edge: #3d444d; --text: #f0f6fc; --muted: #9198a1; --guide: #2a313c }
    .deed { --line: #d29922; --fill: #372a0b } .sent { --line: #58a6ff; --fill: #12294a }
    .received { --line: #3fb950; --fill: #12301d } .state { --line: #ab7df8; --fill: #2c2147 }
    .stream { --line: #f778ba; --fill: #3d1a2f } .failure { --line: #ff7b72; --fill: #4a1416 }
  }
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--text) }
  .title { font: 600 14px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif }
  .label, .time { font: 13px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: var(--muted) }
  .card { fill: var(--card); stroke: var(--edge) } .guide { stroke: var(--guide); stroke-dasharray: 2 4 }
  .axis, .mark { stroke: var(--line); stroke-width: 2 } .axis { opacity: 0.55 }
  .pill { fill: var(--fill); stroke: var(--line); stroke-width: 1.5 }
  .middle { text-anchor: middle }
`;

/** Draws a diagram as SVG. Time goes from left to right, each moment as wide as what is in it. */
export function drawDiagram(diagram: Diagram): string {
  // There, a character is a frame of 1 ms.
  return new TestScheduler(() => undefined).run(() => draw(diagram));
}

function draw({ title, rows }: Diagram): string {
  const drawn = rows.map(read);
  const all = drawn.flatMap(({ groups }) => groups);
  const frames = [...new Set(all.map(({ frame }) => frame))].sort((a, b) => a - b);
  const left = 34 + Math.max(...rows.map(({ label }) => label.length)) * 7.2;
  const columns = columnsOf(frames, drawn, left);
  const x = (frame: number): number => columns.get(frame) ?? left;
  const right = Math.max(...all.map((group) => x(group.frame) + group.width / 2)) + 16;
  const width = Math.ceil(Math.max(right + 14, title.length * 8.8 + 32));
  const bottom = TOP + rows.length * ROW;
  const middle = (index: number): number => TOP + index * ROW + ROW / 2 - 4;
  const shared = frames.filter(
    (frame) => drawn.filter(({ groups }) => groups.some((g) => g.frame === frame)).length > 1,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 34}" viewBox="0 0 ${width} ${bottom + 34}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${bottom + 33}" rx="8"/>`,
    `<text class="title" x="16" y="29">${escaped(title)}</text>`,
    ...shared.map((frame) => line('guide', x(frame), TOP, x(frame), bottom)),
    ...drawn.map(({ row, groups, from, to }, index) =>
      [
        `<g class="${row.kind}">`,
        `<text class="label" x="16" y="${middle(index) + 4}">${escaped(row.label)}</text>`,
        axis(from === undefined ? left : x(from), to === undefined ? undefined : x(to), right, middle(index)),
        ...groups.map((group) => drawGroup(group, x(group.frame), middle(index))),
        '</g>',
      ].join('\n'),
    ),
    ...frames.map(
      (frame) => `<text class="time middle" x="${round(x(frame))}" y="${bottom + 18}">${time(frame)}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n');
}

/** What a row shows, and when. */
function read(row: Row): Drawn {
  const groups = new Map<number, string[]>();
  for (const { frame, notification } of parseLetters(row.marbles)) {
    const item =
      notification.kind === 'N'
        ? captionOf(row, String(notification.value))
        : notification.kind === 'C'
          ? COMPLETES
          : FAILS + (row.values[FAILS] ?? '');
    groups.set(frame, [...(groups.get(frame) ?? []), item]);
  }
  const [from, left] = [BEGINS, LEFT].map((mark) => momentOf(row.subscription, mark));
  if (from !== undefined) groups.set(from, [BEGINS, ...(groups.get(from) ?? [])]);
  if (left !== undefined) groups.set(left, [...(groups.get(left) ?? []), LEFT]);
  const ended = [...groups].find(([, items]) => items.some((item) => item === COMPLETES || item.startsWith(FAILS)));
  const inOrder = [...groups].sort(([a], [b]) => a - b);
  return {
    row,
    groups: inOrder.map(([frame, items]) => ({ frame, items, width: widthOf(items) })),
    from,
    to: left ?? ended?.[0],
  };
}

/** When a mark of a subscription stands. */
function momentOf(subscription = '', mark: string): number | undefined {
  const at = subscription.indexOf(mark);
  return at < 0 ? undefined : lengthOfSubscription(subscription.slice(0, at));
}

/** Packets by their names, with the payload of PUBLISH, refusals, and what is unusual; everything else as it is. */
function captionOf({ kind, values }: Row, letter: string): string {
  const words = values[letter] ?? letter;
  if (kind === 'deed' || kind === 'stream') return words;
  const [name = ''] = words.split(' ');
  const marks = words.match(/"[^"]*"|\b(?:dup|retain|present)\b|0x[89a-f]./g) ?? [];
  const number = /^PUB(ACK|REC|REL|COMP)/.test(name) ? (words.match(/#\d+/g) ?? []) : [];
  return [name, ...number, ...marks.map((mark) => mark.replaceAll('"', ''))].join(' ');
}

const isMark = (item: string): boolean => item === BEGINS || item === LEFT || item === COMPLETES;
const widthOfItem = (item: string): number => (isMark(item) ? 14 : Math.max(HEIGHT, item.length * CHARACTER + 14));
const widthOf = (items: readonly string[]): number =>
  items.reduce((sum, item) => sum + widthOfItem(item), 0) + 3 * (items.length - 1);

/** Where each moment is, so that nothing overlaps, and longer times are a little wider. */
function columnsOf(frames: readonly number[], drawn: readonly Drawn[], left: number): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  let before = left;
  frames.forEach((frame, index) => {
    const last = frames[index - 1] ?? frame;
    const labels = (widthOfTime(last) + widthOfTime(frame)) / 2;
    let at = index === 0 ? left + 16 : before + Math.max(labels + 8, 6 * Math.log2(frame - last));
    for (const { groups } of drawn) {
      const here = groups.findIndex((group) => group.frame === frame);
      const half = (groups[here]?.width ?? 0) / 2;
      const previous = groups[here - 1];
      if (here < 0) continue;
      at = Math.max(at, left + half + 4);
      if (previous !== undefined)
        at = Math.max(at, (columns.get(previous.frame) ?? 0) + previous.width / 2 + half + GAP);
    }
    columns.set(frame, at);
    before = at;
  });
  return columns;
}

const axis = (from: number, to: number | undefined, right: number, y: number): string =>
  line('axis', from, y, to ?? right, y) + (to === undefined ? arrow(right, y) : '');

function drawGroup({ items, width }: Group, center: number, y: number): string {
  let at = center - width / 2;
  return items
    .map((item) => {
      const wide = widthOfItem(item);
      const middle = at + wide / 2;
      at += wide + 3;
      if (item === BEGINS) return line('mark', middle, y - 8, middle, y + 8);
      if (item === COMPLETES) return line('mark', middle, y - 15, middle, y + 15);
      if (item === LEFT) return cross(middle, y);
      const kind = item.startsWith(FAILS) ? 'pill failure' : 'pill';
      return (
        `<rect class="${kind}" x="${round(middle - wide / 2)}" y="${y - HEIGHT / 2}" width="${round(wide)}" height="${HEIGHT}" rx="${HEIGHT / 2}"/>` +
        `<text class="middle" x="${round(middle)}" y="${y + 4.5}">${escaped(item.replace(/^#/, '✕ '))}</text>`
      );
    })
    .join('');
}

const time = (frame: number): string => showMs(frame).replace(/[a-z]+$/, ' $&');
const widthOfTime = (frame: number): number => time(frame).length * 7.6;

const round = (value: number): number => Math.round(value * 10) / 10;
const line = (kind: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
const cross = (x: number, y: number): string =>
  line('mark', x - 6, y - 6, x + 6, y + 6) + line('mark', x - 6, y + 6, x + 6, y - 6);
const arrow = (x: number, y: number): string =>
  `<path class="mark" fill="none" d="M${round(x - 7)} ${y - 5} L${round(x)} ${y} L${round(x - 7)} ${y + 5}"/>`;
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
