/** The state after the files are written, as far as the next commands depend on it. */
export interface InitOutcome {
  /** Variables of secrets that a person typed: no file has them. */
  readonly typedSecrets: readonly string[];
  /** The file names hosts or records that exist already. */
  readonly adopts: boolean;
}

/** The commands after `gates init`, each with what it does, as a comment of the shell. */
export function nextSteps({
  typedSecrets,
  adopts,
}: InitOutcome): readonly (readonly [command: string, does: string])[] {
  return [
    ...typedSecrets.map(
      (name) => [`read -rs ${name}; export ${name}`, '# paste it once more: no file has it'] as const,
    ),
    ...(adopts
      ? [
          ['gates plan --adopt', '# what taking over would change; writes nothing'] as const,
          ['gates adopt', '# shows that, asks, and takes it over; opens no host'] as const,
        ]
      : []),
    ['gates plan', '# what would change, and who gets in where; writes nothing'],
    ['gates apply', '# shows that, asks, and applies it'],
  ];
}
