import { closingCounts, runDemo, statesOf } from '../support/demo.js';

describe('npm run demo', () => {
  it('loses its connection once, and loses no reading', async () => {
    const run = await runDemo(['--seconds', '3']);
    expect({ code: run.code, complaints: run.complaints }).toEqual({ code: 0, complaints: '' });
    const { published, received, lost } = closingCounts(run);
    expect(published).toBeGreaterThan(100);
    expect({ received, lost }).toEqual({ received: published, lost: 0 });
    expect(statesOf(run)).toEqual([
      'idle',
      'connecting',
      'connected',
      'reconnecting',
      'connecting',
      'connected',
      'ended',
    ]);
    expect(run.lines[0]).toMatch(/^broker: tcp:\/\/127\.0\.0\.1:\d+ and ws:\/\/127\.0\.0\.1:\d+\/mqtt$/);
    expect(run.lines[1]).toBe('sensors: 3 over tcp, 3 over ws');
    expect(run.lines.filter((line) => line.startsWith('  harbour '))).not.toEqual([]);
  }, 30_000);

  it('shows how messages pile up in the outboxes during the cut, and how they drain', async () => {
    const run = await runDemo(['--seconds', '6']);
    const story = run.lines.flatMap((line) => {
      const [, words, waiting] = /^[\d.]+ s: (\w+).*, waiting (\d+)$/.exec(line) ?? [];
      return words === undefined ? [] : [{ words, waiting: Number(waiting) }];
    });
    // 6 sensors, 20 readings a second each, 1.8 s without a line.
    const [, waited] = /^the cable is mended: (\d+) messages have waited$/m.exec(run.lines.join('\n')) ?? [];
    expect(Number(waited)).toBeGreaterThan(100);
    expect(story.some(({ words, waiting }) => words === 'the' && waiting > 20)).toBe(true);
    expect(story.at(-1)).toEqual({ words: 'connected', waiting: 0 });
    expect(closingCounts(run).lost).toBe(0);
  }, 30_000);

  it('is plain text where its output is piped, and shows the code of its pipeline', async () => {
    const run = await runDemo(['--seconds', '1']);
    const text = run.lines.join('\n');
    expect(text).not.toContain('\x1b');
    expect(text).toContain('    client.subscribe(FILTER, { qos: 1 }).pipe(\n');
    expect(text).toContain('      groupBy(({ site }) => site),\n');
  }, 30_000);

  it('ends in order when it is interrupted', async () => {
    const run = await runDemo(['--seconds', '600'], '  harbour ');
    expect({ code: run.code, complaints: run.complaints }).toEqual({ code: 0, complaints: '' });
    const { published, received, lost } = closingCounts(run);
    expect(published).toBeGreaterThan(0);
    expect({ received, lost }).toEqual({ received: published, lost: 0 });
  }, 30_000);

  it.each([
    [['--seconds', 'many'], '--seconds is "many"'],
    [['--colour', 'red'], "Unknown option '--colour'"],
  ])(
    'refuses %j, says why, and how it is used',
    async (args, complaint) => {
      const run = await runDemo(args);
      expect(run.code).toBe(1);
      expect(run.complaints).toContain(complaint);
      expect(run.complaints).toContain('usage: npm run demo');
    },
    30_000,
  );
});
