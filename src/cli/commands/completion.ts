import { type Call, type Command, command } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { completionOf, SHELLS } from '../format/completion.js';
import { profileNames } from '../options/profile.js';
import { UsageError } from '../usage-error.js';

/** `rxmqtt completion`: the scripts by which shells complete these commands. */
export function completion(commands: () => readonly Command[]): Command {
  return command({
    name: 'completion',
    usage: SHELLS.join(' | '),
    about: 'prints the completion script of a shell',
    options: {},
    firstWords: SHELLS,
    examples: [
      ['eval "$(rxmqtt completion bash)"', 'in ~/.bashrc'],
      ['rxmqtt completion zsh > ~/.zfunc/_rxmqtt', 'a folder of $fpath'],
      ['rxmqtt completion fish | source', 'in config.fish'],
    ],
    async run({ words, terminal }: Call<Record<never, never>>) {
      const [word, more] = words;
      const shell = SHELLS.find((one) => one === word);
      if (shell === undefined || more !== undefined) throw new UsageError(`give one of ${SHELLS.join(', ')}`);
      terminal.out(completionOf(shell, commands(), await profileNames(terminal.environment)));
      return ExitCode.DONE;
    },
  });
}
