import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/**
 * Asks questions at the terminal, one after the other, without showing the answers. The questions go to the standard
 * error, so that the standard output can be redirected. Rejects on Ctrl+C and at the end of the input.
 */
export async function askSecret(...questions: string[]): Promise<string[]> {
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nothing, terminal: true, historySize: 0 });
  // Keeps a line that comes before its question, as from a paste.
  const lines = reader[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const question of questions) {
      process.stderr.write(question);
      const line = await lines.next();
      process.stderr.write('\n');
      if (line.done === true) throw new Error('the input was interrupted; nothing was done');
      answers.push(line.value);
    }
  } finally {
    reader.close();
  }
  return answers;
}
