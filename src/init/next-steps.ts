/** The state after the files are written, as far as the next commands depend on it. */
export interface InitOutcome {
  /** Variables of secrets that a person typed: no file has them. */
  readonly typedSecrets: readonly string[];
  /** The file names hosts or records that exist already. */
  readonly adopts: boolean;
}

/** The commands after `gates init`. */
export interface NextSteps {
  readonly title: string;
  /** Commands that read a secret once more. */
  readonly secrets: readonly string[];
  /** The other commands, each with what it does, as a comment of the shell. */
  readonly commands: readonly (readonly [command: string, does: string])[];
}

export function nextSteps({ typedSecrets, adopts }: InitOutcome): NextSteps {
  const [only, ...others] = typedSecrets;
  const tokens = others.length === 0 ? 'the token, so paste it' : 'the tokens, so paste them';
  return {
    title: only === undefined ? 'Next:' : `Next, in this terminal (no file has ${tokens} once more):`,
    secrets: typedSecrets.map((name) => `read -rs ${name}; export ${name}`),
    commands: [
      ...(adopts
        ? [
            ['gates plan --adopt', '# what taking over would change; writes nothing'] as const,
            ['gates adopt', '# shows that, asks, takes it over; opens no host'] as const,
          ]
        : []),
      ['gates plan', '# what would change, and who gets in; writes nothing'],
      ['gates apply', '# shows that, asks, and applies it'],
    ],
  };
}
