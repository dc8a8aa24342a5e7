import type { ApplicationRow, UserRow } from '../../state/authentik-state.ts';
import { timestamp } from '../../state/world.ts';
import { type Passed, passesPolicy } from './passing.ts';
import { groupsOf } from './permission.ts';
import type { AuthentikCall } from './router.ts';

/**
 * True if the application's bindings admit this person. An application without an enabled binding admits everybody;
 * bindings of groups and users count as one result, each policy as one more (facts §2.1, §2.6). `passed`: policies that
 * agree about the person.
 */
export function admits(
  call: Pick<AuthentikCall, 'state' | 'world'>,
  application: ApplicationRow,
  user: UserRow,
  passed: Passed = [],
): boolean {
  const { state } = call;
  const bindings = state.bindings.filter(
    ({ target, enabled, expires }) =>
      target === application.pk && enabled && (expires === null || expires > timestamp(call.world)),
  );
  if (bindings.length === 0) return state.flags.core_default_app_access ?? true;
  const groups = groupsOf(state, user).map(({ pk }) => pk);
  const decides = application.policy_engine_mode === 'all' ? every : some;
  const fixed = bindings.filter(({ policy }) => policy === null);
  const results = bindings
    .filter(({ policy }) => policy !== null)
    .map((binding) => passesPolicy(state, binding, passed) !== binding.negate);
  if (fixed.length > 0) {
    results.push(
      decides(
        fixed.map(({ group, user: person, negate }) => {
          const matches = group === null ? person === user.pk : groups.includes(group);
          return matches !== negate;
        }),
      ),
    );
  }
  return decides(results);
}

function every(results: readonly boolean[]): boolean {
  return results.every(Boolean);
}

function some(results: readonly boolean[]): boolean {
  return results.some(Boolean);
}
