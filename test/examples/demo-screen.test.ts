import { coloured, plain } from '../../examples/demo/paint.js';
import { type Output, Screen } from '../../examples/demo/screen.js';
import { Terminal } from '../support/terminal.js';

function screenOn(properties: Partial<Output>): { screen: Screen; written: () => string } {
  let text = '';
  const write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  return { screen: new Screen({ ...properties, write }), written: () => text };
}

describe('the screen of the demo', () => {
  it('draws in place, below the lines that stay', () => {
    const terminal = new Terminal(20, 10);
    const screen = new Screen(terminal);
    screen.log('one');
    screen.show(['drawing', 'of two lines']);
    screen.log('two');
    screen.show(['a later', 'one']);
    screen.log('a line that is wider than the terminal');
    screen.close('last');
    expect(terminal.lines).toEqual([
      'one',
      'two',
      'a line that is wider',
      '  than the terminal',
      'a later',
      'one',
      'last',
    ]);
  });

  it('clears what a word that is wider than the terminal runs over', () => {
    const terminal = new Terminal(10, 10);
    const screen = new Screen(terminal);
    screen.show(['##########', '++++++++++', '==========']);
    screen.log('tcp://127.0.0.1:1883');
    expect(terminal.lines).toEqual(['tcp://127.', '0.0.1:1883', '##########', '++++++++++', '==========']);
    screen.log('tcp://127.0');
    expect(terminal.lines.slice(2)).toEqual(['tcp://127.', '0', '##########', '++++++++++', '==========']);
  });

  it('goes up as many rows as its drawing takes when the terminal has become narrower', () => {
    const out = { isTTY: true, columns: 20, written: '', write: (text: string) => ((out.written += text), true) };
    const screen = new Screen(out);
    screen.show(['=====#####', '=']);
    out.columns = 5;
    out.written = '';
    screen.show(['=']);
    expect(out.written).toContain('\x1b[3A');
  });

  it('draws full lines in place', () => {
    const terminal = new Terminal(20, 10);
    const screen = new Screen(terminal);
    screen.show(['#'.repeat(20), '+'.repeat(20)]);
    screen.show(['='.repeat(20), '-'.repeat(20)]);
    expect(terminal.lines).toEqual(['='.repeat(20), '-'.repeat(20)]);
  });

  it('clears what a drawing leaves when it becomes lower', () => {
    const terminal = new Terminal(20, 10);
    const screen = new Screen(terminal);
    screen.show(['one', 'two', 'three']);
    screen.show(['four']);
    expect(terminal.lines).toEqual(['four']);
  });

  it('writes plain lines where there is no terminal, one drawing after the other', () => {
    const { screen, written } = screenOn({});
    screen.log('one');
    screen.show(['drawing']);
    screen.show(['later']);
    screen.close('last');
    expect(written()).toBe('one\ndrawing\nlater\nlast\n');
    expect(screen.paint).toBe(plain);
  });

  it('takes colour where the terminal has it, and none where it has none or NO_COLOR is set', () => {
    expect(screenOn({ isTTY: true, hasColors: () => true }).screen.paint).toBe(coloured);
    expect(screenOn({ isTTY: true, hasColors: () => false }).screen.paint).toBe(plain);
  });
});
