import type { Query } from '../core/world.ts';

/** One GET: a list with all its pages, or one object. */
export interface ExportQuestion {
  readonly how: 'list' | 'get';
  readonly path: string;
  readonly query?: Query;
  /** The order of the list has a meaning, so it is kept. */
  readonly isOrdered?: true;
  /** Every valid token may ask this, so a refusal ends the export. */
  readonly isNeeded?: true;
}

const list = (path: string, query?: Query): ExportQuestion => ({
  how: 'list',
  path,
  ...(query !== undefined && { query }),
});
const get = (path: string): ExportQuestion => ({ how: 'get', path });

/** Everything that gates reads of an account, except its zones. */
export function questionsOfAccount(id: string): readonly ExportQuestion[] {
  const access = `/accounts/${id}/access`;
  return [
    get(`${access}/organizations`),
    list(`${access}/identity_providers`, { per_page: 1000 }),
    list(`${access}/tags`, { per_page: 1000 }),
    list(`${access}/service_tokens`, { per_page: 1000 }),
    list(`${access}/policies`, { per_page: 1000 }),
    list(`${access}/apps`, { per_page: 1000 }),
    list(`/accounts/${id}/devices/posture`, { per_page: 1000 }),
    list(`${access}/certificates`, { per_page: 1000 }),
  ];
}

export function tunnelsOfAccount(account: string): ExportQuestion {
  return list(`/accounts/${account}/cfd_tunnel`, { is_deleted: false, per_page: 1000 });
}

export function configurationOf(account: string, tunnel: string): ExportQuestion {
  return get(`/accounts/${account}/cfd_tunnel/${tunnel}/configurations`);
}

/** Everything that gates reads of a zone. A zone without API Shield refuses the last three. */
export function questionsOfZone(id: string): readonly ExportQuestion[] {
  const zone = `/zones/${id}`;
  const phases = ['firewall_custom', 'firewall_managed', 'cache_settings'];
  return [
    list(`${zone}/dns_records`, { per_page: 5000 }),
    ...phases.map((phase) => get(`${zone}/rulesets/phases/http_request_${phase}/entrypoint`)),
    get(`${zone}/bot_management`),
    list(`${zone}/token_validation/config`, { per_page: 50 }),
    { ...list(`${zone}/token_validation/rules`, { per_page: 50 }), isOrdered: true },
    list(`${zone}/api_gateway/operations`, { per_page: 50 }),
  ];
}

export const applications: ExportQuestion = list('/core/applications/', { superuser_full_list: true });

/** Everything that gates reads of Authentik except applications, and the people, whom a copy needs for logins. */
export const questionsOfAuthentik: readonly ExportQuestion[] = [
  get('/admin/version/'),
  { ...get('/core/users/me/'), isNeeded: true },
  list('/core/users/'),
  list('/core/groups/', { include_users: false }),
  list('/providers/oauth2/'),
  list('/providers/proxy/'),
  list('/providers/saml/'),
  list('/providers/ldap/'),
  list('/policies/bindings/'),
  list('/outposts/instances/'),
  list('/flows/instances/'),
  list('/crypto/certificatekeypairs/'),
  list('/propertymappings/provider/scope/'),
  list('/propertymappings/provider/saml/'),
];
