import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { handleAuthentik } from '../../../../src/lab/sandbox/authentik/index.ts';
import { firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import type { AuthentikVersion } from '../../../../src/lab/sandbox/state/authentik-version.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { createApi } from './api.ts';
import { addGroup, call, flowsOf } from './gate.ts';

const ACS = 'https://gitlab.example.dev/users/auth/saml/callback';
const UNSIGNED =
  "With a signing keypair selected, at least one of 'Sign assertion' and 'Sign Response' must be selected.";

let world: World;
beforeEach(() => {
  world = firstWorld({ zones: ['example.dev'] });
});

interface Visit {
  method?: 'GET' | 'POST';
  cookie?: string;
  form?: Record<string, string>;
}

async function visit(path: string, { method = 'GET', cookie, form }: Visit = {}): Promise<Response> {
  const headers = {
    ...(cookie !== undefined && { cookie }),
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const body = form === undefined ? {} : { body: new URLSearchParams(form).toString() };
  return handleAuthentik(world, new Request(`https://auth.example.dev${path}`, { method, headers, ...body }));
}

/** Logs in at the page to which Authentik sent the browser, and returns the cookie and the next path. */
async function loggedInAt(location: string, who: string): Promise<{ cookie: string; next: string }> {
  const reply = await visit(location, { method: 'POST', form: { uid_field: who } });
  const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { cookie, next: reply.headers.get('location') ?? '' };
}

/** Makes a SAML provider `gitlab`, its application, and a group with the member jo. */
async function gitlab(more: object = {}): Promise<{ pk: number; application: string }> {
  const { pk } = await call(world, 'POST', '/providers/saml/', {
    name: 'gitlab',
    ...flowsOf(world),
    acs_url: ACS,
    audience: 'https://gitlab.example.dev',
    signing_kp: world.authentik.keyPairs[0]?.pk,
    sign_assertion: true,
    sp_binding: 'post',
    property_mappings: world.authentik.samlMappings.map((row) => row.pk),
    ...more,
  });
  const app = await call(world, 'POST', '/core/applications/', {
    name: 'GitLab',
    slug: 'gitlab',
    provider: pk,
  });
  const group = await addGroup(world, 'family', ['jo']);
  await call(world, 'POST', '/policies/bindings/', { target: app.pk, group, order: 0 });
  return { pk, application: app.pk };
}

const authnRequest = (address: string | null, format?: string) =>
  `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"${
    address === null ? '' : ` AssertionConsumerServiceURL="${address}"`
  }>${format === undefined ? '' : `<samlp:NameIDPolicy Format="${format}"/>`}</samlp:AuthnRequest>`;

const redirectPath = (xml: string) =>
  `/application/saml/gitlab/sso/binding/redirect/?${new URLSearchParams({
    SAMLRequest: deflateRawSync(xml).toString('base64'),
    RelayState: 'r',
  })}`;

/** The answer in the page that posts it to the application. */
function assertionIn(page: string): string {
  const text = /name="SAMLResponse" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return Buffer.from(text, 'base64').toString('utf8');
}

describe('a login by SAML', () => {
  it('admits a member after the login, and posts an assertion to the one address of the provider', async () => {
    await gitlab();
    const first = await visit(redirectPath(authnRequest(ACS)));
    const location = first.headers.get('location') ?? '';
    expect([first.status, location]).toEqual([302, expect.stringContaining('/if/flow/')]);
    const { cookie, next } = await loggedInAt(location, 'jo');
    const reply = await visit(next, { cookie });
    const page = await reply.text();
    expect(page).toContain(`<form method="post" action="${ACS}">`);
    expect(page).toContain('name="RelayState" value="r"');
    const assertion = assertionIn(page);
    expect(assertion).toContain('<saml:Audience>https://gitlab.example.dev</saml:Audience>');
    expect(assertion).toContain('InResponseTo="_1"');
    expect(assertion).toContain('<saml:AttributeValue>family</saml:AttributeValue>');
    expect(assertion).toContain('<ds:X509Certificate>');
    expect(assertion).toContain(
      '<saml:Issuer>https://auth.example.dev/application/saml/gitlab/metadata/</saml:Issuer>',
    );
  });

  it('admits nobody else, and everybody once the last binding is gone', async () => {
    const { application } = await gitlab();
    const location = (await visit(redirectPath(authnRequest(null)))).headers.get('location') ?? '';
    const { cookie, next } = await loggedInAt(location, 'akadmin');
    const refused = await visit(next, { cookie });
    expect(refused.headers.get('x-sandbox-access')).toBe('denied');
    expect(await refused.text()).not.toContain('SAMLResponse');
    const bindings = await call(world, 'GET', `/policies/bindings/?target=${application}`);
    await call(world, 'DELETE', `/policies/bindings/${bindings.results[0].pk}/`);
    expect(assertionIn(await (await visit(next, { cookie })).text())).toContain('samlp:Response');
  });

  it('refuses an answer to another address, an unreadable request and none', async () => {
    await gitlab();
    const other = await visit(redirectPath(authnRequest('https://evil.example.net/acs')));
    expect([other.status, await other.text()]).toEqual([400, expect.stringContaining('doesn')]);
    expect((await visit(redirectPath('nonsense'))).status).toBe(400);
    expect((await visit('/application/saml/gitlab/sso/binding/redirect/')).status).toBe(400);
    expect((await visit('/application/saml/nobody/sso/binding/init/')).status).toBe(404);
  });

  it('continues after a request by POST, and answers by redirect if the provider says so', async () => {
    await gitlab({ sp_binding: 'redirect' });
    const form = { SAMLRequest: Buffer.from(authnRequest(ACS)).toString('base64'), RelayState: 'r' };
    const path = '/application/saml/gitlab/sso/binding/post/';
    const location = (await visit(path, { method: 'POST', form })).headers.get('location') ?? '';
    const { cookie, next } = await loggedInAt(location, 'jo');
    const answer = new URL((await visit(next, { cookie })).headers.get('location') ?? '');
    expect(answer.origin + answer.pathname).toBe(ACS);
    const text = Buffer.from(answer.searchParams.get('SAMLResponse') ?? '', 'base64');
    expect(inflateRawSync(text).toString()).toContain('InResponseTo="_1"');
  });

  it.each([
    ['the format that the application asks for', {}, 'emailAddress', 'jo@example.dev'],
    ['the mapping of the provider, whatever it asks for', { username: true }, 'emailAddress', 'jo'],
  ])('names a person by %s', async (_, { username = false }: { username?: boolean }, format, name) => {
    const mapping = world.authentik.samlMappings.find(({ managed }) => managed?.endsWith('/username'))?.pk;
    await gitlab(username ? { name_id_mapping: mapping } : {});
    const path = redirectPath(authnRequest(ACS, `urn:oasis:names:tc:SAML:1.1:nameid-format:${format}`));
    const { cookie, next } = await loggedInAt((await visit(path)).headers.get('location') ?? '', 'jo');
    expect(assertionIn(await (await visit(next, { cookie })).text())).toContain(`>${name}</saml:NameID>`);
  });

  it.each<[AuthentikVersion, number, string]>([
    ['2026.2', 404, 'authentik'],
    ['2026.5', 302, 'https://auth.example.dev/application/saml/gitlab/metadata/'],
  ])('of %s answers one address for all with %i, and its issuer is %s', async (version, status, issuer) => {
    world = firstWorld({ zones: ['example.dev'], authentikVersion: version });
    const { pk } = await gitlab();
    const query = redirectPath(authnRequest(ACS)).split('?')[1];
    expect((await visit(`/application/saml/gitlab/?${query}`)).status).toBe(status);
    const moved = await visit('/application/saml/gitlab/metadata/');
    const metadata = await visit(moved.headers.get('location') ?? '');
    expect(moved.headers.get('location')).toBe(`/api/v3/providers/saml/${pk}/metadata/?download`);
    expect(await metadata.text()).toContain(`entityID="${issuer}"`);
    expect(metadata.headers.get('content-type')).toBe('application/xml');
  });
});

describe('a SAML provider', () => {
  it('is in no list of OAuth2 providers, and has none of their endpoints', async () => {
    const { pk } = await gitlab();
    expect((await call(world, 'GET', '/providers/oauth2/')).results).toEqual([]);
    expect((await visit('/application/o/gitlab/.well-known/openid-configuration')).status).toBe(404);
    expect((await call(world, 'GET', '/providers/all/')).results).toMatchObject([
      { pk, component: 'ak-provider-saml-form', verbose_name: 'SAML Provider' },
    ]);
  });

  it('needs name, flows and a valid address, and a name that no provider has', async () => {
    const api = createApi();
    expect(await api.refused(400, 'POST', '/providers/saml/', {})).toEqual({
      name: ['This field is required.'],
      authorization_flow: ['This field is required.'],
      invalidation_flow: ['This field is required.'],
      acs_url: ['This field is required.'],
    });
    await api.oauth2('taken');
    const { authorization_flow, invalidation_flow } = api;
    const body = { name: 'taken', authorization_flow, invalidation_flow, acs_url: 'gitlab' };
    expect(await api.refused(400, 'POST', '/providers/saml/', body)).toEqual({
      name: ['provider with this name already exists.'],
      acs_url: ['Enter a valid URL.'],
    });
  });

  it('with a key pair has to name what it signs, in every body that names the pair', async () => {
    const api = createApi();
    const { authorization_flow, invalidation_flow } = api;
    const signing_kp = api.world.authentik.keyPairs[0]?.pk;
    const body = { name: 'a', authorization_flow, invalidation_flow, acs_url: ACS, signing_kp };
    const refusal = { non_field_errors: [UNSIGNED] };
    expect(await api.refused(400, 'POST', '/providers/saml/', body)).toEqual(refusal);
    const { pk } = await api.done('POST', '/providers/saml/', { ...body, sign_assertion: true });
    expect(await api.refused(400, 'PATCH', `/providers/saml/${pk}/`, { signing_kp })).toEqual(refusal);
    await api.done('PATCH', `/providers/saml/${pk}/`, { signing_kp, sign_response: true });
    expect(await api.done('GET', `/crypto/certificatekeypairs/${signing_kp}/used_by/`)).toMatchObject([
      { app: 'authentik_providers_saml', model_name: 'samlprovider', name: 'SAML Provider a' },
    ]);
  });

  it('has addresses only with an application', async () => {
    const api = createApi();
    const { authorization_flow, invalidation_flow } = api;
    const body = { name: 'a', authorization_flow, invalidation_flow, acs_url: ACS };
    const made = await api.done('POST', '/providers/saml/', body);
    expect(made).toMatchObject({ url_sso_post: '-', url_issuer: '-', sp_binding: 'post' });
    await api.done('POST', '/core/applications/', { name: 'A', slug: 'a', provider: made.pk });
    expect(await api.done('GET', `/providers/saml/${made.pk}/`)).toMatchObject({
      url_sso_post: 'http://authentik.test/application/saml/a/sso/binding/post/',
      url_issuer: 'http://authentik.test/application/saml/a/metadata/',
    });
    const [application] = (await api.done('GET', '/core/applications/?superuser_full_list=true')).results;
    expect(application.launch_url).toBe('/application/saml/a/sso/binding/init/');
  });

  it('needs permissions of its own', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_providers_oauth2.view_oauth2provider');
    await weak.refused(403, 'GET', '/providers/saml/');
    const viewer = await api.limited('authentik_providers_saml.view_samlprovider');
    await viewer.done('GET', '/providers/saml/');
    await viewer.refused(403, 'POST', '/providers/saml/', {});
  });
});
