import type { Command } from '../command.js';
import type { Completion, Option } from '../options/option.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

type Named = readonly [name: string, option: Pick<Option<unknown>, 'about' | 'short' | 'value' | 'completion'>];

const HELP: Named = ['help', { about: 'show the help', short: 'h' }];

const optionsOf = ({ options }: Command): readonly Named[] => [...Object.entries(options), HELP];

/**
 * The completion script of a shell, made from the option tables that also parse the command line.
 *
 * @param profiles - the names for `--profile`; those that a shell would not read as one word are left out.
 */
export function completionOf(shell: Shell, commands: readonly Command[], profiles: readonly string[]): string {
  const plain = profiles.filter((name) => /^[\p{L}\d][\p{L}\d_.-]*$/u.test(name));
  const completed = commands.map((one): Command => {
    const { profile } = one.options;
    return profile === undefined || plain.length === 0
      ? one
      : { ...one, options: { ...one.options, profile: { ...profile, completion: plain } } };
  });
  return { bash, zsh, fish }[shell](completed);
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((one) => {
    const words = optionsOf(one).flatMap(([name, { short }]) => [
      `--${name}`,
      ...(short === undefined ? [] : [`-${short}`]),
    ]);
    return `    ${one.name}) words='${[...(one.firstWords ?? []), ...words].join(' ')}' ;;`;
  });
  const values = commands.flatMap((one) =>
    optionsOf(one)
      .filter(([, { value }]) => value !== undefined)
      .map(([name, { short, completion }]) => {
        const pattern = [`'${one.name} --${name}'`, ...(short === undefined ? [] : [`'${one.name} -${short}'`])].join(
          '|',
        );
        return `    ${pattern}) ${bashReply(completion)}; return ;;`;
      }),
  );
  return `# rxmqtt completion for bash: eval "$(rxmqtt completion bash)"
_rxmqtt() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$cur"))
    return
  fi
  case "$command $prev" in
${values.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _rxmqtt rxmqtt`;
}

function bashReply(completion: Completion | undefined): string {
  if (completion === undefined) return ':';
  if (completion === 'file') return 'COMPREPLY=($(compgen -f -- "$cur"))';
  if (completion === 'folder') return 'COMPREPLY=($(compgen -d -- "$cur"))';
  return `COMPREPLY=($(compgen -W '${completion.join(' ')}' -- "$cur"))`;
}

function zsh(commands: readonly Command[]): string {
  const quote = (text: string): string => text.replaceAll("'", "'\\''");
  const described = (text: string): string => quote(text.replace(/[[\]:\\]/g, (sign) => `\\${sign}`));
  const names = commands.map(({ name, about }) => `    '${name}:${described(about)}'`);
  const cases = commands.map((one) => {
    const specs = optionsOf(one).map(([name, { short, about, value, completion }]) => {
      const forms = short === undefined ? `--${name}` : `{-${short},--${name}}`;
      const argument = value === undefined ? '' : `:${described(value)}:${zshAction(completion)}`;
      return `'*'${forms}'[${described(about)}]${argument}'`;
    });
    const first = one.firstWords === undefined ? "'*: :_files'" : `'1: :(${one.firstWords.join(' ')})'`;
    return `    ${one.name}) _arguments -s ${[...specs, first].join(' ')} ;;`;
  });
  return `#compdef rxmqtt
# rxmqtt completion for zsh: put it into a file named _rxmqtt in a folder of $fpath
_rxmqtt() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _rxmqtt ]; then _rxmqtt "$@"; else compdef _rxmqtt rxmqtt; fi`;
}

function zshAction(completion: Completion | undefined): string {
  if (completion === undefined) return ' ';
  if (completion === 'file') return '_files';
  return completion === 'folder' ? '_files -/' : `(${completion.join(' ')})`;
}

function fish(commands: readonly Command[]): string {
  const quote = (text: string): string => `'${text.replace(/['\\]/g, (sign) => `\\${sign}`)}'`;
  const lines = commands.flatMap((one) => {
    const here = `complete -c rxmqtt -n ${quote(`__fish_seen_subcommand_from ${one.name}`)}`;
    return [
      `complete -c rxmqtt -n __fish_use_subcommand -f -a ${one.name} -d ${quote(one.about)}`,
      ...(one.firstWords === undefined ? [] : [`${here} -f -a ${quote(one.firstWords.join(' '))}`]),
      ...optionsOf(one).map(([name, { short, about, value, completion }]) => {
        const letter = short === undefined ? '' : ` -s ${short}`;
        return `${here} -l ${name}${letter}${value === undefined ? '' : fishArgument(completion)} -d ${quote(about)}`;
      }),
    ];
  });
  return ['# rxmqtt completion for fish: rxmqtt completion fish | source', ...lines].join('\n');
}

function fishArgument(completion: Completion | undefined): string {
  if (completion === 'file') return ' -r -F';
  if (completion === 'folder') return " -x -a '(__fish_complete_directories)'";
  return completion === undefined ? ' -x' : ` -x -a '${completion.join(' ')}'`;
}
