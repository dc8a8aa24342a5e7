import { InvalidArgumentError, Option } from 'commander';

/** Options that several commands share, and the readers of their values. */

export const file = () => new Option('-f, --file <file>', 'the file').default('gates.yaml').env('GATES_FILE');

export const output = (...more: readonly string[]) =>
  new Option('-o, --output <format>', 'output format').choices(['text', 'json', ...more]).default('text');

export const service = () => new Option('--service <name>', 'only this service, and what it depends on');

export const accountOption = () =>
  new Option('--account <name>', 'only this account, if the file has several');

export const allow = () =>
  new Option('--allow <limit>', 'ignore this limit once: prune, change')
    .argParser((value: string, given: readonly string[]) => {
      if (value !== 'prune' && value !== 'change') throw new InvalidArgumentError('It is prune or change.');
      return [...given, value];
    })
    .default([]);

export const unverified = () =>
  new Option('--unverified <host>', 'open this host without checking its gate; repeatable')
    .argParser((value: string, given: readonly string[]) => [...given, value.toLowerCase()])
    .default([]);

export const verbose = () => new Option('-v, --verbose', 'print each step with its fields').default(false);

/** Collects the values of a repeatable option. */
export function collect(value: string, collected: readonly string[]): readonly string[] {
  return [...collected, value];
}

/** @throws InvalidArgumentError for a text that is not a whole number of at least 0. */
export function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It is a whole number.');
  return value;
}
