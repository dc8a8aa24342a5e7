import { equal } from '../../../src/core/objects/equal.ts';
import { grouped } from '../../../src/core/objects/grouped.ts';
import { markTag } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { tunnel } from '../account/tunnel.ts';
import { dnsRecord } from '../dns/dns-record.ts';
import { awaitPickUp, type RuledTunnel, readConfiguration, rememberVersions } from './configuration.ts';
import { covers, type IngressEntry, isClosed, isWide, type Match, matchOf, shadowOf } from './entry.ts';
import { settings } from './origin-request.ts';
import { owners } from './ownership.ts';
import { entryId, ingressRuleKey } from './rule-id.ts';
import type { IngressRuleSpec } from './rule-spec.ts';
import { writeRules } from './rule-write.ts';

export type { IngressOriginRequest } from './origin-request.ts';
export type { IngressRuleSpec } from './rule-spec.ts';

const kind = 'cloudflare/ingress-rule';

export const ingressRule: Reconciler<IngressRuleSpec> = {
  kind,
  title: 'tunnel rule',
  traits: { unmarked: true },

  async observe(world) {
    const tunnels = await managedTunnels(world);
    const lists = await Promise.all(
      tunnels.map(async (tunnel) => {
        const { ingress } = await readConfiguration(world, tunnel);
        return { ...tunnel, ingress };
      }),
    );
    const ownerOf = await owners(
      world,
      lists.flatMap(({ ingress }) => ingress),
    );
    return lists.flatMap(({ id, name, ingress }) => {
      const matches = ingress.map(matchOf);
      const places = ingress.map((entry, index) => ({ id, name, matches, index, entry }));
      return byRequests(places).map((same) => observed(same, ownerOf));
    });
  },

  drift(want, have) {
    const fields: string[] = [];
    if (want.tunnelId !== undefined && want.tunnelId !== have.tunnelId) fields.push('tunnelId');
    if (want.service !== undefined && !sameService(want.service, have.service)) fields.push('service');
    const { originRequest } = want;
    if (originRequest !== undefined && !equal(settings(originRequest), have.originRequest)) {
      fields.push('originRequest');
    }
    if (have.shadowedBy !== undefined) fields.push('shadowedBy');
    if (have.repeats !== undefined) fields.push('repeats');
    return fields;
  },

  siblings: {
    retain(have, siblings) {
      const { tunnelId, hostname, path } = have.spec;
      const neighbors = siblings.filter(({ id, spec }) => spec.tunnelId === tunnelId && id !== have.id);
      const own = ({ spec }: Observed<IngressRuleSpec>) =>
        spec.hostname === hostname && spec.path === undefined;
      // The rule of its host takes the requests of a removed path rule. This function also decides about that rule.
      if (path !== undefined && neighbors.some(own)) return undefined;
      const heir = neighbors.find((rule) => isOpenTo(hostname, rule));
      return heir === undefined
        ? undefined
        : `${heir.address.key} would let its requests through in its place`;
    },
  },

  route: {
    closed: ({ spec }, owner) => ({ ...ownFields(spec), ...closedAnswer(owner) }),

    closedFirst({ tunnel: name, tunnelId, hostname, path }, siblings, owner, target) {
      // The rule of its host takes the requests of a path.
      if (path !== undefined) return undefined;
      const place = { tunnel: String(name), tunnelId, hostname: String(hostname) };
      // A tunnel that does not exist yet serves nothing.
      const isServed = siblings.some(
        (rule) => rule.spec.tunnelId === tunnelId && isOpenTo(place.hostname, rule),
      );
      // A host that moves here is still served at its old tunnel, until its name leads here.
      const moves = siblings.some(
        (rule) =>
          rule.owner === owner &&
          rule.spec.hostname === place.hostname &&
          rule.spec.path === undefined &&
          !isClosed(rule.spec.service),
      );
      const isServedAway = target !== undefined && mayServe(target, place.hostname, siblings);
      if (moves || !(isServed || isServedAway)) return undefined;
      return {
        address: { kind, key: ingressRuleKey(place) },
        id: entryId(String(tunnelId), matchOf(place)),
        owner,
        spec: { ...place, ...closedAnswer(owner) },
        attributes: {},
        uses: [],
      };
    },

    target: ({ tunnelId }) => targetOf(tunnelId),

    demanding(have, { originRequest: { access } }) {
      if (isClosed(have.service) || access === undefined) return undefined;
      const originRequest = { ...have.originRequest, access };
      return equal(settings(originRequest), have.originRequest)
        ? undefined
        : { ...ownFields(have), originRequest };
    },

    demands: ({ originRequest: { access } }) => access?.required === true,

    leadsElsewhere(have, { service, originRequest: { httpHostHeader } }) {
      const isAsked =
        have.originRequest.httpHostHeader === httpHostHeader && sameService(String(service), have.service);
      return !isClosed(have.service) && !isAsked;
    },

    passes: ({ service, originRequest: { access } }, { attributes: { aud } }) =>
      !isClosed(service) && aud !== undefined && access?.audTag?.map(String).includes(aud) === true,
  },

  doors(want, have) {
    const spec = want ?? have?.spec;
    if (spec === undefined) return [];
    const host = String(spec.hostname);
    const via = String(spec.tunnel);
    const open = !isClosed(String(spec.service));
    const part = spec.path === undefined ? {} : { part: String(spec.path) };
    // A rule that answers some paths itself keeps people out, so it goes after whatever else admits somebody there.
    const refuses = !open && spec.path !== undefined;
    if (want === undefined) {
      const shadowed = have?.spec.shadowedBy === undefined ? {} : ({ shadowed: true } as const);
      const leaving = { step: 'unroute', via, live: open, ...shadowed } as const;
      return [{ host, ...(refuses ? { step: 'unguard' } : leaving), ...part }];
    }
    if (!open) return [{ host, step: 'close' }];
    const demands = spec.path !== undefined && have === undefined && spec.originRequest.access !== undefined;
    return [{ host, step: demands ? 'divide' : 'route', via, ...part }];
  },

  write: writeRules,

  moments: {
    async settle(world) {
      for (const tunnel of await managedTunnels(world)) await awaitPickUp(world, tunnel);
    },

    remember: rememberVersions,
  },
};

/** The spec without what is only observed. */
function ownFields({ shadowedBy: _, repeats: __, ...spec }: IngressRuleSpec): IngressRuleSpec {
  return spec;
}

/** The answer of a closed rule: 503, with the name of its owner. */
function closedAnswer(owner: string): Pick<IngressRuleSpec, 'service' | 'originRequest'> {
  return { service: 'http_status:503', originRequest: { httpHostHeader: markTag(owner) } };
}

/** The target of a name that leads to this tunnel. */
function targetOf(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** False if a name leads to a tunnel whose rules are known, and none of them lets requests for this host through. */
function mayServe(target: string, hostname: string, siblings: readonly Observed<IngressRuleSpec>[]): boolean {
  const there = siblings.filter(({ spec }) => targetOf(spec.tunnelId) === target);
  const isShut = there.some(
    ({ spec: { hostname: host, path, service, shadowedBy } }) =>
      host === hostname && path === undefined && isClosed(service) && shadowedBy === undefined,
  );
  // A closed rule of the host answers before the rules for several hosts, but not before those of its paths.
  const serves = ({ spec }: Observed<IngressRuleSpec>) =>
    covers(matchOf(spec), hostname) && !isClosed(spec.service) && !(isShut && spec.hostname !== hostname);
  return there.length === 0 || there.some(serves);
}

/** True if a rule for several hosts admits requests for this host. */
function isOpenTo(hostname: string, { spec }: Observed<IngressRuleSpec>): boolean {
  return isWide(matchOf(spec)) && covers(matchOf(spec), hostname) && !isClosed(spec.service);
}

/**
 * Tunnels that take their rules from the API: those of the file, and those to which a name of ours still leads, since a
 * tunnel that left the file with its services still has their rules. Other tunnels are refused as tunnels.
 */
export async function managedTunnels(world: World): Promise<readonly RuledTunnel[]> {
  const [tunnels, records] = await Promise.all([world.read(tunnel), world.read(dnsRecord)]);
  const ours = records.filter(({ owner }) => owner === world.scope.owner);
  const led = new Set(ours.map(({ spec }) => spec.content));
  return tunnels
    .filter(({ spec }) => spec.configSource === 'cloudflare')
    .filter(({ address, id }) => world.scope.tunnels.includes(address.key) || led.has(targetOf(id)))
    .map(({ address, id }) => ({ id, name: address.key }));
}

interface Place {
  readonly id: string;
  readonly name: string;
  /** The matches of all entries of the tunnel, in order. */
  readonly matches: readonly Match[];
  readonly index: number;
  readonly entry: IngressEntry;
}

/** The entries of a tunnel for the same requests. */
interface Places {
  readonly first: Place;
  readonly later: readonly Place[];
}

/** The entries by their requests, in order: of several entries for the same requests, only the first gets any. */
function byRequests(places: readonly Place[]): readonly Places[] {
  const same = grouped(places, ({ id, matches, index }) => entryId(id, matches[index] ?? matchOf({})));
  return [...same.values()].flatMap(([first, ...later]) => (first === undefined ? [] : [{ first, later }]));
}

function observed(
  { first, later }: Places,
  ownerOf: (key: string, entry: IngressEntry) => string | undefined,
): Observed<IngressRuleSpec> {
  const { id: tunnelId, name, matches, index, entry } = first;
  const match = matchOf(entry);
  const shadow = shadowOf(matches, index);
  const shadowMatch = shadow === undefined ? undefined : matches[shadow];
  const key = ingressRuleKey({ tunnel: name, ...match });
  const owner = ownerOf(key, entry);
  const repeats = later.filter((place) => ownerOf(key, place.entry) === owner);
  return {
    address: { kind, key },
    id: entryId(tunnelId, match),
    owner,
    spec: {
      tunnel: name,
      tunnelId,
      hostname: match.hostname,
      ...(match.path !== undefined && { path: match.path }),
      service: entry.service,
      originRequest: settings(entry.originRequest),
      ...(shadowMatch && { shadowedBy: ingressRuleKey({ tunnel: name, ...shadowMatch }) }),
      ...(repeats.length > 0 && { repeats: repeats.map((place) => place.entry.service) }),
    },
    attributes: {},
    uses: [],
  };
}

/** True if two services are equal: the API keeps the text, but a final slash and the case of a name mean nothing. */
function sameService(left: string, right: string): boolean {
  const [first, second] = [left, right].map((service) => service.toLowerCase().replace(/\/$/, ''));
  return first === second;
}
