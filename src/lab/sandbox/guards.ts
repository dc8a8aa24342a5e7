import { hostOf } from './edge/edge.ts';
import { isStringArray } from './state/field.ts';
import { admitRulesMistake } from './state/guard.ts';
import type { Guard, World } from './state/world.ts';

/** Places one guard or a list of them, and returns the first mistake, or null. One of the same host and path is replaced. */
export function placeGuards(world: World, body: unknown): string | null {
  const given: unknown[] = Array.isArray(body) ? body : [body];
  for (const each of given) {
    const guard = each as Partial<Guard> | null;
    if (typeof guard?.host !== 'string') return 'a guard needs host';
    if (typeof guard.admit !== 'object') return 'a guard needs admit, which may be empty';
    const { bearer } = guard.admit ?? {};
    if (bearer !== undefined && typeof (bearer.audience ?? bearer.client) !== 'string') {
      return 'bearer needs audience, or client';
    }
    for (const { rules } of [guard.admit ?? {}, ...(guard.served ?? []).map(({ admit }) => admit)]) {
      const mistake = admitRulesMistake(rules);
      if (mistake !== null) return mistake;
    }
    if (guard.identity !== undefined && !isStringArray(guard.identity)) return 'identity is a list of names';
    if (guard.path !== undefined && !guard.path.startsWith('/')) return 'path is /a or /a/**';
    const placed: Guard = {
      host: hostOf(guard.host),
      ...(guard.path === undefined ? {} : { path: guard.path }),
      admit: guard.admit,
      ...(typeof guard.client === 'string' ? { client: guard.client } : {}),
      ...(Array.isArray(guard.served) ? { served: guard.served } : {}),
      ...(guard.identity === undefined ? {} : { identity: guard.identity }),
    };
    const others = world.guards.filter(({ host, path }) => host !== placed.host || path !== placed.path);
    world.guards = [...others, placed];
  }
  return null;
}
