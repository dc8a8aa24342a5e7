import type { StatusProblem } from '../status/status.ts';
import { isOrAre, LOOK, listed, type RunEnd, type Trouble } from './trouble.ts';

/** The first trouble of each entry of the file. Waiting problems count only if nothing else explains them. */
export function problemTroubles({ status, passing }: RunEnd): readonly Trouble[] {
  const all = status.lastRun?.problems ?? [];
  const unseen = new Set(
    (status.gates ?? []).filter(({ verdict }) => verdict !== 'guarded').map(({ host }) => host),
  );
  // A failed check is reported as the trouble of its gate.
  const own = all.filter(({ what }) => !unseen.has(what.slice(what.indexOf(':') + 1)));
  const roots = own.filter((problem) => problem.status !== 'skipped');
  const reported = roots.length > 0 || own.length < all.length ? roots : own;
  const byTopic = new Map<string, Trouble>();
  for (const problem of reported) {
    const trouble = problemTrouble(problem, passing);
    if (!byTopic.has(trouble.topic)) byTopic.set(trouble.topic, trouble);
  }
  return [...byTopic.values()];
}

function problemTrouble({ status, what, because, reason }: StatusProblem, passing: boolean): Trouble {
  const subject = because ?? what;
  const { title, advice } = problemWords[status];
  const unread = status === 'unknown';
  return {
    topic: `${unread ? 'unread' : 'problem'} ${subject}`,
    state: status,
    tone: 'trouble',
    group: `${status} ${reason.replace(/\[request [^\]]*\]/g, '')}`,
    subject,
    title,
    details: [because === undefined ? reason : `${what}: ${reason}`],
    advice,
    passing: unread || (status !== 'refused' && passing),
    good: unread ? `Good again: ${what} can be read` : `Good again: ${subject} is as the file says`,
  };
}

const problemWords: Readonly<
  Record<StatusProblem['status'], { readonly title: Trouble['title']; readonly advice: string }>
> = {
  refused: {
    title: (subjects) => `Refused: ${listed(subjects)} ${isOrAre(subjects)} not applied as the file asks`,
    advice: 'gates leaves it unchanged until you decide: the reason says what to do.',
  },
  failed: {
    title: (subjects) => `Failed: ${listed(subjects)} could not be applied`,
    advice: `gates tries again with the next run. ${LOOK}`,
  },
  skipped: {
    title: (subjects) => `Waiting: ${listed(subjects)} ${isOrAre(subjects)} not done yet`,
    advice: LOOK,
  },
  lost: {
    title: (subjects) => `Lost: somebody else wrote ${listed(subjects)} at the same moment as gates`,
    advice:
      'gates cannot know what the change was: ask that person to repeat it. gates has started another run.',
  },
  unknown: {
    title: (subjects) => `gates cannot read ${listed(subjects)}: everything that depends on it waits`,
    advice:
      'Check that the API answers and that the token of gates may read it. gates tries again by itself.',
  },
};
