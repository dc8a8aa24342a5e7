import { readName } from '../../../../src/core/objects/marker.ts';
import type { World } from '../../../../src/core/world.ts';
import { sameSet } from '../../../shared/set.ts';
import { identityProviderRow } from '../identity-provider/identity-provider-row.ts';

/** The fields of an application's spec that say how people log in there; see access-application.ts. */
interface Login {
  readonly allowedProviders?: readonly string[];
  readonly redirectsAtOnce?: boolean;
  readonly ownProviders?: readonly string[];
}

interface LoginReply {
  readonly allowed_idps?: readonly string[] | null;
  readonly auto_redirect_to_identity?: boolean | null;
}

/** Ids of our identity providers. Read only if one of these applications, which are ours, names providers. */
export async function ownProviders(
  replies: readonly LoginReply[],
  world: World,
): Promise<ReadonlySet<string>> {
  if (!replies.some(({ allowed_idps: allowed }) => (allowed ?? []).length > 0)) return new Set();
  const rows = await world.read(identityProviderRow);
  return new Set(
    rows.filter(({ spec }) => readName(spec.name).owner === world.scope.owner).map(({ id }) => id),
  );
}

/** The login of a reply. A field that the application does not set is absent, so that gates never sends it. */
export function loginOf(reply: LoginReply, own: ReadonlySet<string>): Login {
  const allowed = reply.allowed_idps ?? [];
  const ours = allowed.filter((id) => own.has(id));
  return {
    ...(allowed.length > 0 && { allowedProviders: allowed }),
    ...(reply.auto_redirect_to_identity === true && { redirectsAtOnce: true }),
    ...(ours.length > 0 && { ownProviders: ours }),
  };
}

/** The fields that differ. If the file names no providers, only our own providers count as a difference. */
export function loginDrift(want: Login, have: Login): readonly string[] {
  const { allowedProviders, redirectsAtOnce } = want;
  const differs =
    allowedProviders === undefined
      ? have.ownProviders !== undefined
      : !sameSet(allowedProviders, have.allowedProviders ?? []);
  const redirects = redirectsAtOnce !== undefined && redirectsAtOnce !== (have.redirectsAtOnce ?? false);
  return [...(differs ? ['allowedProviders'] : []), ...(redirects ? ['redirectsAtOnce'] : [])];
}

export function loginBody({ allowedProviders, redirectsAtOnce }: Login): Readonly<Record<string, unknown>> {
  return {
    ...(allowedProviders !== undefined && { allowed_idps: allowedProviders }),
    ...(redirectsAtOnce !== undefined && { auto_redirect_to_identity: redirectsAtOnce }),
  };
}

/**
 * The body that removes our identity providers from an application, if the file no longer says anything about its
 * login.
 */
export function withoutOwn(
  want: Login,
  have: Login,
  live: readonly string[],
): Readonly<Record<string, unknown>> {
  const { ownProviders: own } = have;
  if (want.allowedProviders !== undefined || own === undefined) return {};
  const remaining = live.filter((id) => !own.includes(id));
  return { allowed_idps: remaining, ...(remaining.length !== 1 && { auto_redirect_to_identity: false }) };
}

/** True if people may be in by a provider that is no longer allowed. An application without a list allows all. */
export function allowsLess({ allowedProviders: want }: Login, { allowedProviders: have }: Login): boolean {
  if (want === undefined || want.length === 0) return false;
  return have === undefined || have.some((id) => !want.includes(id));
}

export function allowsMore(
  { allowedProviders: want = [] }: Login,
  { allowedProviders: have }: Login,
): boolean {
  if (have === undefined) return false;
  return want.length === 0 || want.some((id) => !have.includes(id));
}
