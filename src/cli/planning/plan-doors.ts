import { reconcilers } from '../../../reconcilers/index.ts';
import { stepsOf } from '../../apply/turns.ts';
import type { Change, Plan } from '../../core/change.ts';
import { isAtHost } from '../../core/objects/door.ts';
import { RelevantObjects } from '../../expect/relevant-objects.ts';
import { doorCourses } from '../../interlock/door-courses.ts';
import { PlanStates } from '../../interlock/plan-states.ts';
import type { HostStory } from '../../report/plan/host-stories.ts';
import type { PlanInput } from '../../run/reconcile.ts';
import { hostStories } from '../../why/plan-doors.ts';

/** The doors that change over a plan, in words. A plan without a step at a door is not computed. */
export function planDoors(plan: Plan, ground: PlanInput): readonly HostStory[] {
  const steps = stepsOf(plan);
  const hosts = hostsAt(steps, ground);
  if (hosts.length === 0) return [];
  const { desired, observed } = new RelevantObjects(ground, hosts);
  const states = new PlanStates({ ...ground, desired, observed, reconcilers }, steps);
  return hostStories(doorCourses(states, hosts));
}

/** The hosts at which a step has an effect. A step for all hosts of a domain counts at each of them. */
function hostsAt(steps: readonly Change[], { desired, observed }: PlanInput): readonly string[] {
  const named = new Set(
    steps.filter(({ verb }) => verb !== 'verify').flatMap(({ doors }) => doors.map(({ host }) => host)),
  );
  const patterns = [...named].filter((host) => host.startsWith('*.'));
  if (patterns.length === 0) return [...named].sort();
  const live = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
  const routed = [...desired.objects, ...live].flatMap(({ address, spec }) =>
    address.kind === 'cloudflare/ingress-rule' ? [(spec as { readonly hostname: string }).hostname] : [],
  );
  const below = routed.filter((host) => patterns.some((pattern) => isAtHost(pattern, host)));
  return [...new Set([...named, ...below])].sort();
}
