import type { Argument, Command, Option } from 'commander';

/** A command as a shell completes it: the words that may follow it. */
export interface CompletedCommand {
  /** From the program's name on: `['gates', 'history', 'verify']`. */
  readonly words: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  /** Its own options, and those of every command. */
  readonly options: readonly CompletedOption[];
  /** In their order, with choices if only these are possible. */
  readonly arguments: readonly CompletedValue[];
}

export interface CompletedOption {
  /** As they are typed, the long one last: `['-f', '--file']`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined for an option without a value. */
  readonly value: CompletedValue | undefined;
}

export interface CompletedValue {
  readonly name: string;
  /** All possible values; undefined if any value is possible. */
  readonly choices: readonly string[] | undefined;
  readonly isFile: boolean;
}

/** Every command that `--help` shows, the program itself first. */
export function commandTree(command: Command, above: readonly string[] = []): readonly CompletedCommand[] {
  const help = command.createHelp();
  const words = [...above, command.name()];
  const visible = help.visibleCommands(command);
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  const own: CompletedCommand = {
    words,
    subcommands: visible.map((each) => ({ name: each.name(), description: firstPart(each.description()) })),
    options: options.map(completedOption),
    arguments: command.registeredArguments.map(completedArgument),
  };
  return [own, ...visible.flatMap((each) => commandTree(each, words))];
}

function completedOption(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const name = /[<[]([^\]>]+)[\]>]/.exec(option.flags)?.[1];
  const value =
    name === undefined ? undefined : { name, choices: option.argChoices, isFile: name === 'file' };
  return { flags, description: option.description, value };
}

function completedArgument(argument: Argument): CompletedValue {
  return { name: argument.name(), choices: argument.argChoices, isFile: argument.name() === 'file' };
}

/** The part before the exit codes: a line of a menu is short. */
function firstPart(description: string): string {
  return description.split(': ')[0] ?? description;
}
