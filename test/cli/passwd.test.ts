import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, isObservable } from 'rxjs';
import type { AuthenticateRequest } from '../../src/broker/index.js';
import { run } from '../../src/cli/run.js';
import { usersOf } from '../../src/cli/users.js';
import { quietTerminal } from './support.js';
import { bundledProgram } from '../support/bundled-program.js';

const root = join(__dirname, '../..');
const main = bundledProgram('src/cli/main.ts');
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rxmqtt-passwd-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** `rxmqtt passwd hall` behind a terminal of its own, where each answer is typed once its question is there. */
function atTerminal(...answers: string[]): Promise<{ screen: string; file: string; code: unknown }> {
  const users = join(folder, 'users');
  const line = `'${process.execPath}' '${main}' passwd hall > '${users}'`;
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { cwd: root });
  let screen = '';
  let asked = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    for (
      const questions = screen.split(/: (?=\r?\n|$)/).length - 1;
      asked < questions && asked < answers.length;
      asked++
    ) {
      child.stdin.write(answers[asked]);
    }
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ screen, file: readFileSync(users, 'utf8'), code }));
  });
}

describe('rxmqtt passwd at a terminal', () => {
  it('asks twice, does not show the answers, and prints the line to the standard output', async () => {
    const { screen, file, code } = await atTerminal('correct horsx\x7fe\r', 'correct horse\r');
    expect({ code, screen: screen.replaceAll('\r\n', '\n') }).toEqual({
      code: 0,
      screen: 'Password of hall: \nThe same again: \n',
    });
    expect(file).toMatch(/^hall:scrypt\$[\w+/=]+\$[\w+/=]+\n$/);
    const request = { clientId: 'c', username: 'hall', password: new TextEncoder().encode('correct horse') };
    const answer = usersOf(file)(request as AuthenticateRequest);
    expect(isObservable(answer) && (await firstValueFrom(answer))).toBe(true);
  }, 30_000);

  it('takes both answers from one paste', async () => {
    const { file, code } = await atTerminal('correct horse\rcorrect horse\r');
    expect(code).toBe(0);
    expect(file).toMatch(/^hall:scrypt\$/);
  }, 30_000);

  it('Ctrl+C ends it without a line', async () => {
    const { screen, file, code } = await atTerminal('secr\x03');
    expect({ code, file }).toEqual({ code: 1, file: '' });
    expect(screen).not.toContain('secr');
  }, 30_000);
});

describe('rxmqtt passwd', () => {
  const asked = async (...answers: string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(
      ['passwd', 'hall'],
      quietTerminal({
        out: (line) => out.push(line),
        err: (line) => err.push(line),
        input: () => Promise.reject(new Error('not read')),
        askSecret: () => Promise.resolve(answers),
      }),
    );
    return { code, out, err };
  };

  it.each([
    [['one', 'other'], 'the two passwords differ; try again'],
    [['', ''], 'the password is empty'],
  ])('%j is refused', async (answers, why) => {
    expect(await asked(...answers)).toEqual({
      code: 2,
      out: [],
      err: [`rxmqtt passwd: ${why}; see rxmqtt passwd --help`],
    });
  });
});
