import { describe, expect, it } from 'vitest';
import { accessApplication } from '../../../../reconcilers/cloudflare/access/access-application.ts';
import {
  type AccessIdentityProviderSpec,
  accessIdentityProvider,
} from '../../../../reconcilers/cloudflare/access/access-identity-provider.ts';
import { accessPolicy } from '../../../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../../../reconcilers/cloudflare/access/access-tag.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { canary, failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, accessTag, accessIdentityProvider, accessPolicy, accessApplication];
const kind = 'cloudflare/access-identity-provider';
const key = 'access-home';
const client = { clientId: 'client', clientSecret: `${canary} of the client` };
const written = `identity-provider-home/${key}`;

const spec: AccessIdentityProviderSpec = {
  type: 'oidc',
  authUrl: 'https://auth.example.dev/application/o/authorize/',
  tokenUrl: 'https://auth.example.dev/application/o/token/',
  certsUrl: 'https://auth.example.dev/application/o/access-home/jwks/',
  scopes: ['openid', 'email', 'profile', 'gates'],
  claims: ['gates_groups'],
  emailClaim: 'email',
  pkce: true,
  client: 'kept',
  hosts: ['app.example.dev'],
};

const provider: DesiredObject = { address: { kind, key }, spec, because: 'cloudflare.access' };

/** The wanted objects, with the client's id and secret in the vault, as Authentik returned them. */
function wants(test: TestWorld): readonly DesiredObject[] {
  void test.vault.put(`client-${key}`, client);
  return [provider];
}

const list = (test: TestWorld) => `/accounts/${test.sandbox.accountId}/access/identity_providers`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Changes a provider as a person does, who sends what GET returned with changes and types the secret again. */
function put(have: Observed<unknown>, test: TestWorld, config: object): Promise<unknown> {
  const { id, name, config: before } = have.raw as Row;
  const { redirect_url: _, ...rest } = before;
  return test.edit('PUT', `${list(test)}/${id}`, {
    name,
    type: 'oidc',
    config: { ...rest, client_secret: client.clientSecret, ...config },
  });
}

contract({
  reconciler: accessIdentityProvider,
  reconcilers,
  collection: '/accounts/*/access/identity_providers',
  desired: wants,
  beside: true,
  drifts: [
    { field: 'authUrl', edit: (have, test) => put(have, test, { auth_url: 'https://evil.example.net/a' }) },
    { field: 'tokenUrl', edit: (have, test) => put(have, test, { token_url: 'https://evil.example.net/t' }) },
    { field: 'certsUrl', edit: (have, test) => put(have, test, { certs_url: 'https://evil.example.net/c' }) },
    { field: 'emailClaim', edit: (have, test) => put(have, test, { email_claim_name: 'upn' }) },
    { field: 'pkce', edit: (have, test) => put(have, test, { pkce_enabled: false }) },
    { field: 'scopes', edit: (have, test) => put(have, test, { scopes: ['openid'] }) },
    { field: 'claims', edit: (have, test) => put(have, test, { claims: [] }) },
    { field: 'client', edit: (have, test) => put(have, test, { client_id: 'another' }) },
    { field: 'client', edit: (_, test) => test.vault.remove(written) },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', list(test), { name: `other ${n}`, type: 'github', config: { client_id: 'x' } });
    }
    return list(test);
  },
  remove: ({ id }, test) => test.edit('DELETE', `${list(test)}/${id}`),
});

async function applied(): Promise<TestWorld> {
  const test = await testWorld({ reconcilers });
  expect(failures(await test.apply(wants(test)))).toEqual([]);
  return test;
}

const rows = async (test: TestWorld) => (await test.edit('GET', list(test))) as readonly Row[];

/** An application that allows only this provider. */
const asking: readonly DesiredObject[] = [
  {
    address: { kind: 'cloudflare/access-tag', key: 'gates-home' },
    spec: { name: 'gates-home' },
    because: '',
  },
  {
    address: { kind: 'cloudflare/access-policy', key: 'app.example.dev' },
    spec: {
      decision: 'allow',
      include: [
        {
          oidc: {
            claim_name: 'gates_groups',
            claim_value: 'admins',
            identity_provider_id: ref(`${kind}:${key}`),
          },
        },
      ],
      require: [{ login_method: { id: ref(`${kind}:${key}`) } }],
      exclude: [],
    },
    because: '',
  },
];

function application(login: object): DesiredObject {
  return {
    address: { kind: 'cloudflare/access-application', key: 'app.example.dev' },
    spec: {
      name: 'app.example.dev',
      destinations: ['app.example.dev'],
      policies: [ref('cloudflare/access-policy:app.example.dev')],
      bypass: false,
      waysAround: [],
      ...login,
    },
    needs: ['cloudflare/access-tag:gates-home'],
    because: '',
  };
}

const throughOurs = application({ allowedProviders: [ref(`${kind}:${key}`)], redirectsAtOnce: true });

/** An application that admits people by address alone. */
const byAddress: readonly DesiredObject[] = asking.map((want) =>
  want.address.kind === 'cloudflare/access-policy'
    ? {
        ...want,
        spec: { ...(want.spec as object), include: [{ email: { email: 'me@example.dev' } }], require: [] },
      }
    : want,
);

describe('the secret of the client', () => {
  it('is sent, and recorded as sent', async () => {
    const test = await applied();
    const [row] = await rows(test);
    expect(row).toMatchObject({ name: `gates:home/${key}`, config: { client_id: 'client' } });
    expect(await test.vault.get(written)).toEqual({ id: row?.id, clientSecret: client.clientSecret });
  });

  it('is sent again when Authentik has another, and ends no session for that', async () => {
    const test = await applied();
    await test.vault.put(`client-${key}`, { ...client, clientSecret: `${canary} made anew` });
    const before = test.lastCall();
    expect(failures(await test.apply([provider]))).toEqual([]);
    expect(test.writes(before).map(({ method }) => method)).toEqual(['PUT']);
    expect(pending(await test.plan([provider]))).toEqual([]);
    expect(test.said.join('\n')).not.toContain(canary);
  });

  it('is reported missing by name if the client was not made', async () => {
    const test = await testWorld({ reconcilers });
    const [failure] = failures(await test.apply([provider]));
    expect(failure).toContain("no secret of Access's client");
    expect(test.writes()).toEqual([]);
  });
});

describe('a provider that somebody changed', () => {
  it('ends the sessions of its applications if it has asked somebody else', async () => {
    const test = await applied();
    expect(failures(await test.apply([...wants(test), ...asking, throughOurs]))).toEqual([]);
    const [have] = await test.read(accessIdentityProvider);
    await put(have as Observed<unknown>, test, { certs_url: 'https://evil.example.net/certs' });
    const before = test.lastCall();
    const plan = await test.plan([provider, ...asking, throughOurs]);
    expect(pending(plan).map(({ doors }) => doors)).toEqual([[{ host: 'app.example.dev', step: 'guard' }]]);
    expect(failures(await test.carryOut(plan))).toEqual([]);
    expect(test.writes(before).map(({ path }) => path.split('/').at(-1))).toEqual([
      have?.id,
      'revoke_tokens',
    ]);
  });

  it('keeps a person’s other settings when it is written completely', async () => {
    const test = await applied();
    const [row] = await rows(test);
    await test.edit('PUT', `${list(test)}/${row?.id}`, {
      name: row?.name,
      type: 'oidc',
      config: { ...row?.config, client_secret: 'x', claims: [], redirect_url: undefined },
      scim_config: { enabled: false, identity_update_behavior: 'reauth' },
    });
    expect(failures(await test.apply([provider]))).toEqual([]);
    expect((await rows(test))[0]).toMatchObject({ scim_config: { identity_update_behavior: 'reauth' } });
  });
});

describe('the one-time PIN', () => {
  const pin: DesiredObject = { address: { kind, key: 'onetimepin' }, spec: {}, because: 'breakGlass' };

  it('is created if there is none, and never removed', async () => {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply([pin]))).toEqual([]);
    const before = test.lastCall();
    expect(failures(await test.apply([pin]))).toEqual([]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
    expect(await rows(test)).toMatchObject([{ name: 'One-time PIN', type: 'onetimepin' }]);
  });

  it('is used unchanged, whoever made it', async () => {
    const test = await testWorld({ reconcilers });
    await test.edit('POST', list(test), { name: 'Code by mail', type: 'onetimepin', config: {} });
    const before = test.lastCall();
    expect(failures(await test.apply([pin], { adopt: true }))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
  });
});

describe('an application with this provider', () => {
  it('releases it before it is removed, and a foreign provider stays', async () => {
    const test = await applied();
    await test.apply([...wants(test), ...asking, throughOurs]);
    const apps = `/accounts/${test.sandbox.accountId}/access/apps`;
    const github = (await test.edit('POST', list(test), {
      name: 'theirs',
      type: 'github',
      config: {},
    })) as Row;
    const [app] = await test.read(accessApplication);
    expect(app?.spec).toMatchObject({ redirectsAtOnce: true, ownProviders: app?.spec.allowedProviders });
    const both = [...(app?.spec.allowedProviders ?? []), github.id];
    await test.edit('PUT', `${apps}/${app?.id}`, {
      ...(app?.raw as object),
      allowed_idps: both,
      auto_redirect_to_identity: false,
    });
    expect(failures(await test.apply([...byAddress, application({})]))).toEqual([]);
    expect((await test.read(accessApplication))[0]?.spec.allowedProviders).toEqual([github.id]);
    expect(await rows(test)).toMatchObject([{ name: 'theirs' }]);
    expect(pending(await test.plan([...byAddress, application({})]))).toEqual([]);
  });

  it('is left alone if the file says nothing and it uses none of ours', async () => {
    const test = await testWorld({ reconcilers });
    const github = (await test.edit('POST', list(test), {
      name: 'theirs',
      type: 'github',
      config: {},
    })) as Row;
    const wanted = [...byAddress, application({})];
    await test.apply(wanted);
    const apps = `/accounts/${test.sandbox.accountId}/access/apps`;
    const [app] = await test.read(accessApplication);
    await test.edit('PUT', `${apps}/${app?.id}`, { ...(app?.raw as object), allowed_idps: [github.id] });
    expect(pending(await test.plan(wanted))).toEqual([]);
  });
});

describe('a home where Access logs nobody in through Authentik', () => {
  it('needs no identity provider', async () => {
    const test = await testWorld({ reconcilers });
    const pass = test.pass();
    const { accessLogin: _, ...scope } = pass.scope;
    const before = test.lastCall();
    expect(await createWorld({ ...pass, scope }).read(accessIdentityProvider)).toEqual([]);
    const asked = test.sandbox.calls().filter(({ n }) => n > before);
    expect(asked.map(({ path }) => path)).not.toContain(expect.stringContaining('identity_providers'));
    expect(asked.filter(({ path }) => path.includes('identity_providers'))).toEqual([]);
  });
});
