import { describeError, RejectedError } from '../core/errors.ts';
import { type Answer, type Belief, notAsked, otherwise } from './belief.ts';

/** One belief and its answer, in the order of the questions. */
export interface Answered {
  readonly belief: Belief;
  readonly answer: Answer;
}

/** The answers of one run so far. */
export class Answers {
  readonly #answered: Answered[] = [];
  readonly #onAnswer: (answered: Answered) => void;

  constructor(onAnswer: (answered: Answered) => void = () => {}) {
    this.#onAnswer = onAnswer;
  }

  get all(): readonly Answered[] {
    return this.#answered;
  }

  has(id: string): boolean {
    return this.#answered.some(({ belief }) => belief.id === id);
  }

  /** True if a belief was asked and holds. */
  holds(id: string): boolean {
    return this.#answered.some(({ belief, answer }) => belief.id === id && answer.state === 'as believed');
  }

  /**
   * Asks about one belief, unless another one that it needs does not hold. A refusal of the API is an answer; a failure
   * to reach it is not, and is thrown.
   */
  async ask(belief: Belief, question: () => Promise<Answer>): Promise<Answer> {
    const missing = belief.needs?.find((id) => !this.holds(id));
    return this.#add(
      belief,
      missing === undefined ? await answerOf(question) : notAsked(`it needs ${missing}`),
    );
  }

  /** Records the beliefs that a group did not reach. */
  leave(beliefs: readonly Belief[], why: string): void {
    for (const belief of beliefs) if (!this.has(belief.id)) this.#add(belief, notAsked(why));
  }

  #add(belief: Belief, answer: Answer): Answer {
    const answered = { belief, answer };
    this.#answered.push(answered);
    this.#onAnswer(answered);
    return answer;
  }
}

async function answerOf(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return otherwise(`refused: ${describeError(error)}`);
  }
}
