import { HOSTLESS_TYPES, settingsOf } from '../../cloudflare/access/access-app.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { PolicyLink } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { numberOf, objectsOf, put, textsOf, wordOf } from '../rows/row.ts';
import { keepPolicy } from './access-policy.ts';

/**
 * The inverse of `appView`. An application of a type that nobody can make here is kept, since it guards its hosts
 * nevertheless.
 */
export function readAccessApp(copy: Copy, object: JsonObject, [kind, id = '']: readonly string[]): void {
  const { world, omissions } = copy;
  if (!has(copy, 'Access application', object, 'id', 'type')) return;
  const name = wordOf(object.name) ?? wordOf(object.domain) ?? object.type;
  const destinations = destinationsOf(copy, object, name);
  const isHostless = HOSTLESS_TYPES.includes(object.type) || destinations.length === 0;
  if (object.type !== 'self_hosted' && !HOSTLESS_TYPES.includes(object.type)) {
    omissions.say(`Access application "${name}" of type ${object.type} is played as if it were self_hosted`);
  }
  const before = world.apps.find((app) => app.id === object.id);
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  put(world.apps, 'id', {
    id: object.id,
    uid: wordOf(object.uid) ?? object.id,
    aud: wordOf(object.aud) ?? '',
    // A zone's list has only the applications made for it; the account's list does not say.
    scope: kind === 'zones' ? { kind, id } : (before?.scope ?? { kind: 'accounts', id: world.account.id }),
    name,
    type: object.type,
    destinations: isHostless ? [] : destinations,
    policies: linksOf(copy, object, name),
    tags: textsOf(object.tags),
    sessionDuration: wordOf(object.session_duration) ?? '24h',
    settings: settingsOf(object, isHostless),
    createdAt,
    updatedAt: wordOf(object.updated_at) ?? createdAt,
    revokedAt: null,
  });
}

/** Only public destinations; the application's `domain` comes first. */
function destinationsOf({ omissions }: Copy, object: JsonObject, name: string): JsonObject[] {
  const list = objectsOf(object.destinations);
  const strange = list.filter(({ type, uri }) => type !== 'public' || typeof uri !== 'string');
  for (const { type } of strange) {
    omissions.say(`Access application "${name}": a destination of type "${String(type)}" is not played`);
  }
  const given = list.flatMap(({ type, uri }) => (type === 'public' && typeof uri === 'string' ? [uri] : []));
  const older = [wordOf(object.domain) ?? '', ...textsOf(object.self_hosted_domains)];
  const uris = [...new Set(list.length > 0 ? given : older)].filter((uri) => uri !== '');
  return uris
    .toSorted((a, b) => Number(b === object.domain) - Number(a === object.domain))
    .map((uri) => ({ type: 'public', uri }));
}

/** Its policies, which a reply contains completely; a reusable one that was read separately stays. */
function linksOf(copy: Copy, object: JsonObject, name: string): PolicyLink[] {
  const { world, omissions } = copy;
  const policies = Array.isArray(object.policies) ? object.policies : [];
  const links = policies.flatMap((policy, at): PolicyLink[] => {
    const id = isObject(policy) ? wordOf(policy.id) : wordOf(policy);
    const precedence = (isObject(policy) ? numberOf(policy.precedence) : undefined) ?? at + 1;
    const known = world.policies.find((candidate) => candidate.id === id && candidate.appId === null);
    const kept =
      known ??
      (isObject(policy)
        ? keepPolicy(copy, policy, policy.reusable === true ? null : String(object.id))
        : null);
    if (kept !== null) return [{ id: kept.id, precedence }];
    omissions.sayUnread(`Access application "${name}": its policy ${id ?? at + 1} is not played`);
    return [];
  });
  return links.sort((a, b) => a.precedence - b.precedence);
}
