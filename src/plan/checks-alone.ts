import type { Plan } from '../core/change.ts';

/**
 * The plan of a run that changes nothing and only checks: the checks of hosts that do not change. Checks through a
 * cover, or of a host that the plan opens, are left out, because neither exists.
 */
export function checksAlone(plan: Plan): Plan {
  const changes = plan.changes.filter(({ verb, want = {}, doors }) => {
    const { covered, opened } = want as { readonly covered?: boolean; readonly opened?: boolean };
    const isUncovered = doors.some(({ step }) => step === 'confirm');
    return verb === 'verify' && covered === false && opened === false && !isUncovered;
  });
  return { ...plan, changes };
}
