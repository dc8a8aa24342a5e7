import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { World } from '../../../src/core/world.ts';
import { done, failed } from '../../shared/carry-out.ts';
import { editIngress } from './configuration.ts';
import { merge } from './merge.ts';
import { creationTopic, noteOf } from './ownership.ts';
import type { IngressRuleSpec } from './rule-spec.ts';

/** Makes the changes of all tunnels, those of each tunnel together: its rules are one list. */
export async function writeRules(
  changes: readonly ReadyChange<IngressRuleSpec>[],
  world: World,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [tunnelId, group] of byTunnel(changes))
    outcomes.push(...(await writeTunnel(tunnelId, group, world)));
  return outcomes;
}

function byTunnel(
  changes: readonly ReadyChange<IngressRuleSpec>[],
): ReadonlyMap<string, readonly ReadyChange<IngressRuleSpec>[]> {
  const groups = new Map<string, ReadyChange<IngressRuleSpec>[]>();
  for (const change of changes) {
    const tunnelId = change.want?.tunnelId ?? change.have?.spec.tunnelId ?? '';
    groups.set(tunnelId, [...(groups.get(tunnelId) ?? []), change]);
  }
  return groups;
}

/** Makes a tunnel's changes in one write. If the API refuses it, halving finds the faulty one, which fails alone. */
async function writeTunnel(
  tunnelId: string,
  changes: readonly ReadyChange<IngressRuleSpec>[],
  world: World,
): Promise<readonly Outcome[]> {
  const us = world.scope.owner;
  const creates = changes.filter(({ verb }) => verb === 'create');
  try {
    await Promise.all(creates.map(({ address }) => world.notes.put(creationTopic, noteOf(us, address.key))));
    await editIngress(world, { id: tunnelId, name: tunnelName(changes) }, (entries) =>
      merge(entries, changes, us),
    );
    await forgetCreation(
      changes.filter(({ verb }) => verb === 'prune'),
      world,
    );
    return changes.map((change) => done(change as ReadyChange<unknown>, {}));
  } catch (error) {
    if (changes.length === 1 || !isAboutOneRule(error)) {
      if (isAboutOneRule(error)) await forgetCreation(creates, world);
      return changes.map((change) => failed(change as ReadyChange<unknown>, error));
    }
    const half = Math.ceil(changes.length / 2);
    const first = await writeTunnel(tunnelId, changes.slice(0, half), world);
    return [...first, ...(await writeTunnel(tunnelId, changes.slice(half), world))];
  }
}

/** The name of the tunnel that all these changes concern. */
function tunnelName([change]: readonly ReadyChange<IngressRuleSpec>[]): string {
  return change?.want?.tunnel ?? change?.have?.spec.tunnel ?? '';
}

async function forgetCreation(changes: readonly ReadyChange<IngressRuleSpec>[], world: World): Promise<void> {
  for (const { address } of changes) {
    await world.notes.clear(creationTopic, noteOf(world.scope.owner, address.key));
  }
}

/** True if one rule may be at fault: the API then refuses the complete configuration (400, code 1056). */
function isAboutOneRule(error: unknown): boolean {
  return error instanceof UnsafeError || (error instanceof RejectedError && error.facts.status === 400);
}
