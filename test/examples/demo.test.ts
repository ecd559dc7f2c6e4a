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
  ])('refuses %j, says why, and how it is used', async (args, complaint) => {
    const run = await runDemo(args);
    expect(run.code).toBe(1);
    expect(run.complaints).toContain(complaint);
    expect(run.complaints).toContain('usage: npm run demo');
  });
});
