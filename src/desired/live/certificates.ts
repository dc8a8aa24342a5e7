import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import {
  type CertificateHostSpec,
  certificateHostKey,
} from '../../../reconcilers/cloudflare/certificate/certificate-host.ts';
import type { Config, Service } from '../../config/model/config.ts';
import { describeError } from '../../core/errors.ts';
import { addressId, type Kind } from '../../core/objects/address.ts';
import { isAtHost } from '../../core/objects/door.ts';
import type { DesiredObject, Observation, Observed, Refusal } from '../../core/objects/object.ts';
import { doorsOf } from '../terms/doors.ts';

const kind: Kind = 'cloudflare/certificate-host';

/**
 * Services whose rules name authorities, at whose hosts other certificates are valid too, by an authority that is foreign or that stays
 * from a file before, or whose authority has expired. Access asks for a certificate of any authority of the host. So a path's gate
 * that stays would admit more people by a new authority.
 */
export function certificateRefusals(
  services: readonly Service[],
  wanted: readonly DesiredObject[],
  { owner, certificateAuthorities, reconcile }: Config,
  observations: readonly Observation[],
  now: Date,
): readonly Refusal[] {
  const naming = services.flatMap((service) => {
    const names = authoritiesOf(service);
    return names.length === 0 ? [] : [{ service, names }];
  });
  if (naming.length === 0) return [];
  const found = observations.find((each) => each.kind === kind);
  const places = known<CertificateHostSpec>(observations, kind);
  return naming.flatMap(({ service: { name: service, host }, names }): readonly Refusal[] => {
    if (found?.state === 'unknown') {
      const reason = `gates could not read the certificate authorities of ${host}: ${describeError(found.error)}`;
      return [{ service, host, reason, unread: kind }];
    }
    const here = places.filter(({ spec }) => spec.host === host);
    const foreign = here.find((place) => place.owner !== owner);
    const prints = names.map((name) => certificateAuthorities.get(name)?.fingerprint);
    const kept = new Set(prints.map((print) => certificateHostKey(print ?? '', host)));
    const left = reconcile.prune ? undefined : here.find(({ address }) => !kept.has(address.key));
    const isNew = here.length < kept.size;
    const gate = reconcile.prune || !isNew ? undefined : stayingAsker(host, wanted, { owner, observations });
    const ended = names.find((name) => {
      const { expiresAt } = certificateAuthorities.get(name) ?? {};
      return expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime();
    });
    if (foreign !== undefined)
      return [
        { service, host, reason: acceptsOthers(foreign.spec, 'that is not ours has the host too', '') },
      ];
    if (left !== undefined) {
      const whose =
        'of ours still has the host, because a file before named it and `reconcile.prune: false` removes nothing';
      return [{ service, host, reason: acceptsOthers(left.spec, whose, 'let gates remove it, ') }];
    }
    if (gate !== undefined) {
      const reason = `the gate of ${gate.address.key}, which the file no longer has, asks for a certificate too. It stays, because \`reconcile.prune: false\` removes nothing, and would accept those of the new authority: let gates remove it, or remove its application in Cloudflare`;
      return [{ service, host, reason }];
    }
    if (ended === undefined) return [];
    const reason = `\`certificateAuthorities.${ended}\` has expired, so nobody could pass: write its new certificate`;
    return [{ service, host, reason }];
  });
}

function acceptsOthers({ host, authority }: CertificateHostSpec, whose: string, also: string): string {
  return `a certificate authority ${whose}, and Access would accept its certificates: ${also}remove ${host} from authority ${authority} (Zero Trust, Access controls, Service credentials, Mutual TLS), or write \`certificate: true\` in place of \`certificateAuthorities\``;
}

/** Milliseconds. */
const month = 30 * 86_400_000;

/** A warning for each authority that a gate names and that ends within a month. */
export function endingAuthorities(
  services: readonly Service[],
  { certificateAuthorities }: Config,
  now: Date,
): readonly string[] {
  const named = new Set(services.flatMap(authoritiesOf));
  return [...certificateAuthorities.values()].flatMap(({ name, expiresAt }) => {
    const left = Date.parse(expiresAt) - now.getTime();
    if (!named.has(name) || left <= 0 || left > month) return [];
    return [
      `certificateAuthorities.${name} ends on ${expiresAt.slice(0, 10)}, and nobody passes by it afterwards: add its new certificate under a name of its own, and name both until every visitor has a new one`,
    ];
  });
}

/**
 * The objects, with the hosts of authorities at which no live policy asks for a certificate: there an authority admits nobody,
 * so it can come before the policy that asks.
 */
export function withUnaskedHosts(
  objects: readonly DesiredObject[],
  observations: readonly Observation[],
): readonly DesiredObject[] {
  if (!objects.some(({ address }) => address.kind === kind)) return objects;
  const asked = askingApplications(observations)?.flatMap(hostsOf);
  if (asked === undefined) return objects;
  const unasked = new Map<string, DesiredObject[]>();
  const marked = objects.map((object) => {
    const { host } = object.spec as { readonly host?: string };
    if (object.address.kind !== kind || host === undefined) return object;
    if (asked.some((pattern) => isAtHost(pattern, host))) return object;
    unasked.set(host, [...(unasked.get(host) ?? []), object]);
    return { ...object, spec: { ...(object.spec as object), unasked: true } };
  });
  return marked.map((object) => {
    if (object.address.kind !== 'cloudflare/access-policy') return object;
    const [host = ''] = object.address.key.split(/[/ ]/);
    const own = unasked.get(host);
    if (own === undefined || !asksForCertificate(object.spec as AccessPolicySpec)) return object;
    return { ...object, needs: [...(object.needs ?? []), ...own.map(({ address }) => addressId(address))] };
  });
}

/** An application of ours at the host that asks for a certificate, and that the file does not ask for. */
function stayingAsker(
  host: string,
  wanted: readonly DesiredObject[],
  { owner, observations }: { readonly owner: string; readonly observations: readonly Observation[] },
): Observed<AccessApplicationSpec> | undefined {
  const asked = new Set(wanted.map(({ address }) => addressId(address)));
  return askingApplications(observations)?.find(
    (have) =>
      have.owner === owner &&
      !asked.has(addressId(have.address)) &&
      hostsOf(have).some((pattern) => isAtHost(pattern, host)),
  );
}

/** Live applications with a policy that asks for a certificate; undefined: gates could not read them. */
function askingApplications(
  observations: readonly Observation[],
): readonly Observed<AccessApplicationSpec>[] | undefined {
  const kinds: readonly Kind[] = ['cloudflare/access-application', 'cloudflare/access-policy'];
  if (kinds.some((each) => observations.find((found) => found.kind === each)?.state !== 'known'))
    return undefined;
  const asking = new Set(
    known<AccessPolicySpec>(observations, 'cloudflare/access-policy')
      .filter(({ spec }) => asksForCertificate(spec))
      .map(({ id }) => id),
  );
  return known<AccessApplicationSpec>(observations, 'cloudflare/access-application').filter(({ spec }) =>
    spec.policies.some((id) => asking.has(id)),
  );
}

/** Hosts, and patterns of hosts, of an application. */
function hostsOf({ spec }: Observed<AccessApplicationSpec>): readonly string[] {
  return spec.destinations.flatMap((uri) => hostIn(uri) ?? []);
}

/** True also for a group of the account, which may ask for one. */
function asksForCertificate({ include, require, exclude }: AccessPolicySpec): boolean {
  const names = [...include, ...require, ...exclude].flatMap((rule) => Object.keys(rule));
  return names.some((name) => ['certificate', 'common_name', 'group'].includes(name));
}

function known<Spec>(observations: readonly Observation[], of: Kind): readonly Observed<Spec>[] {
  const found = observations.find((each) => each.kind === of);
  return (found?.state === 'known' ? found.objects : []) as readonly Observed<Spec>[];
}

function authoritiesOf(service: Service): readonly string[] {
  return [...new Set(doorsOf(service).flatMap(({ gate }) => gate.lists.certificateAuthorities))];
}
