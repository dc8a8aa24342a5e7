import type { AnswerReading } from './question.ts';

/** One of the names that the API knows. */
export function knownName(answer: string, known: readonly string[], noun: string): AnswerReading<string> {
  const name = known.find((each) => each.toLowerCase() === answer.toLowerCase());
  if (name !== undefined) return { value: name };
  return { wrong: `There is no ${noun} "${answer}". There is: ${known.join(', ')}` };
}

/** Some of the names that the API knows, separated by spaces or commas. */
export function knownNames(
  answer: string,
  known: readonly string[],
  noun: string,
): AnswerReading<readonly string[]> {
  const names: string[] = [];
  for (const one of answerWords(answer)) {
    const read = knownName(one, known, noun);
    if ('wrong' in read) return read;
    if (!names.includes(read.value)) names.push(read.value);
  }
  return { value: names };
}

/** The words of an answer, separated by spaces or commas. */
export function answerWords(answer: string): readonly string[] {
  return answer.split(/[\s,]+/).filter((word) => word !== '');
}
