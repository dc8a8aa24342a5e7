import { beforeEach, describe, expect, it } from 'vitest';
import { mayEnter } from '../../../../src/lab/sandbox/authentik/oidc/authorize.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import { type Api, createApi } from './api.ts';

const EXPLICIT = 'default-provider-authorization-explicit-consent';
let api: Api;
let provider: number;
let target: string;
let group: string;

beforeEach(async () => {
  api = createApi();
  ({ pk: provider } = await api.oauth2('vault'));
  ({ pk: target } = await api.done('POST', '/core/applications/', {
    name: 'Vault',
    slug: 'vault',
    provider,
  }));
  ({ pk: group } = await api.done('POST', '/core/groups/', { name: 'family', users: [4] }));
  await bind({ group });
});

async function bind(more: object): Promise<{ pk: string }> {
  const { pagination } = await api.done('GET', `/policies/bindings/?target=${target}`);
  return api.done('POST', '/policies/bindings/', { target, order: pagination.count, ...more });
}

async function policyOf(name: string, expression: string): Promise<string> {
  return (await api.done('POST', '/policies/expression/', { name, expression })).pk;
}

async function useFlow(slug: string): Promise<void> {
  const { pk } = await api.done('GET', `/flows/instances/${slug}/`);
  await api.done('PATCH', `/providers/oauth2/${provider}/`, { authorization_flow: pk });
}

async function demandAll(): Promise<void> {
  await api.done('PATCH', '/core/applications/vault/', { policy_engine_mode: 'all' });
}

function enters(username: string, ...passed: string[]): boolean {
  const user = api.world.authentik.users.find((row) => row.username === username);
  if (user === undefined) throw new Error('the first world has this person');
  return mayEnter(api.world, provider, user, passed);
}

const member = 'jo';
const akadmin = 'akadmin';

describe('an authorization flow', () => {
  beforeEach(async () => {
    const mfa = { name: 'MFA', slug: 'mfa', title: 'MFA', designation: 'authorization' };
    await api.done('POST', '/flows/instances/', mfa);
  });

  it('that somebody made admits only those who pass it, after the bindings', async () => {
    expect(enters(member)).toBe(true);
    await useFlow('mfa');
    expect([enters(member), enters(member, 'flow mfa'), enters(akadmin, 'flow mfa')]).toEqual([
      ...[false, true, false],
    ]);
  });

  it('of a consent admits everybody', async () => {
    await useFlow(EXPLICIT);
    expect(enters(member)).toBe(true);
  });

  it('has one slug, and a designation that Authentik knows', async () => {
    const mfa = { name: 'Again', slug: 'mfa', title: 'Again', designation: 'authorization' };
    expect(await api.refused(400, 'POST', '/flows/instances/', mfa)).toEqual({
      slug: ['Flow with this slug already exists.'],
    });
    const other = { ...mfa, slug: 'other', designation: 'admission' };
    expect(await api.refused(400, 'POST', '/flows/instances/', other)).toEqual({
      designation: ['"admission" is not a valid choice.'],
    });
  });
});

describe('a policy', () => {
  it('admits beside the groups in mode any, and is asked for too in mode all', async () => {
    await bind({ policy: await policyOf('office', 'return ak_client_ip in office') });
    const verdicts = () => [
      ...[enters(member), enters(member, 'policy office'), enters(akadmin, 'policy office')],
      enters(akadmin),
    ];
    expect(verdicts()).toEqual([true, true, true, false]);
    await demandAll();
    expect(verdicts()).toEqual([false, true, false, false]);
  });

  it('that raises an error has the failure result of its binding, whoever asks', async () => {
    await demandAll();
    const policy = await policyOf('broken', 'raise Exception("no database")');
    const binding = await bind({ policy });
    expect(enters(member, 'policy broken')).toBe(false);
    const path = `/policies/bindings/${binding.pk}/`;
    const body = { target, policy, group: null, user: null, order: 1, failure_result: true };
    await api.done('PUT', path, body);
    expect(enters(member)).toBe(true);
    await api.done('PUT', path, { ...body, negate: true });
    expect(enters(member)).toBe(false);
  });
});

/** The people who get a code for the client although the guard does not admit them. */
function caught(require: object[]): string[] {
  const admit = { rules: [{ include: [{ groups: ['family'] }], require }] };
  api.world.guards = [{ host: 'vault.client.invalid', client: 'vault', admit }];
  return judge(api.world, 1).map(({ principal }) => principal);
}

it('the oracle tries each person with and without what a flow or a policy asks for', async () => {
  expect(caught([])).toEqual([]);
  expect(caught([{ passes: ['policy office'] }])).toEqual(['jo@example.dev']);
  await bind({ policy: await policyOf('office', 'return ak_client_ip in office') });
  expect(caught([{ passes: ['policy office'] }])).toContain('jo@example.dev');
  await demandAll();
  expect(caught([{ passes: ['policy office'] }])).toEqual([]);
  expect(caught([{ passes: ['flow mfa'] }])).toEqual(['jo@example.dev, passes policy office']);
});

it('a guard that asks for a flow that asks nothing excludes nobody', async () => {
  expect(caught([{ passes: [`flow ${EXPLICIT}`] }])).toEqual([]);
});
