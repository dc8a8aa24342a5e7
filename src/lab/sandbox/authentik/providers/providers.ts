import type { ProviderRow } from '../../state/provider-row.ts';
import { ended, isTrue, type Model, modelRoutes, visibleRow } from '../api/model.ts';
import { need } from '../api/permission.ts';
import { type AuthentikReply, noContent } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { isLdap, ldapModel } from './ldap-providers.ts';
import { oauth2Model } from './oauth2-providers.ts';
import { providerUsers, providerView, releaseProvider } from './provider.ts';
import { isProxy, proxyModel } from './proxy-providers.ts';
import { isSaml, samlModel } from './saml-providers.ts';

/** Providers of every type, each with its own name; the endpoints of their types make and change them. */
const allModel: Model<ProviderRow> = {
  app: 'authentik_core',
  model: 'provider',
  className: 'Provider',
  path: '/providers/all/',
  lookup: 'pk',
  keyKind: 'integer',
  parameter: 'id',
  table: (state) => state.providers,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {},
  ordering: 'name',
  searched: ['name'],
  filters: {
    application__isnull: isTrue(
      (row, { state }) => !state.applications.some(({ provider }) => provider === row.pk),
    ),
    backchannel: isTrue(() => false),
  },
  view: ({ state }, row) => providerView(state, row),
  create: () => {
    throw new TypeError('providers are made at the endpoints of their types');
  },
  remove: releaseProvider,
  usedBy: providerUsers,
};

export const providerRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(allModel, ['list', 'retrieve', 'used_by']),
  ['DELETE', '/providers/all/{id}/', deleteProvider],
];

function deleteProvider(call: AuthentikCall): AuthentikReply {
  const row = visibleRow(allModel, call);
  need(call, 'authentik_core.delete_provider');
  endProvider(call, row);
  return noContent;
}

/** Removes a provider as its own type. */
export function endProvider(call: AuthentikCall, row: ProviderRow): void {
  if (isProxy(row)) ended(proxyModel, call, row);
  else if (isSaml(row)) ended(samlModel, call, row);
  else if (isLdap(row)) ended(ldapModel, call, row);
  else ended(oauth2Model, call, row);
}
