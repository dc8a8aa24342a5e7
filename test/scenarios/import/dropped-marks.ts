import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { askAdmin } from '../stage/hand.ts';

type Row = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly pk: string;
  readonly name: string;
};

interface State {
  readonly apps: readonly (Row & { readonly tags: readonly string[] })[];
  readonly policies: readonly Row[];
  readonly records: readonly (Row & { readonly comment: string | null; readonly zoneId: string })[];
  readonly authentik: {
    readonly providers: readonly Row[];
    readonly applications: readonly (Row & { readonly slug: string; readonly meta_publisher: string })[];
    readonly groups: readonly (Row & { readonly attributes: Row })[];
  };
}

const mark = 'gates:home';

/** True for our mark, alone or before the text of a person; `gates:homer` is another owner's. */
function isOurs(text: string | null): boolean {
  return text === mark || text?.startsWith(`${mark} `) === true;
}

/**
 * Takes our marks off all objects, as if a person had made them in the dashboards. Service tokens keep theirs: gates
 * cannot take over the secret of a token that it did not make.
 */
export async function dropMarks(sandbox: Sandbox): Promise<void> {
  const edit = async (system: 'cloudflare' | 'authentik', method: string, path: string, body?: unknown) => {
    const reply = await askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', system, method, path, body });
    const { result } = reply as { readonly result?: unknown };
    return (result ?? reply) as Row;
  };
  const state = (await askAdmin(sandbox, 'GET', '/state')) as State;
  const access = `/accounts/${sandbox.accountId}/access`;
  for (const { id, comment, zoneId } of state.records.filter((record) => isOurs(record.comment)))
    await edit('cloudflare', 'PATCH', `/zones/${zoneId}/dns_records/${id}`, {
      comment: (comment ?? '').slice(mark.length).trimStart(),
    });
  for (const { id, name } of state.policies.filter((policy) => policy.name.startsWith(`${mark}/`))) {
    const live = await edit('cloudflare', 'GET', `${access}/policies/${id}`);
    await edit('cloudflare', 'PUT', `${access}/policies/${id}`, {
      ...live,
      name: `policy of ${name.slice(11)}`,
    });
  }
  for (const { id } of state.apps.filter(({ tags }) => tags.includes('gates-home'))) {
    const live = await edit('cloudflare', 'GET', `${access}/apps/${id}`);
    const policies = (live.policies as readonly Row[]).map((policy, index) => ({
      id: policy.id,
      precedence: index + 1,
    }));
    await edit('cloudflare', 'PUT', `${access}/apps/${id}`, { ...live, policies, tags: [] });
  }
  const { providers, applications, groups } = state.authentik;
  for (const { pk, name, ...provider } of providers.filter((each) => each.name.startsWith(`${mark}/`))) {
    const sort =
      ['saml', 'ldap'].find((part) => part in provider) ?? ('external_host' in provider ? 'proxy' : 'oauth2');
    await edit('authentik', 'PATCH', `/api/v3/providers/${sort}/${pk}/`, {
      name: `Provider for ${name.slice(11)}`,
    });
  }
  for (const { slug } of applications.filter((each) => isOurs(each.meta_publisher)))
    await edit('authentik', 'PATCH', `/api/v3/core/applications/${slug}/`, { meta_publisher: '' });
  for (const { pk } of groups.filter(({ attributes }) => attributes['gates/owner'] === 'home'))
    await edit('authentik', 'PATCH', `/api/v3/core/groups/${pk}/`, { attributes: {} });
}
