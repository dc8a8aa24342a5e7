import { describe, expect, it } from 'vitest';
import { accessApplication } from '../../../../reconcilers/cloudflare/access/access-application.ts';
import {
  type AccessPolicySpec,
  accessPolicy,
} from '../../../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../../../reconcilers/cloudflare/access/access-tag.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, accessTag, accessPolicy, accessApplication];
const kind = 'cloudflare/access-policy';
const me = { email: { email: 'me@example.dev' } };
const you = { email: { email: 'you@example.dev' } };
const home = { ip: { ip: '203.0.113.7/32' } };

const spec: AccessPolicySpec = {
  decision: 'allow',
  include: [me, you],
  require: [],
  exclude: [home],
  sessionDuration: '24h',
};

function policy(changes: Partial<AccessPolicySpec> = {}, key = 'app.example.dev'): DesiredObject {
  return { address: { kind, key }, spec: { ...spec, ...changes }, because: 'services.app' };
}

const policies = (test: TestWorld) => `/accounts/${test.sandbox.accountId}/access/policies`;

/** Overwrites an object by hand, as the dashboard does. */
function put(have: Observed<unknown>, test: TestWorld, changes: object): Promise<unknown> {
  return test.edit('PUT', `${policies(test)}/${have.id}`, { ...(have.raw as object), ...changes });
}

contract({
  reconciler: accessPolicy,
  reconcilers,
  collection: '/accounts/*/access/policies',
  beside: true,
  desired: () => [policy()],
  drifts: [
    { field: 'decision', edit: (have, test) => put(have, test, { decision: 'deny' }) },
    { field: 'include', edit: (have, test) => put(have, test, { include: [me] }) },
    {
      field: 'require',
      edit: (have, test) => put(have, test, { require: [{ geo: { country_code: 'FR' } }] }),
    },
    { field: 'exclude', edit: (have, test) => put(have, test, { exclude: [] }) },
    { field: 'sessionDuration', edit: (have, test) => put(have, test, { session_duration: '30m' }) },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', policies(test), {
        name: n === 1 ? 'app.example.dev' : `gates:lab/host-${n}.example.dev`,
        decision: 'allow',
        include: [me],
      });
    }
    return policies(test);
  },
  remove: ({ id }, test) => test.edit('DELETE', `${policies(test)}/${id}`),
});

/** Applies a guarded application and its policy. */
async function guarded(changes: Partial<AccessPolicySpec> = {}): Promise<{
  test: TestWorld;
  wants: (changes: Partial<AccessPolicySpec>) => readonly DesiredObject[];
}> {
  const test = await testWorld({ reconcilers });
  const wants = (later: Partial<AccessPolicySpec>): readonly DesiredObject[] => [
    {
      address: { kind: 'cloudflare/access-tag', key: 'gates-home' },
      spec: { name: 'gates-home' },
      because: 'owner',
    },
    policy({ ...changes, ...later }),
    {
      address: { kind: 'cloudflare/access-application', key: 'app.example.dev' },
      spec: {
        name: 'app.example.dev',
        destinations: ['app.example.dev'],
        policies: [ref('cloudflare/access-policy:app.example.dev')],
        bypass: false,
        waysAround: [],
      },
      needs: ['cloudflare/access-tag:gates-home'],
      because: 'services.app',
    },
  ];
  expect(failures(await test.apply(wants({})))).toEqual([]);
  return { test, wants };
}

const revocations = (test: TestWorld, since: number) =>
  test.writes(since).filter(({ path }) => path.endsWith('/revoke_tokens')).length;

describe('rules', () => {
  it.each([
    { because: 'a list has no order', live: [you, me] },
    { because: 'one said twice says no more', live: [me, you, me] },
    {
      because: 'addresses of people are compared without case',
      live: [{ email: { email: 'ME@example.dev' } }, you],
    },
    { because: 'the API echoes empty selectors', live: [me, you, { email: { email: '' } }] },
  ])('$because', async ({ live }) => {
    const [have] = await readBack([{ id: 'p', name: 'x', ...spec, include: live }]);
    expect(have && accessPolicy.drift?.({ include: spec.include }, have.spec)).toEqual([]);
  });

  it.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:db8::0:1', '2001:db8::1/128'],
  ])('a single address %s reads back as a network of one', (sent, read) => {
    const have = { ...spec, include: [{ ip: { ip: read } }] };
    expect(accessPolicy.drift?.({ include: [{ ip: { ip: sent } }] }, have)).toEqual([]);
  });

  it('an everyone that is missing is found, though it has no value', () => {
    expect(accessPolicy.drift?.({ include: [{ everyone: {} }] }, { ...spec, include: [] })).toEqual([
      'include',
    ]);
  });

  it('a token that a rule names is needed by the policy', async () => {
    const rule = { service_token: { token_id: 'token-id' } };
    const [have] = await readBack([{ id: 'p', name: 'x', ...spec, include: [rule] }]);
    expect(have?.uses).toEqual(['token-id']);
  });
});

describe('a session', () => {
  it.each([
    ['24h', '24h0m0s'],
    ['1h30m', '90m'],
  ])('of %s is %s', (want, live) => {
    expect(accessPolicy.drift?.({ sessionDuration: want }, { ...spec, sessionDuration: live })).toEqual([]);
  });

  it('that the API returns empty was never set', async () => {
    const [have] = await readBack([{ id: 'p', name: 'x', ...spec, session_duration: '' }]);
    expect(have?.spec).not.toHaveProperty('sessionDuration');
  });
});

describe('a door', () => {
  const have = (changes: Partial<AccessPolicySpec> = {}): Observed<AccessPolicySpec> => ({
    address: { kind, key: 'app.example.dev' },
    id: 'p',
    owner: 'home',
    spec: { ...spec, ...changes },
    attributes: {},
    uses: [],
  });
  const key = 'app.example.dev/api';
  it.each([
    { because: 'one more person is a widening', live: { include: [me] }, step: 'unguard' },
    { because: 'one person less is a narrowing', live: { include: [me, you, home] }, step: 'guard' },
    { because: 'another person is both', live: { include: [home] }, step: 'change' },
    { because: 'another decision is never only wider', live: { decision: 'deny' }, step: 'change' },
    { because: 'one more exclusion is a narrowing', live: { exclude: [] }, step: 'guard' },
    { because: 'one demand less is a widening', live: { require: [home] }, step: 'unguard' },
    {
      because: 'a demand less and a person less is neither',
      live: { require: [home], include: [me, you, home] },
      step: 'change',
    },
    { because: 'a shorter session is a narrowing', live: { sessionDuration: '720h' }, step: 'guard' },
    { because: 'a longer session is a widening', live: { sessionDuration: '1h' }, step: 'unguard' },
  ] as const)('$because', ({ live, step }) => {
    expect(accessPolicy.doors?.(spec, have(live), { kind, key })).toEqual([
      { host: 'app.example.dev', step },
    ]);
  });

  it.each([
    {
      because: 'nothing refers to what is only made',
      effects: accessPolicy.doors?.(spec, undefined, { kind, key }),
    },
    {
      because: 'nothing refers any more to what goes',
      effects: accessPolicy.doors?.(undefined, have(), { kind, key }),
    },
    {
      because: 'no application refers to what changes',
      effects: accessPolicy.doors?.(
        spec,
        { ...have({ include: [home] }), raw: { app_count: 0 } },
        { kind, key },
      ),
    },
    { because: 'nothing changes', effects: accessPolicy.doors?.(spec, have(), { kind, key }) },
    {
      because: 'the policy that lets everyone by is no door of its own',
      effects: accessPolicy.doors?.(spec, have({ include: [] }), { kind, key: 'public' }),
    },
  ])('$because', ({ effects }) => expect(effects).toEqual([]));
});

describe('a narrowing', () => {
  it('ends the sessions of the applications that use the policy, and notes when, to end them once more', async () => {
    const { test, wants } = await guarded();
    const before = test.lastCall();
    expect(failures(await test.apply(wants({ include: [me] })))).toEqual([]);
    expect(revocations(test, before)).toBe(1);
    const [noted = ''] = await test.notes.list('revoke');
    expect(Date.parse((await test.notes.text('revoke', noted)) ?? '')).toBe(test.clock.now().getTime());
    expect(pending(await test.plan(wants({ include: [me] })))).toEqual([]);
  });

  it('includes the exchange of a person: the one who is no longer admitted is logged out', async () => {
    const { test, wants } = await guarded({ include: [you] });
    const before = test.lastCall();
    expect(failures(await test.apply(wants({ include: [me] })))).toEqual([]);
    expect(revocations(test, before)).toBeGreaterThan(0);
  });

  it('is noted before it is made, so that the next run completes a crash in between', async () => {
    const { test, wants } = await guarded();
    const [application] = await test.read(accessApplication);
    await test.fault({
      fault: 'status',
      status: 500,
      match: { path: '/accounts/*/access/apps/*/revoke_tokens' },
    });
    expect(failures(await test.apply(wants({ include: [me] })))).toEqual([
      expect.stringMatching(/could not be ended.*The next run ends them/),
    ]);
    expect(await test.notes.list('revoke')).toEqual([application?.id]);
  });

  it('is not made before its sessions are ended, though the API drops that call at first', async () => {
    const { test, wants } = await guarded();
    const before = test.lastCall();
    await test.fault({ fault: 'drop', times: 2, match: { path: '/accounts/*/access/apps/*/revoke_tokens' } });
    expect(failures(await test.apply(wants({ include: [me] })))).toEqual([]);
    expect(revocations(test, before)).toBe(3);
    const [noted = ''] = await test.notes.list('revoke');
    expect(await test.notes.text('revoke', noted)).not.toBe('');
  });

  it('whose reply is lost ends sessions at once, and once more with the next run', async () => {
    const { test, wants } = await guarded();
    await test.fault({ fault: 'lose-reply', times: 1, match: { method: 'PUT' } });
    const before = test.lastCall();
    expect(failures(await test.apply(wants({ include: [me] })))).toEqual([]);
    expect(revocations(test, before)).toBe(1);
    expect(await test.notes.list('revoke')).toHaveLength(1);
  });

  it('of a policy whose application is gone has no sessions to end', async () => {
    const { test, wants } = await guarded();
    const plan = await test.plan(wants({ include: [me] }));
    const [application] = await test.read(accessApplication);
    await test.edit('DELETE', `/accounts/${test.sandbox.accountId}/access/apps/${application?.id}`);
    expect(failures(await test.carryOut(plan))).toEqual([]);
    expect(await test.notes.list('revoke')).toEqual([]);
  });

  it('that the API rejects leaves no note, since nothing was narrowed', async () => {
    const { test, wants } = await guarded();
    await test.fault({ fault: 'status', status: 400, match: { method: 'PUT' } });
    expect(failures(await test.apply(wants({ include: [me] })))).toHaveLength(1);
    expect(await test.notes.list('revoke')).toEqual([]);
  });

  it('does not include a widening: nobody has to log in again', async () => {
    const { test, wants } = await guarded({ include: [me] });
    const before = test.lastCall();
    expect(failures(await test.apply(wants({ include: [me, you] })))).toEqual([]);
    expect(revocations(test, before)).toBe(0);
  });
});

describe('an update', () => {
  it('keeps foreign settings, since PUT replaces the complete policy', async () => {
    const { test, wants } = await guarded();
    const [have] = await test.read(accessPolicy);
    const asked = { purpose_justification_required: true, purpose_justification_prompt: 'Why?' };
    await put(have as Observed, test, { ...asked, include: [me] });
    expect(failures(await test.apply(wants({})))).toEqual([]);
    expect((await test.read(accessPolicy))[0]?.raw).toMatchObject(asked);
  });

  it('of a policy that has disappeared fails, and the next run creates it again', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([policy()]);
    const plan = await test.plan([policy({ include: [me] })]);
    const [have] = await test.read(accessPolicy);
    await test.edit('DELETE', `${policies(test)}/${have?.id}`);
    expect(failures(await test.carryOut(plan))).toEqual([
      expect.stringContaining('The next run makes it again'),
    ]);
    await test.apply([policy({ include: [me] })]);
    expect(pending(await test.plan([policy({ include: [me] })]))).toEqual([]);
  });
});

describe('a key', () => {
  it('is the owner’s own: the same name of another owner, or of nobody, does not matter', async () => {
    const test = await testWorld({ reconcilers });
    const wants = [policy({}, 'public')];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(failures(await test.apply(wants, { owner: 'lab' }))).toEqual([]);
    await test.edit('POST', policies(test), { name: 'public', decision: 'allow', include: [me] });
    expect((await test.read(accessPolicy)).map(({ owner }) => owner)).toEqual(['home', 'lab', undefined]);
    expect(pending(await test.plan(wants))).toEqual([]);
    expect(pending(await test.plan(wants, { owner: 'lab' }))).toEqual([]);
  });

  it('that exists twice is pruned to the oldest', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([policy()]);
    const [first] = await test.read(accessPolicy);
    await test.edit('POST', policies(test), { ...(first?.raw as object) });
    expect(failures(await test.apply([policy()]))).toEqual([]);
    expect((await test.read(accessPolicy)).map(({ id }) => id)).toEqual([first?.id]);
  });
});

it('a policy is removed after the application that uses it, never while it is attached', async () => {
  const { test } = await guarded();
  expect(failures(await test.apply([]))).toEqual([]);
  expect(await test.read(accessPolicy)).toEqual([]);
});

it('a policy is kept while a foreign application uses it', async () => {
  const { test } = await guarded();
  const [have] = await test.read(accessPolicy);
  await test.edit('POST', `/accounts/${test.sandbox.accountId}/access/apps`, {
    type: 'self_hosted',
    name: 'theirs',
    domain: 'theirs.example.dev',
    policies: [{ id: have?.id, precedence: 1 }],
  });
  const refused = (await test.plan([])).changes.filter(({ verb }) => verb === 'refuse');
  expect(refused.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('is not ours and still uses it'),
  ]);
});

/** The policies that `observe` reads from these replies. */
async function readBack(replies: readonly object[]): Promise<readonly Observed<AccessPolicySpec>[]> {
  const test = await testWorld({ reconcilers });
  const world = test.pass();
  return accessPolicy.observe({ ...world, cloudflare: { ...world.cloudflare, list: async () => replies } });
}

describe('a second policy of ours for one door', () => {
  it('is removed if nothing uses it, even if it differs', async () => {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply([policy()]))).toEqual([]);
    const [kept] = await test.read(accessPolicy);
    const body = { name: 'gates:home/app.example.dev', decision: 'allow', include: [me] };
    await test.edit('POST', policies(test), body);
    expect(failures(await test.apply([policy()]))).toEqual([]);
    expect((await test.read(accessPolicy)).map(({ id }) => id)).toEqual([kept?.id]);
    expect(pending(await test.plan([policy()]))).toEqual([]);
  });
});
