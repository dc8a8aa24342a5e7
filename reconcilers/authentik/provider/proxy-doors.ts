import { type DoorEffect, isAtHost } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import { isSubset } from '../../shared/set.ts';
import { atHosts, atLeavingHosts } from '../reading/door-effects.ts';
import { flowStrictness } from '../reading/flow-strictness.ts';
import type { ProxyProviderSpec } from './proxy-form.ts';

/** Fields that decide for which hosts it answers. A change may admit people at a host that refused them. */
const answering: ReadonlySet<string> = new Set(['mode', 'externalHost', 'cookieDomain']);

/** The effects of a change on doors; `drift`: the fields that change, at least one. */
export function doorsOfChange(
  want: Linked<ProxyProviderSpec>,
  have: Observed<ProxyProviderSpec>,
  drift: readonly string[],
): readonly DoorEffect[] {
  const strictness = flowStrictness(want, have.spec, drift);
  if (strictness === 'laxer') return [...atHosts(want.hosts, 'unguard'), ...atLeavingHosts(want)];
  if (drift.some((field) => answering.has(field))) return answeringElsewhere(want, have);
  const before = have.spec.skipPathRegex.split('\n').filter((line) => line !== '');
  const after = String(want.skipPathRegex).split('\n');
  const widens = drift.every((field) => field === 'skipPathRegex') && isSubset(before, after);
  const everywhere = [...want.hosts, ...have.spec.hosts];
  if (widens) return atHosts(everywhere, 'unguard');
  // People of before may pass the new flow, and people of now the old one: nobody gets in until both have changed.
  if (strictness === 'exchanged')
    return atHosts(everywhere, 'guard').map((effect) => ({ ...effect, anew: true }));
  // Hosts of the domain with another gate, or that come to have one, do not wait for it.
  const effects = atHosts(want.hosts, 'guard');
  if (!drift.includes('internalHost')) return effects;
  return effects.map((effect) => ({ ...effect, anew: 'elsewhere' }));
}

/**
 * A change after which it answers at other hosts. At its own hosts, the last binding of before is removed first. Elsewhere it stops to
 * answer before anybody new is bound, except at hosts that leave the login: new bindings wait for these, and it waits for the bindings.
 */
function answeringElsewhere(
  want: Linked<ProxyProviderSpec>,
  have: Observed<ProxyProviderSpec>,
): readonly DoorEffect[] {
  const hosts = want.hosts.map(String);
  const former = have.spec.hosts.filter((host) => !hosts.includes(host));
  const behind = (want.behind ?? [])
    .map(String)
    .filter((host) => former.some((pattern) => isAtHost(pattern, host)));
  return [
    ...atHosts(hosts, 'change').map((effect) => ({ ...effect, anew: true as const })),
    ...atHosts(behind, 'unguard'),
    ...atHosts(
      former.filter((host) => !behind.includes(host)),
      'guard',
    ),
  ];
}
