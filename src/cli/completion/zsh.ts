import type { CompletedCommand, CompletedOption, CompletedValue } from './command-tree.ts';

/** A script for zsh 5: as a file `_gates` in a folder of `$fpath`, or `source <(gates completion zsh)`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.slice(1).map(({ words }) => quoted(words.join(' ')));
  const taking = new Set(
    commands.flatMap(({ options }) =>
      options.filter(({ value }) => value !== undefined).flatMap(({ flags }) => flags),
    ),
  );
  return `#compdef gates
_gates() {
  local at=gates previous='' word
  local -i index last=1
  for ((index = 2; index < CURRENT; index++)); do
    word=\${words[index]}
    if [[ "$previous" != (${[...taking].join('|')}) ]]; then
      case "$at $word" in
        (${paths.join('|')}) at="$at $word" last=index ;;
      esac
    fi
    previous=$word
  done
  # The command's own words, as if it were a program by itself.
  words=("$at" "\${(@)words[last + 1,-1]}")
  (( CURRENT -= last - 1 ))
  case "$at" in
${commands.map(branch).join('\n')}
  esac
}
if [[ "$funcstack[1]" == _gates ]]; then
  _gates "$@"
else
  compdef _gates gates
fi
`;
}

function branch({ words, subcommands, options, arguments: taken }: CompletedCommand): string {
  const specs = [
    ...options.map(optionSpec),
    ...(subcommands.length > 0 ? [subcommandSpec(subcommands)] : []),
    ...taken.map((value, index) => quoted(`${index + 1}${valueSpec(value)}`)),
  ];
  return `    (${quoted(words.join(' '))}) _arguments -s -S \\
      ${specs.join(' \\\n      ')} ;;`;
}

/** The specification of an option. A repeatable option, as the program declares it, is offered again. */
function optionSpec({ flags, description, value }: CompletedOption): string {
  const about = `[${spec(description)}]${value === undefined ? '' : valueSpec(value)}`;
  if (flags.length < 2) return quoted(`*${flags.join('')}${about}`);
  return `'*'{${flags.join(',')}}${quoted(about)}`;
}

function subcommandSpec(subcommands: CompletedCommand['subcommands']): string {
  const named = subcommands.map(({ name, description }) => `${name}\\:"${evaluated(description)}"`);
  return quoted(`1:command:((${named.join(' ')}))`);
}

function valueSpec({ name, choices, isFile }: CompletedValue): string {
  if (choices !== undefined) return `:${name}:(${choices.join(' ')})`;
  return isFile ? `:${name}:_files` : `:${name}: `;
}

/** A text as part of a specification, where brackets and colons need an escape. */
function spec(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

/** A text that the shell evaluates again, as a word in double quotes: a list of values. */
function evaluated(text: string): string {
  return spec(text.replace(/[\\"`$]/g, '\\$&'));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
