import type { Plan } from '../core/change.ts';

/**
 * What is left of a plan in a run that is to change nothing and to look all the same: the looks at hosts that stand as
 * they are. One through a cover, or at a host that the plan opens, would look at something that is not there.
 */
export function looksAlone(plan: Plan): Plan {
  const changes = plan.changes.filter(({ verb, want = {}, doors }) => {
    const { covered, opened } = want as { readonly covered?: boolean; readonly opened?: boolean };
    const isUncovered = doors.some(({ step }) => step === 'confirm');
    return verb === 'verify' && covered === false && opened === false && !isUncovered;
  });
  return { ...plan, changes };
}
