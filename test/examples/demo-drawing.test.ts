import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { draw, drawPlainly } from '../../examples/demo/draw.js';
import { coloured, plain } from '../../examples/demo/paint.js';
import type { Row, Table } from '../../examples/demo/rolling.js';
import { sourceCode } from '../../examples/demo/source-code.js';
import type { View } from '../../examples/demo/view.js';

const demo = join(__dirname, '../../examples/demo');
const code = {
  sensor: sourceCode(join(demo, 'sensors.ts'), 'interval(PERIOD)'),
  pipeline: sourceCode(join(demo, 'pipeline.ts'), 'client.subscribe('),
};

const SITES = ['north', 'south', 'east', 'west', 'harbour', 'tower'];

function tableOf(count: number): Table {
  const rows = SITES.map((site, index): Row => {
    const window = Array.from({ length: 20 }, (_, at) => 18 + index + 3 * Math.sin((count + at) / 4));
    const mean = window.reduce((sum, celsius) => sum + celsius, 0) / window.length;
    return { site, count, last: window[19]!, mean, low: Math.min(...window), high: Math.max(...window), window };
  });
  return new Map(rows.map((row) => [row.site, row]));
}

const calm: View = {
  elapsed: 2.04,
  seconds: 10,
  cutFor: undefined,
  published: 240,
  received: 240,
  waiting: 0,
  history: [0, 1, 0, 0, 2, 0, 0, 0],
  table: tableOf(40),
  code,
};
const cut: View = {
  ...calm,
  elapsed: 5.5,
  cutFor: 2.5,
  published: 360,
  received: 360,
  waiting: 300,
  history: [...calm.history, 0, 0, 0, 0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300],
  table: tableOf(60),
};
const draining: View = {
  ...cut,
  elapsed: 6.8,
  cutFor: undefined,
  published: 650,
  received: 648,
  waiting: 170,
  history: [...cut.history, 330, 350, 290, 230, 170],
  table: tableOf(108),
};
const VIEWS = { calm, cut, draining };

describe('the drawing of the demo', () => {
  describe.each(['calm', 'cut', 'draining'] as const)('%s', (name) => {
    it.each([60, 80, 120, 200])('at %i columns', (columns) => {
      expect(`\n${draw(VIEWS[name], { columns, rows: 30 }, plain).join('\n')}\n`).toMatchSnapshot();
    });

    it('never is wider or higher than its terminal', () => {
      for (let columns = 20; columns <= 220; columns++) {
        for (const rows of [10, 24, 50]) {
          const lines = draw(VIEWS[name], { columns, rows }, plain);
          expect({ columns, widest: Math.max(...lines.map(({ length }) => length)) <= columns }).toEqual({
            columns,
            widest: true,
          });
          expect(lines.length).toBeLessThan(rows);
        }
      }
    });

    it('is the same in colour, but for the colour', () => {
      const size = { columns: 120, rows: 30 };
      const lines = draw(VIEWS[name], size, coloured);
      expect(lines.map(stripVTControlCharacters).map((line) => line.trimEnd())).toEqual(draw(VIEWS[name], size, plain));
      expect(lines.join('\n')).toContain('\x1b[');
    });

    it('is plain text where there is no terminal', () => {
      expect(`\n${drawPlainly(VIEWS[name]).join('\n')}\n`).toMatchSnapshot();
    });
  });

  it.each([60, 80, 120, 200])(
    'shows the whole code of the pipeline, and the table, in a usual window: %i columns',
    (columns) => {
      const text = draw(cut, { columns, rows: 24 }, plain).join('\n');
      for (const line of code.pipeline) expect(text).toContain(line.trim());
      for (const site of SITES) expect(text).toContain(`  ${site} `);
    },
  );

  it('leaves the code out where there is room for the table alone', () => {
    const text = draw(cut, { columns: 80, rows: 16 }, plain).join('\n');
    expect(text).not.toContain('groupBy');
    expect(text).toContain('300 waiting');
    for (const site of SITES) expect(text).toContain(`  ${site} `);
  });

  it('takes the code from the files that run', () => {
    expect(code.pipeline[0]).toBe('client.subscribe(FILTER, { qos: 1 }).pipe(');
    expect(code.pipeline.at(-1)).toBe(')');
    expect(code.sensor).toEqual([
      'interval(PERIOD).pipe(',
      '  takeUntil(stop$),',
      '  map(read),',
      '  mergeMap((reading) => publish(reading)),',
      ')',
    ]);
    expect(() => sourceCode(join(demo, 'pipeline.ts'), 'no such code')).toThrow('"no such code" is not in');
  });
});
