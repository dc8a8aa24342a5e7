import type { AccessPolicySpec } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { addressId, type Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observation } from '../../core/objects/object.ts';

/** A sort of object whose number is limited in an account, unless Cloudflare has raised the limit. */
interface AccountQuota {
  readonly kind: Kind;
  readonly what: string;
  readonly most: number;
}

/** The documented limits of Cloudflare One. */
export const accountQuotas = {
  applications: { kind: 'cloudflare/access-application', what: 'Access applications', most: 500 },
  policies: { kind: 'cloudflare/access-policy', what: 'reusable Access policies', most: 500 },
  tokens: { kind: 'cloudflare/service-token', what: 'service tokens', most: 50 },
} as const satisfies Readonly<Record<string, AccountQuota>>;

/** Warnings about quotas that the file exceeds, counting all objects of the account. */
export function beyondQuotas(
  objects: readonly DesiredObject[],
  observations: readonly Observation[],
): readonly string[] {
  return Object.values(accountQuotas).flatMap(({ kind, what, most }) => {
    const found = observations.find((observation) => observation.kind === kind);
    if (found?.state !== 'known') return [];
    const there = new Set(found.objects.map(({ address }) => addressId(address)));
    const wanted = objects.filter(({ address }) => address.kind === kind);
    const more = wanted.filter(({ address }) => !there.has(addressId(address))).length;
    const counted = found.objects.filter(({ spec }) => !isInline(spec)).length;
    if (more === 0 || counted + more <= most) return [];
    return [
      `quota of ${what}: ${counted} exist, the file asks for ${more} more, and an account may have ${most} unless Cloudflare has raised the limit; whatever finds no room waits`,
    ];
  });
}

/** A policy of a single application does not count against the reusable ones. */
function isInline(spec: unknown): boolean {
  return (spec as Partial<AccessPolicySpec>).inlineOf !== undefined;
}
