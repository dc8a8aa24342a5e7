import { describe, expect, it } from 'vitest';
import { accessApplication } from '../../../../../reconcilers/cloudflare/access/access-application.ts';
import {
  type AccessPolicySpec,
  accessPolicy,
} from '../../../../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../../../../reconcilers/cloudflare/access/access-tag.ts';
import {
  explainedRefusal,
  type PolicyDemands,
} from '../../../../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import { account } from '../../../../../reconcilers/cloudflare/account/account.ts';
import { QuotaError } from '../../../../../src/core/errors.ts';
import type { DesiredObject, Observed } from '../../../../../src/core/objects/object.ts';
import { ref } from '../../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../../support/world.ts';

const kind = 'cloudflare/access-policy';
const key = 'app.example.dev';
const none: PolicyDemands = { approval: [], justification: false, isolate: false };
const approval = [{ needed: 2, emails: ['ada@example.dev', 'ben@example.dev'] }];

const wants = (demands: PolicyDemands): readonly DesiredObject[] => [
  {
    address: { kind: 'cloudflare/access-tag', key: 'gates-home' },
    spec: { name: 'gates-home' },
    because: 'owner',
  },
  { address: { kind, key }, spec: specWith(demands), because: 'services.app' },
  {
    address: { kind: 'cloudflare/access-application', key },
    spec: {
      ...{ name: key, destinations: [key], policies: [ref(`${kind}:${key}`)] },
      ...{ bypass: false, waysAround: [] },
    },
    needs: ['cloudflare/access-tag:gates-home'],
    because: 'services.app',
  },
];

function specWith(demands: PolicyDemands): AccessPolicySpec {
  const include = [{ email: { email: 'me@example.dev' } }];
  return { decision: 'allow', include, require: [], exclude: [], ...none, ...demands };
}

async function applied(demands: PolicyDemands = {}): Promise<TestWorld> {
  const test = await testWorld({ reconcilers: [account, accessTag, accessPolicy, accessApplication] });
  await entitle(test, ['approval', 'isolation', 'justification']);
  expect(failures(await test.apply(wants(demands)))).toEqual([]);
  return test;
}

async function entitle({ sandbox }: TestWorld, entitlements: readonly string[]): Promise<void> {
  const response = await sandbox.fetch(`${sandbox.urls.admin}/entitlements`, {
    method: 'PUT',
    body: JSON.stringify({ entitlements }),
  });
  expect(response.status).toBe(200);
}

async function rawOf(test: TestWorld): Promise<unknown> {
  return (await test.read(accessPolicy))[0]?.raw;
}

const isRevocation = ({ path }: { readonly path: string }) => path.endsWith('/revoke_tokens');

const rows = [
  {
    name: 'approval',
    demands: { approval, justification: '' },
    live: {
      approval_required: true,
      approval_groups: [{ approvals_needed: 2, email_addresses: ['ada@example.dev', 'ben@example.dev'] }],
      purpose_justification_required: true,
    },
    off: { approval_required: false, purpose_justification_required: false },
  },
  {
    name: 'a justification',
    demands: { justification: 'Why?' },
    live: { purpose_justification_required: true, purpose_justification_prompt: 'Why?' },
    off: { purpose_justification_required: false },
  },
  {
    name: 'isolation',
    demands: { isolate: true },
    live: { isolation_required: true },
    off: { isolation_required: false },
  },
];

describe('the demands of a policy', () => {
  it.each(rows)('are written once and taken away: $name', async ({ demands, live, off }) => {
    const test = await applied();
    expect(failures(await test.apply(wants(demands)))).toEqual([]);
    expect(await rawOf(test)).toMatchObject(live);
    expect(pending(await test.plan(wants(demands)))).toEqual([]);
    expect(failures(await test.apply(wants({})))).toEqual([]);
    expect(await rawOf(test)).toMatchObject(off);
    expect(pending(await test.plan(wants({})))).toEqual([]);
  });

  it.each(rows)('are put back if somebody takes them away: $name', async ({ name, demands, live, off }) => {
    const test = await applied(demands);
    const [have] = (await test.read(accessPolicy)) as readonly [Observed<AccessPolicySpec>];
    const path = `/accounts/${test.sandbox.accountId}/access/policies/${have.id}`;
    await test.edit('PUT', path, { ...(have.raw as object), ...off });
    const [change] = pending(await test.plan(wants(demands)));
    expect(change).toMatchObject({ verb: 'update' });
    expect(change?.doors.map(({ step }) => step)).toEqual(name === 'a justification' ? [] : ['guard']);
    expect(failures(await test.apply(wants(demands)))).toEqual([]);
    expect(await rawOf(test)).toMatchObject(live);
  });

  it.each([
    { name: 'approval ends sessions', before: {}, after: { approval, justification: '' }, ends: 1 },
    {
      name: 'other approvers end them',
      before: { approval, justification: '' },
      after: { approval: [{ needed: 1, emails: ['ada@example.dev'] }], justification: '' },
      ends: 1,
    },
    { name: 'isolation ends sessions', before: {}, after: { isolate: true }, ends: 1 },
    { name: 'less approval ends none', before: { approval, justification: '' }, after: {}, ends: 0 },
    { name: 'a question ends none', before: {}, after: { justification: 'Why?' }, ends: 0 },
  ])('$name', async ({ before, after, ends }) => {
    const test = await applied(before);
    const since = test.lastCall();
    expect(failures(await test.apply(wants(after)))).toEqual([]);
    expect(test.writes(since).filter(isRevocation)).toHaveLength(ends);
  });

  it('that somebody else wants stay, if the file decides nothing', async () => {
    const test = await applied({ approval, justification: 'Why?' });
    const silent = wants({}).map((want) =>
      want.address.kind === kind
        ? { ...want, spec: { decision: 'allow', include: [{ everyone: {} }], require: [], exclude: [] } }
        : want,
    );
    expect(failures(await test.apply(silent))).toEqual([]);
    expect(await rawOf(test)).toMatchObject({ approval_required: true, include: [{ everyone: {} }] });
  });

  it('leave a policy that admits nobody by a login', async () => {
    const test = await applied({ approval, justification: '', isolate: true });
    const denying = wants({}).map((want) =>
      want.address.kind === kind ? { ...want, spec: { ...specWith({}), decision: 'deny' } } : want,
    );
    expect(failures(await test.apply(denying))).toEqual([]);
    expect(await rawOf(test)).toMatchObject({ decision: 'deny', approval_required: false });
  });

  it.each(rows)('are refused where the account is not entitled, with what to do: $name', async (row) => {
    const test = await applied();
    await entitle(test, []);
    const [failure = '', ...others] = failures(await test.apply(wants(row.demands)));
    expect(others).toEqual([]);
    const feature = { approval: 'approval', 'a justification': 'justification', isolation: 'isolate' }[
      row.name
    ];
    expect(failure).toContain(`Maybe the account is not entitled to \`${feature}\``);
    expect(await rawOf(test)).toMatchObject({ decision: 'allow' });
    expect(await rawOf(test)).not.toMatchObject(row.live);
  });

  it('are not mentioned to an account without them', async () => {
    const test = await applied();
    expect(
      Object.keys((await rawOf(test)) as object).filter((field) => /required|approval|prompt/.test(field)),
    ).toEqual([]);
  });

  it('are not the reason of another refusal', async () => {
    const test = await applied();
    await test.fault({ fault: 'status', status: 403, match: { method: 'PUT' } });
    const [failure] = failures(await test.apply(wants({ isolate: true })));
    expect(failure).not.toContain('Maybe the account');
    const full = new QuotaError('Cloudflare has no room for another', { facts: { status: 400 } });
    expect(explainedRefusal(full, { isolate: true })).toBe(full);
  });
});
