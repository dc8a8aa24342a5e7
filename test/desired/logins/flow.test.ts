import { describe, expect, it } from 'vitest';
import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { compileFile, find } from '../sample.ts';

const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';
const top = `groups: { admins: {} }
authentik: { url: "http://authentik.lan:9000", domains: { example.dev: { groups: [admins], flow: of-domain } } }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [admins], flow: of-client }
  gitlab: { saml: { acsUrl: "https://gitlab.example.dev/acs" }, groups: [admins], flow: of-saml }`;
const services = `${auth}grafana: { host: grafana.example.dev, origin: app, gate: { authentik: { groups: [admins], flow: of-gate } } }
wiki: { host: wiki.example.dev, origin: app, gate: { authentik: { mode: domain } } }
plain: { host: plain.example.dev, origin: app, gate: { authentik: { groups: [admins] } } }`;
const usual = 'default-provider-authorization-implicit-consent';

describe('a flow of its own', () => {
  it.each([
    ['authentik/proxy-provider', 'grafana-example-dev', 'of-gate', 'services.grafana.gate.authentik.flow'],
    ['authentik/proxy-provider', 'domain-example-dev', 'of-domain', 'authentik.domains.example.dev.flow'],
    ['authentik/oauth2-provider', 'vault', 'of-client', 'clients.vault.flow'],
    ['authentik/saml-provider', 'gitlab/saml', 'of-saml', 'clients.gitlab.flow'],
    ['authentik/proxy-provider', 'plain-example-dev', usual, 'authentik.flows.authorization'],
  ] as const)('%s %s has the flow %s, which the file names at %s', (kind, key, slug, place) => {
    const desired = compileFile(services, top);
    const spec = find(desired, kind, key)?.spec as Partial<ProxyProviderSpec> | undefined;
    expect(spec?.authorizationFlow).toEqual(ref(`authentik/flow:${slug}`));
    expect(spec?.usualFlow).toEqual(ref(`authentik/flow:${usual}`));
    expect(find(desired, 'authentik/flow', slug)).toMatchObject({
      spec: { designation: 'authorization' },
      mustExist: `Authentik has no such flow: correct \`${place}\``,
      because: place,
    });
  });
});
