import { oauth2Provider } from '../../../../reconcilers/authentik/provider/oauth2-provider.ts';
import { proxyProvider } from '../../../../reconcilers/authentik/provider/proxy-provider.ts';
import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { isAtLeast, version } from '../../../../reconcilers/authentik/reading/version.ts';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { Observed } from '../../../core/objects/object.ts';
import * as gate from '../gate.ts';
import { flowPk, theirClient, theirProxy } from '../hands.ts';
import { all, type Drift, one, patched, type WrittenKind } from '../written-kind.ts';

const proxyPath = ({ attributes }: Observed) => `/providers/proxy/${attributes.id}/`;
const clientPath = ({ attributes }: Observed) => `/providers/oauth2/${attributes.id}/`;

/** Grants, and redirect URIs of several types, exist since this release. */
const knowsGrants = (release: string) => isAtLeast(release, '2026.5');

function flowDrifts(path: (have: Observed) => string, repeated: object = {}): readonly Drift[] {
  return [
    {
      field: 'authorizationFlow',
      edit: async (have, { person }) =>
        person.patch(path(have), {
          ...repeated,
          authorization_flow: await flowPk(person, 'default-provider-authorization-explicit-consent'),
        }),
    },
    {
      field: 'invalidationFlow',
      edit: async (have, { person }) =>
        person.patch(path(have), {
          ...repeated,
          invalidation_flow: await flowPk(person, 'default-invalidation-flow'),
        }),
    },
  ];
}

/** Without a mode in the body, the API assumes mode proxy. */
const forward = { mode: 'forward_single' };

const proxyKind: WrittenKind = {
  about: 'proxy-provider',
  reconciler: one(proxyProvider),
  reconcilers: all(version, flow, scopeMapping, proxyProvider),
  desired: (names) => [...gate.leanedOn, gate.wantedProxyProvider(names)],
  beside: theirProxy,
  drifts: (release) => [
    ...patched(proxyPath, [
      ['mode', { mode: 'forward_domain' }],
      ['externalHost', { ...forward, external_host: 'https://other.invalid' }],
      ['internalHostTls', { ...forward, internal_host_ssl_validation: false }],
      ['cookieDomain', { ...forward, cookie_domain: 'other.invalid' }],
      ['skipPathRegex', { ...forward, skip_path_regex: '.*' }],
      ['propertyMappings', { ...forward, property_mappings: [] }],
    ]),
    ...flowDrifts(proxyPath, forward),
    ...(knowsGrants(release) ? patched(clientPath, [['grantTypes', { grant_types: ['implicit'] }]]) : []),
  ],
  remove: (have, { person }) => person.remove(proxyPath(have)),
  owned: 'space',
};

/** A provider through which the requests themselves pass has an internal address. */
const throughKind: WrittenKind = {
  ...proxyKind,
  about: 'proxy-mode-provider',
  desired: (names) => [
    ...gate.leanedOn,
    gate.wantedProxyProvider(names, { mode: 'proxy', internalHost: 'http://app.invalid:3000' }),
  ],
  drifts: () =>
    patched(proxyPath, [
      ['mode', { mode: 'forward_single' }],
      ['internalHost', { mode: 'proxy', internal_host: 'http://other.invalid:3000' }],
    ]),
};

export const proxyKinds: readonly WrittenKind[] = [proxyKind, throughKind];

interface RedirectUri {
  readonly redirect_uri_type?: string;
}

/** A person who changes redirect URIs of one sort must repeat those of the other. */
function uriDrift(field: string, edit: (uris: readonly RedirectUri[]) => readonly RedirectUri[]): Drift {
  return {
    field,
    edit: async (have, { person }) => {
      const { redirect_uris: uris } = await person.get(clientPath(have));
      return person.patch(clientPath(have), { redirect_uris: edit(uris as readonly RedirectUri[]) });
    },
  };
}

const isLogout = ({ redirect_uri_type: type }: RedirectUri) => type === 'logout';

export const clientKind: WrittenKind = {
  about: 'oauth2-provider',
  reconciler: one(oauth2Provider),
  reconcilers: all(
    version,
    flow,
    certificate,
    certificateKeyPair,
    scopeMapping,
    proxyProvider,
    oauth2Provider,
  ),
  desired: gate.clientOf,
  beside: theirClient,
  drifts: (release) => [
    ...patched(clientPath, [
      ['clientType', { client_type: 'public' }],
      ['signingKey', { signing_key: null }],
      ['propertyMappings', { property_mappings: [] }],
      ['subject', { sub_mode: 'user_email' }],
      ['issuer', { issuer_mode: 'global' }],
      ['claimsInIdToken', { include_claims_in_id_token: false }],
      ['codeLifetime', { access_code_validity: 'minutes=10' }],
      ['accessLifetime', { access_token_validity: 'days=300' }],
      ['refreshLifetime', { refresh_token_validity: 'days=300' }],
    ]),
    {
      field: 'encrypted',
      edit: (have, { person }) => {
        const { signingKey } = have.spec as { readonly signingKey: string };
        return person.patch(clientPath(have), { encryption_key: signingKey });
      },
    },
    uriDrift('redirectUris', (uris) => [
      ...uris.filter((uri) => !isLogout(uri)).reverse(),
      ...uris.filter(isLogout),
    ]),
    {
      field: 'secret',
      besides: ['deliver'],
      edit: (have, { person }) => person.patch(clientPath(have), { client_secret: 'by-hand-by-hand' }),
    },
    ...flowDrifts(clientPath),
    ...(knowsGrants(release)
      ? [
          ...patched(clientPath, [['grantTypes', { grant_types: ['implicit'] }]]),
          uriDrift('logoutUris', (uris) => uris.filter((uri) => !isLogout(uri))),
        ]
      : []),
  ],
  remove: (have, { person }) => person.remove(clientPath(have)),
  owned: 'space',
};
