import type { ReadyChange } from '../../src/core/change.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { World } from '../../src/core/world.ts';
import { isClosed } from '../cloudflare/ingress/entry.ts';
import { type IngressRuleSpec, ingressRule } from '../cloudflare/ingress/ingress-rule.ts';

/**
 * Closes a host now, whatever the plan still contains: every rule of ours that admits its requests answers 503. The
 * next run finds the drift, and opens the host again once it can check the gate.
 */
export async function closeAtOnce(host: string, world: World): Promise<void> {
  world.forget(ingressRule);
  const rules = await world.read(ingressRule);
  const changes = rules.flatMap((have): ReadyChange<IngressRuleSpec>[] => {
    const { address } = have;
    if (have.owner !== world.scope.owner || have.spec.hostname !== host) return [];
    const opening = ingressRule.doors?.(undefined, have, address).some(({ live }) => live === true);
    const want = ingressRule.route?.closed?.(have, world.scope.owner);
    if (opening !== true || want === undefined) return [];
    return [{ id: `close ${addressId(address)}`, verb: 'update', address, want, have, drift: ['service'] }];
  });
  if (changes.length === 0) return;
  const outcomes = (await ingressRule.write?.(changes, world)) ?? [];
  world.forget(ingressRule);
  for (const { error } of outcomes) if (error !== undefined) throw error;
}

/**
 * True if a path of the host answers 503 by a rule of ours that a later change removes, so that no check is possible
 * yet. With `asked`: whether this path does, by a rule with another expression than `but`.
 */
export async function closesPath(
  host: string,
  world: World,
  probe?: { readonly path: string; readonly but: string },
): Promise<boolean> {
  return (await pathRules(host, world)).some(
    ({ spec: { service, path = '' } }) =>
      isClosed(service) && (probe === undefined || (path !== probe.but && matches(path, probe.path))),
  );
}

/**
 * True if the tunnel demands a token of Access at this path of the host, by a rule of ours that the file no longer has,
 * with another expression than `but`. The rule stays if nothing is removed.
 */
export async function demandsToken(
  host: string,
  world: World,
  { path: visit, but }: { readonly path: string; readonly but?: string | undefined },
): Promise<boolean> {
  return (await pathRules(host, world)).some(
    ({ spec: { path = '', originRequest } }) =>
      originRequest?.access?.required === true && path !== but && matches(path, visit),
  );
}

/** True if such a rule admits everybody at this path of the host. */
export async function opensPath(host: string, visit: string, world: World): Promise<boolean> {
  return (await pathRules(host, world)).some(
    ({ spec: { path = '', service, originRequest } }) =>
      !service.startsWith('http_status:') && originRequest?.access?.required !== true && matches(path, visit),
  );
}

async function pathRules(host: string, world: World): Promise<readonly Observed<IngressRuleSpec>[]> {
  const rules = await world.read(ingressRule);
  return rules.filter(
    ({ owner, spec: { hostname, path } }) =>
      owner === world.scope.owner && hostname === host && path !== undefined,
  );
}

/** True if a rule's expression matches a path as the tunnel decodes it. */
function matches(expression: string, visit: string): boolean {
  const isCaseless = expression.startsWith('(?i)');
  const pattern = new RegExp(isCaseless ? expression.slice(4) : expression, isCaseless ? 'i' : '');
  return pattern.test(decodeURIComponent(visit));
}
