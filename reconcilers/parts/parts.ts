import type { Kind } from '../../src/core/objects/address.ts';
import type { Observation, Observed, Scope } from '../../src/core/objects/object.ts';
import type { Part } from '../../src/core/objects/part.ts';
import type { OrganizationSpec } from '../cloudflare/account/organization.ts';
import { authentikParts } from './authentik.ts';
import { cloudflareParts } from './cloudflare.ts';
import type { PartSurroundings } from './part-surroundings.ts';

/** The contributions of live objects to the layers, and the kinds that could not be read. */
export interface ReadParts {
  readonly parts: readonly Part[];
  readonly unread: readonly Kind[];
}

const partsByKind = { ...cloudflareParts, ...authentikParts } as Readonly<
  Record<Kind, (have: Observed, among: PartSurroundings) => readonly Part[]>
>;

/** The parts of a reading, in its order, which matters for rules. */
export function partsOf(observations: readonly Observation[], scope: Scope, now: Date): ReadParts {
  const among = partSurroundings(observations, scope, now);
  const objects = observations.flatMap((each) => (each.state === 'known' ? each.objects : []));
  return {
    parts: objects.flatMap((have) => partsOfObject(have, among)),
    unread: unreadKinds(observations, scope),
  };
}

/**
 * The kinds that could not be read, and the hosts of certificate authorities where nobody reads them: then any authority of
 * the account may have any host.
 */
export function unreadKinds(observations: readonly Observation[], { certificates }: Scope): readonly Kind[] {
  const unknown = observations.flatMap(({ kind, state }) => (state === 'unknown' ? [kind] : []));
  const hosts = observations.find(({ kind }) => kind === certificateHosts);
  const isRead = hosts?.state === 'known' && (certificates === true || hosts.objects.length > 0);
  return isRead ? unknown : [...new Set([...unknown, certificateHosts])];
}

const certificateHosts: Kind = 'cloudflare/certificate-host';

/** The parts of one object, live or desired. Most kinds contribute nothing. */
export function partsOfObject(have: Observed, among: PartSurroundings): readonly Part[] {
  return partsByKind[have.address.kind]?.(have, among) ?? [];
}

export function partSurroundings(
  observations: readonly Observation[],
  { tunnels, authentik }: Scope,
  now: Date,
): PartSurroundings {
  const objects = observations.flatMap((each) => (each.state === 'known' ? each.objects : []));
  const ofKind = (kind: Kind) => objects.filter(({ address }) => address.kind === kind);
  const ruled = ofKind('cloudflare/ingress-rule').map(({ spec }) => (spec as { tunnelId: string }).tunnelId);
  const named = ofKind('cloudflare/tunnel').filter(({ address }) => tunnels.includes(address.key));
  return {
    now,
    policies: new Set(ofKind('cloudflare/access-policy').map(({ id }) => id)),
    ruledTunnels: new Set([...ruled, ...named.map(({ id }) => id)]),
    admitsDevices: ofKind('cloudflare/organization').some(
      ({ spec }) => (spec as OrganizationSpec).admitsDevices === true,
    ),
    usualFlow:
      authentik?.flow === undefined ? undefined : namesOfFlow(authentik.flow, ofKind('authentik/flow')),
  };
}

function namesOfFlow(slug: string, flows: readonly Observed[]): ReadonlySet<string> {
  const ids = flows.flatMap(({ address, id }) => (address.key === slug ? [id] : []));
  return new Set([`authentik/flow:${slug}`, ...ids]);
}
