/** The value of an answer, perhaps with a remark about it, or the reason that it is wrong. */
export type AnswerReading<Value> =
  | { readonly value: Value; readonly remark?: string }
  | { readonly wrong: string };

/** A question to the person who runs `gates init`, as data: a terminal, or a flag of the command line, answers it. */
export interface InitQuestion<Value> {
  /** The flag, or the variable of a secret, with which the command line answers it: `--tunnel`. */
  readonly flag: string;
  readonly text: string;
  /** The value of an empty answer, and its words in the prompt; undefined: the question needs an answer. */
  readonly preset?: { readonly words: string; readonly answer: string };
  /** The answer is a secret, which no terminal shows. */
  readonly secret?: true;
  /** Checks an answer at once. */
  readonly read: (answer: string) => AnswerReading<Value> | Promise<AnswerReading<Value>>;
}

/** The prompt of a question: `Next host (Enter: no more): `. */
export function promptOf({
  text,
  preset,
  secret,
}: Pick<InitQuestion<unknown>, 'text' | 'preset' | 'secret'>) {
  const notes = [
    ...(preset === undefined ? [] : [`Enter: ${preset.words}`]),
    ...(secret === true ? ['not shown'] : []),
  ];
  return `${text}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}: `;
}
