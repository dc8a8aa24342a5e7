import type { RulesetRule } from '../../../reconcilers/cloudflare/rules/ruleset.ts';
import { partsOf } from '../../../reconcilers/parts/parts.ts';
import type { Desired } from '../../core/objects/object.ts';
import type { Part } from '../../core/objects/part.ts';
import type { OriginPart } from '../../core/objects/parts/tunnel-parts.ts';
import { mayMatch } from '../../desired/live/host-pattern.ts';
import { PartStore } from '../../doors/state/part-store.ts';
import type { LiveObjects } from '../../import/terms/live-objects.ts';
import type { Visit } from '../../import/terms/visit.ts';
import { nameUnder } from '../../import/visits.ts';
import { originsOf } from '../../interlock/file-origins.ts';
import { liveOrigins, originKey, originsOfAuthentik } from '../../interlock/live-origins.ts';
import { partsOfKind } from '../../interlock/run-states.ts';
import type { LiveNames, TunneledHost } from './live-names.ts';

/** The live objects from which the doors are made. */
export interface LiveDoorsGround {
  readonly live: LiveObjects;
  readonly names: LiveNames;
  readonly visits: ReadonlyMap<string, Visit>;
  readonly desired: Desired | undefined;
  readonly now: Date;
}

/**
 * The doors as the live objects make them. A rule of a zone that gates does not understand counts as if it refused
 * nobody: it may keep out some strangers, but it is no gate. Its cache rules count only for hosts that their expressions
 * may match.
 */
export function liveDoors({ live, names, visits, desired, now }: LiveDoorsGround): PartStore {
  const read = partsOf(live.observed, live.scope, now);
  const hosts = names.tunneled();
  const parts = read.parts.filter((part) => part.part !== 'cache-rule' && !isForeignRule(part));
  const unread = read.unread.flatMap((kind) => partsOfKind[kind] ?? []);
  return PartStore.of({
    parts: [...parts, ...cacheRulesAt(hosts, live), ...originsAt(hosts, { live, visits, desired, parts })],
    unread: new Set(unread.filter((sort) => sort !== 'edge-rule' && sort !== 'cache-rule')),
  });
}

function isForeignRule(part: Part): boolean {
  return part.part === 'edge-rule' && part.rule.blocks === 'unknown';
}

/** The cache rules in their order, a foreign one for each host that it may match. Of several, the last one decides. */
function cacheRulesAt(hosts: readonly TunneledHost[], live: LiveObjects): readonly Part[] {
  return live.of('cloudflare/cache-rule').flatMap(({ spec, raw }): readonly Part[] => {
    const { zone, host: own, action, enabled, intact } = spec;
    if (own !== '') {
      const keepsOut = enabled && intact && action === 'set_cache_settings';
      return [{ part: 'cache-rule', zone, host: own, keepsOut }];
    }
    const { expression, action_parameters: settings } = raw as RulesetRule;
    const stores = settings?.cache;
    if (!enabled || typeof stores !== 'boolean') return [];
    return hosts
      .filter(({ host }) => isIn(zone, host) && mayMatch(expression, host))
      .map(({ host }): Part => ({ part: 'cache-rule', zone, host, keepsOut: !stores }));
  });
}

function isIn(zone: string, host: string): boolean {
  return host === zone || host.endsWith(`.${zone}`);
}

/**
 * The origins of the hosts. A visit outweighs the objects: an origin that let a stranger in asks nobody, and one whose
 * answer said nothing is unknown.
 */
function originsAt(
  hosts: readonly TunneledHost[],
  {
    live,
    visits,
    desired,
    parts,
  }: Pick<LiveDoorsGround, 'live' | 'visits' | 'desired'> & { readonly parts: readonly Part[] },
): readonly OriginPart[] {
  // A rule for many hosts leads each of them to an origin of its own.
  const wide = parts
    .filter((part) => part.part === 'tunnel-rule')
    .filter(({ hostname }) => hostname.includes('*'));
  const each = wide.flatMap((rule) => hosts.map(({ host: hostname }) => ({ ...rule, hostname })));
  const objects = live.observed.flatMap((kind) => (kind.state === 'known' ? kind.objects : []));
  const file = desired === undefined ? [] : originsOf(desired);
  const ground = { parts: [...parts, ...each], objects, file };
  const byKey = new Map(
    [...liveOrigins(ground), ...originsOfAuthentik(ground)].map((origin) => [
      originKey(origin.service, origin.hosts?.[0]),
      origin,
    ]),
  );
  // An origin that asks no outpost may still decide by itself: a client of Authentik shows that.
  const unasked = new Map(
    liveOrigins({ ...ground, parts: ground.parts.filter(({ part }) => part !== 'outpost-entry') }).map(
      (origin) => [originKey(origin.service, origin.hosts?.[0]), origin],
    ),
  );
  const visitOf = new Map([...visits].map(([name, visit]) => [nameUnder(name), visit]));
  return [...byKey].flatMap(([key, origin]): readonly OriginPart[] => {
    const visit = visitOf.get(origin.hosts?.[0] ?? '');
    if (visit?.answer === 'open') return [unasked.get(key) ?? origin];
    return visit?.answer === 'unclear' && origin.asks.who !== 'authentik' ? [] : [origin];
  });
}
