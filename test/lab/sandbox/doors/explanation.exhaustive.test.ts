import { expect, test } from 'vitest';
import { inTurn } from '../../../scenarios/stage/cut.ts';
import { agrees, explained } from './agreement.ts';
import { casesOf } from './corpus.ts';

/** Seeds of six worlds each, other than those of the agreement; with the questions of each world, 20,400 in all. */
const [first, seeds, questions] = [101, 17, 200];
const one = process.env.GATES_TEST_SEED;

test('gates why agrees with the sandbox, in its verdict and layer by layer', async () => {
  const played =
    one === undefined ? inTurn(Array.from({ length: seeds }, (_, index) => first + index)) : [Number(one)];
  const tally = { explained: 0, admitted: 0, refused: 0, unknown: 0, explanations: 0 };
  const layers = { admitted: 0, refused: 0, unknown: 0 };
  const disagreements: string[] = [];
  const contradictions: string[] = [];
  for (const seed of played) {
    for (const { story, ...each } of await casesOf(seed, questions)) {
      for (const answer of await explained(each)) {
        const { model, verdicts } = answer;
        tally.explained += 1;
        tally[model.verdict] += 1;
        tally.explanations += verdicts.length;
        for (const verdict of verdicts) layers[verdict.layers] += 1;
        if (!agrees(answer)) disagreements.push(`${JSON.stringify(answer)}\n${story.join('\n')}`);
        if (verdicts.some((verdict) => verdict.whole !== verdict.layers))
          contradictions.push(`${JSON.stringify(answer)}\n${story.join('\n')}`);
      }
    }
  }
  process.stdout.write(`${JSON.stringify(tally)}, by their layers: ${JSON.stringify(layers)}\n`);
  expect(disagreements.slice(0, 5)).toEqual([]);
  expect(contradictions.slice(0, 5)).toEqual([]);
  expect(tally.explained).toBeGreaterThanOrEqual(played.length * 1200);
});
