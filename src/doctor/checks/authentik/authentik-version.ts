import { isAtLeast } from '../../../../reconcilers/authentik/reading/version.ts';
import { readName } from '../../../core/objects/marker.ts';
import { type CheckJudgment, check, ok, problem, warning } from '../../chart/check.ts';

/** The releases with which gates is tested. */
const oldest = '2025.8';
const newest = '2026.8';

/** Since this release, a login fails if its provider lists no grant types (authentik#20363). */
const grantTypesSince = '2026.5';

interface ProviderReply {
  readonly name: string;
  readonly grant_types?: readonly string[];
  readonly assigned_application_name?: string | null;
}

interface Seen {
  readonly version: string;
  /** The providers without grant types that an application uses; none if the server shows no grant types. */
  readonly withoutGrants: readonly ProviderReply[];
}

/** Checks the release, and the known problems with it. */
export const authentikVersion = check<Seen | undefined>({
  name: 'version',
  area: 'authentik',
  asks: 'authentik',
  async ask({ authentik }) {
    const reply = (await authentik.get('/admin/version/')) as
      | { readonly version_current?: string }
      | undefined;
    const version = reply?.version_current;
    if (version === undefined) return undefined;
    const providers = (await authentik.list('/providers/oauth2/')) as readonly ProviderReply[];
    const used = providers.filter(
      ({ assigned_application_name: name }) => typeof name === 'string' && name !== '',
    );
    return { version, withoutGrants: used.filter(({ grant_types: grants }) => grants?.length === 0) };
  },
  judge(seen, { config }) {
    if (seen === undefined) return [];
    const { version, withoutGrants } = seen;
    const ours = withoutGrants.filter(({ name }) => readName(name).owner === config?.owner);
    return [
      releaseOf(version),
      ...withoutGrants.map((provider) =>
        warning('grant-types', {
          about: provider.name,
          text: `The provider of "${provider.assigned_application_name}" lists no grant types: every login there fails since ${grantTypesSince}`,
          hint: ours.includes(provider)
            ? '`gates apply` puts it right'
            : 'Edit the provider and choose "Authorization code" and "Refresh token"',
        }),
      ),
    ];
  },
});

function releaseOf(version: string): CheckJudgment {
  if (!isAtLeast(version, oldest)) {
    return problem('authentik-version', {
      text: `Authentik ${version} is older than ${oldest}, the oldest that gates works with`,
      hint: 'Upgrade it, one release after the other',
    });
  }
  if (isAtLeast(newest, version.split('.').slice(0, 2).join('.')))
    return ok(`Authentik ${version}${trapsOf(version)}`);
  return warning('authentik-version', {
    text: `Authentik ${version} is newer than ${newest}, the newest that gates was tested with`,
    hint: 'Look at `gates plan` before you apply, and at the changelog of gates for a newer version',
  });
}

/** The problems of a release that its API does not show. */
function trapsOf(version: string): string {
  if (isAtLeast(version, '2026.8')) {
    return ': it believes X-Forwarded headers from private networks alone (AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS), so Traefik has to be in one';
  }
  if (!isAtLeast(version, '2025.12')) {
    return ': an outpost of it that has one provider answers for every host';
  }
  return '';
}
