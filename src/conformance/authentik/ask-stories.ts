import { describeError } from '../../core/errors.ts';
import type { Answered } from '../answers.ts';
import { type Answer, notAsked } from '../belief.ts';
import type { Conclusion } from '../run.ts';
import type { PassedStory, Progress } from './progress.ts';
import type { Story } from './story.ts';
import type { StoryRun } from './story-run.ts';

/**
 * Plays one story after the other, except those that an earlier run has finished. A server that does not answer ends
 * the run: the next one continues there. Rejects with the signal's reason once a person stops it.
 */
export async function askStories(
  stories: readonly Story[],
  run: StoryRun,
  progress: Progress,
  { signal, onAnswer }: { readonly signal: AbortSignal; readonly onAnswer?: (answered: Answered) => void },
): Promise<Conclusion> {
  const answered: Answered[] = [];
  const failures: Record<string, string> = {};
  for (const belief of stories) {
    const answer = await answerTo(belief).catch((error: unknown): Answer => {
      signal.throwIfAborted();
      failures.authentik = describeError(error);
      return notAsked(failures.authentik);
    });
    answered.push({ belief, answer });
    onAnswer?.({ belief, answer });
  }
  if (failures.authentik === undefined) await progress.end(stories.map(({ id }) => id));
  return { answered, failures };

  async function answerTo(story: Story): Promise<Answer> {
    const earlier = progress.earlier(story.id);
    if (earlier !== undefined) return { ...answerOf(earlier), earlier: true };
    if (failures.authentik !== undefined) return notAsked('the run ended before it');
    const { answer, tally } = await run.play(story);
    const { calls, writes } = tally;
    if (answer.state === 'not asked') await progress.pass(story.id, { calls, writes, unshown: answer.why });
    else if (answer.state === 'as believed') await progress.pass(story.id, { calls, writes });
    return answer;
  }
}

function answerOf({ calls, writes, unshown }: PassedStory): Exclude<Answer, { readonly state: 'otherwise' }> {
  return unshown === undefined
    ? { state: 'as believed', measured: { calls, writes } }
    : { state: 'not asked', why: unshown };
}
