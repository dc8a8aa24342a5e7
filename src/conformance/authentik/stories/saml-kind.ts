import { flow } from '../../../../reconcilers/authentik/reading/flow.ts';
import { version } from '../../../../reconcilers/authentik/reading/version.ts';
import { samlMapping } from '../../../../reconcilers/authentik/saml/saml-mapping.ts';
import { samlProvider } from '../../../../reconcilers/authentik/saml/saml-provider.ts';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { Observed } from '../../../core/objects/object.ts';
import * as gate from '../gate.ts';
import { flowPk, theirSamlProvider } from '../hands.ts';
import { all, type Drift, one, patched, type WrittenKind } from '../written-kind.ts';

const path = ({ attributes }: Observed) => `/providers/saml/${attributes.id}/`;

const flowDrift = (
  field: string,
  written: string,
  slug: 'default-provider-authorization-explicit-consent' | 'default-invalidation-flow',
): Drift => ({
  field,
  edit: async (have, { person }) => person.patch(path(have), { [written]: await flowPk(person, slug) }),
});

/** A provider of SAML: what an application of its own protocol depends on. */
export const samlKind: WrittenKind = {
  about: 'saml-provider',
  reconciler: one(samlProvider),
  reconcilers: all(version, flow, certificate, certificateKeyPair, samlMapping, samlProvider),
  desired: gate.samlClientOf,
  beside: theirSamlProvider,
  drifts: () => [
    ...patched(path, [
      ['acsUrl', { acs_url: 'https://elsewhere.invalid/acs' }],
      ['audience', { audience: '' }],
      ['binding', { sp_binding: 'redirect' }],
      ['nameIdMapping', { name_id_mapping: null }],
      ['nameIdFormat', { default_name_id_policy: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' }],
      ['propertyMappings', { property_mappings: [] }],
      ['signs', { sign_response: true }],
    ]),
    {
      // Without a key nothing may be signed.
      field: 'signingKey',
      besides: ['signs'],
      edit: (have, { person }) =>
        person.patch(path(have), { signing_kp: null, sign_assertion: false, sign_response: false }),
    },
    flowDrift('authorizationFlow', 'authorization_flow', 'default-provider-authorization-explicit-consent'),
    flowDrift('invalidationFlow', 'invalidation_flow', 'default-invalidation-flow'),
  ],
  remove: (have, { person }) => person.remove(path(have)),
  owned: 'space',
};
