import type { CompletedCommand, CompletedValue } from './command-tree.ts';

/** A script for bash 4 and newer, to be sourced. It does not need the package bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion for gates: source <(gates completion bash)
_gates() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous='' at=gates word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$at $previous" in
${valueTaking(commands)}
      *)
        case "$at $word" in
          ${commands
            .slice(1)
            .map(({ words }) => quoted(words.join(' ')))
            .join(' | ')}) at="$at $word" ;;
        esac
        ;;
    esac
    previous=$word
  done
  COMPREPLY=()
  case "$at $previous" in
${commands.flatMap(values).join('\n')}
  esac
  case "$at" in
${commands.map(words).join('\n')}
  esac
}
complete -F _gates gates
`;
}

/** The options with a value: the next word is the value, whatever it says, and not a command. */
function valueTaking(commands: readonly CompletedCommand[]): string {
  const taken = commands.flatMap(({ words: path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ flags }) => flags.map((flag) => quoted(`${path.join(' ')} ${flag}`))),
  );
  return `      ${taken.join(' | ')}) ;;`;
}

function values({ words: path, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const places = flags.map((flag) => quoted(`${path.join(' ')} ${flag}`)).join(' | ');
    return [`    ${places}) ${offer(value)} return ;;`];
  });
}

/** The offer for a value; none if every value is possible. */
function offer({ choices, isFile }: CompletedValue): string {
  if (choices !== undefined) return reply(choices);
  return isFile ? 'compopt -o default;' : '';
}

function words({ words: path, subcommands, options, arguments: taken }: CompletedCommand): string {
  const named = [...subcommands.map(({ name }) => name), ...taken.flatMap(({ choices }) => choices ?? [])];
  const flags = options.flatMap((option) => option.flags);
  return `    ${quoted(path.join(' '))})
      case "$current" in
        -*) ${reply(flags)} ;;
        *) ${named.length > 0 ? reply(named) : ''} ;;
      esac
      ;;`;
}

function reply(candidates: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(candidates.join(' '))} -- "$current"));`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
