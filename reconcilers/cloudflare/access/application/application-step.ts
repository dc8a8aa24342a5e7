import type { DoorEffect } from '../../../../src/core/objects/door.ts';
import { equal } from '../../../../src/core/objects/equal.ts';
import type { Linked } from '../../../../src/core/objects/reference.ts';
import { shorter } from '../session/go-duration.ts';
import type { AccessApplicationSpec } from './application-form.ts';
import { canonicalUri, hostIn } from './destination.ts';
import { allowsLess, allowsMore } from './login.ts';
import { byDevice } from './ways-around.ts';

/** Hosts of its destinations. */
export function hostsOf(spec: Linked<AccessApplicationSpec> | undefined): ReadonlySet<string> {
  const uris = (spec?.destinations ?? []).map(String);
  return new Set(uris.map(hostIn).filter((host) => host !== undefined));
}

/** The step that a change takes at a host: see core/objects/door.ts. */
export function stepAt(
  host: string,
  want: Linked<AccessApplicationSpec> | undefined,
  have: AccessApplicationSpec | undefined,
): DoorEffect['step'] {
  const covered = want !== undefined && hostsOf(want).has(host);
  if (!covered) return have?.bypass === true ? 'guard' : 'unguard';
  if (want.bypass === true) return have?.bypass === true && coversLess(want, have) ? 'guard' : 'unguard';
  if (have === undefined || have.bypass) return 'guard';
  const keepsTo = want.policies.every((id) => have.policies.includes(String(id)));
  return keepsTo && !allowsMore(want as AccessApplicationSpec, have) ? 'guard' : 'change';
}

/** True if every destination was covered before. */
function coversLess(want: Linked<AccessApplicationSpec>, have: AccessApplicationSpec): boolean {
  const before = new Set(have.destinations.map(canonicalUri));
  return want.destinations.every((uri) => before.has(canonicalUri(String(uri))));
}

/**
 * True if people with a session may have lost their right to it: a policy is removed or moved, a provider is no longer
 * allowed, sessions get shorter, or devices no longer get in by themselves.
 */
export function isNarrowing(want: AccessApplicationSpec, have: AccessApplicationSpec): boolean {
  const stays = have.policies.filter((id) => want.policies.includes(id));
  const reordered = !equal(
    stays,
    want.policies.filter((id) => stays.includes(id)),
  );
  const { sessionDuration } = want;
  return (
    stays.length < have.policies.length ||
    reordered ||
    allowsLess(want, have) ||
    (have.waysAround.includes(byDevice) && !want.waysAround.includes(byDevice)) ||
    (sessionDuration !== undefined && shorter(sessionDuration, have.sessionDuration))
  );
}
