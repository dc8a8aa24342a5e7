import type { CompletedCommand, CompletedOption, CompletedValue } from './command-tree.ts';

/** A script for fish 3 and newer: `gates completion fish > ~/.config/fish/completions/gates.fish`. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.slice(1).map(({ words }) => quoted(words.join(' ')));
  const taking = new Set(
    commands.flatMap(({ options }) =>
      options.filter(({ value }) => value !== undefined).flatMap(({ flags }) => flags.map(quoted)),
    ),
  );
  return `# fish completion for gates
function __gates_at --description 'whether the words so far lead to this command'
    set --local at gates
    set --local previous ''
    for word in (commandline --tokenize --cut-at-cursor --current-process)[2..]
        if not contains -- $previous ${[...taking].join(' ')}
            if contains -- "$at $word" ${paths.join(' ')}
                set at "$at $word"
            end
        end
        set previous $word
    end
    test "$at" = "$argv[1]"
end
complete --command gates --no-files
${commands.flatMap(lines).join('\n')}
`;
}

function lines({ words, subcommands, options, arguments: taken }: CompletedCommand): readonly string[] {
  const start = `complete --command gates --condition ${quoted(`__gates_at ${quoted(words.join(' '))}`)}`;
  return [
    ...subcommands.map(
      ({ name, description }) => `${start} --arguments ${quoted(name)} --description ${quoted(description)}`,
    ),
    ...taken.flatMap(({ choices }) =>
      choices === undefined ? [] : [`${start} --arguments ${quoted(choices.join(' '))}`],
    ),
    ...options.map((option) => `${start} ${optionParts(option)}`),
  ];
}

function optionParts({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `--long-option ${flag.slice(2)}` : `--short-option ${flag.slice(1)}`,
  );
  return [...names, ...valueParts(value), `--description ${quoted(description)}`].join(' ');
}

function valueParts(value: CompletedValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (value.isFile) return ['--require-parameter', '--force-files'];
  if (value.choices === undefined) return ['--exclusive'];
  return ['--exclusive', `--arguments ${quoted(value.choices.join(' '))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
