import { describe, expect, it } from 'vitest';
import {
  type AccessApplicationSpec,
  accessApplication,
} from '../../../../reconcilers/cloudflare/access/access-application.ts';
import { accessPolicy } from '../../../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../../../reconcilers/cloudflare/access/access-tag.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { createBudget } from '../../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../../src/clients/cloudflare/cloudflare.ts';
import { createRedactor } from '../../../../src/clients/redaction.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { type Linked, ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, accessTag, accessPolicy, accessApplication];
const kind = 'cloudflare/access-application';
const me = [{ email: { email: 'me@example.dev' } }];
const everyone = [{ everyone: {} }];

const tag: DesiredObject = {
  address: { kind: 'cloudflare/access-tag', key: 'gates-home' },
  spec: { name: 'gates-home' },
  because: 'owner',
};

function policy(key: string, decision = 'allow', include: readonly object[] = me): DesiredObject {
  const spec = { decision, include, require: [], exclude: [] };
  return { address: { kind: 'cloudflare/access-policy', key }, spec, because: 'services.app' };
}

function application(key: string, changes: Partial<Linked<AccessApplicationSpec>> = {}): DesiredObject {
  const spec: Linked<AccessApplicationSpec> = {
    name: key,
    destinations: [key],
    policies: [ref('cloudflare/access-policy:app.example.dev')],
    sessionDuration: '24h',
    bypass: false,
    waysAround: [],
    ...changes,
  };
  return {
    address: { kind, key },
    spec,
    needs: ['cloudflare/access-tag:gates-home'],
    because: 'services.app',
  };
}

const wants: readonly DesiredObject[] = [
  tag,
  policy('app.example.dev'),
  policy('app.example.dev/admin', 'deny', everyone),
  application('app.example.dev', {
    destinations: ['app.example.dev', 'app.example.dev/deep/*'],
    policies: [
      ref('cloudflare/access-policy:app.example.dev/admin'),
      ref('cloudflare/access-policy:app.example.dev'),
    ],
  }),
];

const apps = (test: TestWorld) => `/accounts/${test.sandbox.accountId}/access/apps`;

/** Changes an application as a person does, who sends what GET returned with changes. */
function put(have: Observed<unknown>, test: TestWorld, changes: object): Promise<unknown> {
  return test.edit('PUT', `${apps(test)}/${have.id}`, { ...(have.raw as object), ...changes });
}

const uris = (...list: readonly string[]) => ({ destinations: list.map((uri) => ({ type: 'public', uri })) });

contract({
  reconciler: accessApplication,
  reconcilers,
  collection: '/accounts/*/access/apps',
  desired: () => wants,
  drifts: [
    { field: 'name', edit: (have, test) => put(have, test, { name: 'mine' }) },
    { field: 'destinations', edit: (have, test) => put(have, test, uris('app.example.dev')) },
    { field: 'policies', edit: (have, test) => put(have, test, { policies: [] }) },
    { field: 'sessionDuration', edit: (have, test) => put(have, test, { session_duration: '720h' }) },
    { field: 'waysAround', edit: (have, test) => put(have, test, { options_preflight_bypass: true }) },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', apps(test), {
        type: 'self_hosted',
        name: `other ${n}`,
        domain: `other-${n}.example.dev`,
        cors_headers: { allowed_methods: ['GET'], max_age: 60 },
      });
    }
    return apps(test);
  },
  remove: ({ id }, test) => test.edit('DELETE', `${apps(test)}/${id}`),
});

/** Applies `wants`, and returns the live application. */
async function applied(objects = wants): Promise<{ test: TestWorld; have: Observed<AccessApplicationSpec> }> {
  const test = await testWorld({ reconcilers });
  expect(failures(await test.apply(objects))).toEqual([]);
  const [have] = await test.read(accessApplication);
  if (have === undefined) throw new Error('no application was made');
  return { test, have };
}

const rawOf = async (test: TestWorld) =>
  (await test.read(accessApplication))[0]?.raw as Readonly<Record<string, unknown>>;

describe('a write', () => {
  it('sends policies by id with a precedence from 1, and the tag that marks it', async () => {
    const { test } = await applied();
    const policies = await test.read(accessPolicy);
    const raw = await rawOf(test);
    expect(raw.policies).toMatchObject([
      { id: policies.find(({ address }) => address.key === 'app.example.dev/admin')?.id, precedence: 1 },
      { id: policies.find(({ address }) => address.key === 'app.example.dev')?.id, precedence: 2 },
    ]);
    expect(raw).toMatchObject({ tags: ['gates-home'], type: 'self_hosted', domain: 'app.example.dev' });
  });

  it('keeps foreign settings, including other people’s tags', async () => {
    const { test, have } = await applied();
    await test.edit('POST', `/accounts/${test.sandbox.accountId}/access/tags`, { name: 'a-team' });
    const theirs = {
      tags: ['a-team', 'gates-home'],
      custom_deny_message: 'No',
      http_only_cookie_attribute: false,
    };
    await put(have, test, { ...theirs, name: 'x' });
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(await rawOf(test)).toMatchObject(theirs);
  });

  it('clears a list of policies with a list: null would keep the old ones', async () => {
    const { test } = await applied();
    const none = [tag, application('app.example.dev', { policies: [] })];
    expect(failures(await test.apply(none))).toEqual([]);
    expect(await rawOf(test)).toMatchObject({ policies: [] });
  });

  it('makes no launcher tile for a public application', async () => {
    const objects = [
      tag,
      policy('public', 'bypass', everyone),
      application('app.example.dev/public', {
        policies: [ref('cloudflare/access-policy:public')],
        bypass: true,
      }),
    ];
    const { test } = await applied(objects);
    expect(await rawOf(test)).toMatchObject({ app_launcher_visible: false });
  });
});

describe('the look of an application', () => {
  const appearance = { launcher: false, logo: 'https://example.dev/logo.png', deniedMessage: 'Ask Ada.' };
  const looking = wants.map((want) =>
    want.address.key === 'app.example.dev' && want.address.kind === 'cloudflare/access-application'
      ? { ...want, spec: { ...(want.spec as object), ...appearance } }
      : want,
  );

  it('is as the file says, and a field that the file leaves out is as people set it', async () => {
    const { test, have } = await applied(looking);
    const sent = { app_launcher_visible: false, logo_url: appearance.logo, custom_deny_message: 'Ask Ada.' };
    expect(await rawOf(test)).toMatchObject(sent);
    const theirs = { custom_deny_url: 'https://example.dev/theirs' };
    await put(have, test, { ...sent, ...theirs, logo_url: 'https://example.dev/other.png' });
    expect(pending(await test.plan(looking))).toMatchObject([
      { verb: 'update', drift: [{ field: 'logo' }], doors: [] },
    ]);
    expect(failures(await test.apply(looking))).toEqual([]);
    expect(await rawOf(test)).toMatchObject({ ...sent, ...theirs });
    expect(pending(await test.plan(looking))).toEqual([]);
  });

  it('has the tags of the file beside those of other people and the mark, and needs tags that exist', async () => {
    const { test, have } = await applied();
    const tagged = wants.map((want) =>
      want.address.key === 'app.example.dev' && want.address.kind === 'cloudflare/access-application'
        ? { ...want, spec: { ...(want.spec as object), tags: ['media'] } }
        : want,
    );
    expect(failures(await test.apply(tagged))).toEqual([
      expect.stringContaining('a tag that does not exist'),
    ]);
    const tags = `/accounts/${test.sandbox.accountId}/access/tags`;
    for (const name of ['media', 'theirs']) await test.edit('POST', tags, { name });
    await put(have, test, { tags: ['gates-home', 'theirs'] });
    expect(pending(await test.plan(tagged))).toMatchObject([{ drift: [{ field: 'tags' }], doors: [] }]);
    expect(failures(await test.apply(tagged))).toEqual([]);
    expect(await rawOf(test)).toMatchObject({ tags: ['gates-home', 'media', 'theirs'] });
    expect(pending(await test.plan(tagged))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('changes without ending a session', async () => {
    const { test } = await applied();
    const before = test.sandbox.calls().length;
    expect(failures(await test.apply(looking))).toEqual([]);
    const calls = test.sandbox.calls().slice(before);
    expect(calls.filter(({ write }) => write).map(({ method }) => method)).toEqual(['PUT']);
  });
});

describe('the use of an application by other sites', () => {
  const crossSite = {
    sameSite: 'none',
    cors: { origins: ['https://a.example.dev'], methods: ['GET'], headers: ['X-Kind'], credentials: true },
  };
  const open = wants.map((want) =>
    want.address.key === 'app.example.dev' && want.address.kind === 'cloudflare/access-application'
      ? { ...want, spec: { ...(want.spec as object), ...crossSite } }
      : want,
  );
  const sent = {
    same_site_cookie_attribute: 'none',
    cors_headers: {
      allowed_origins: ['https://a.example.dev'],
      allowed_methods: ['GET'],
      allowed_headers: ['X-Kind'],
      allow_credentials: true,
    },
  };

  it('is as the file says, without a warning, and changes without ending a session', async () => {
    const { test } = await applied();
    const before = test.sandbox.calls().length;
    expect(failures(await test.apply(open))).toEqual([]);
    const calls = test.sandbox.calls().slice(before);
    expect(calls.filter(({ write }) => write).map(({ method }) => method)).toEqual(['PUT']);
    expect(await rawOf(test)).toMatchObject(sent);
    const plan = await test.plan(open);
    expect(pending(plan)).toEqual([]);
    expect(plan.warnings).toEqual([]);
  });

  it('is put back if somebody widens it, whatever the spelling of a header', async () => {
    const { test, have } = await applied(open);
    await put(have, test, { ...sent, cors_headers: { ...sent.cors_headers, allowed_headers: ['x-kind'] } });
    expect(pending(await test.plan(open))).toEqual([]);
    await put(have, test, { ...sent, cors_headers: { allow_all_origins: true, allow_all_methods: true } });
    expect(pending(await test.plan(open))).toMatchObject([
      { verb: 'update', drift: [{ field: 'cors' }], doors: [] },
    ]);
    expect(failures(await test.apply(open))).toEqual([]);
    expect(await rawOf(test)).toMatchObject(sent);
    expect((await rawOf(test)) as object).not.toHaveProperty('cors_headers.allow_all_origins');
  });
});

describe('a read', () => {
  it('ignores another order of tags or destinations, and an empty list', async () => {
    const { test, have } = await applied();
    await put(have, test, uris('app.example.dev/deep/*', 'App.Example.dev/*'));
    expect(pending(await test.plan(wants))).toEqual([]);
    await put(have, test, { allowed_idps: [], skip_interstitial: false, http_only_cookie_attribute: true });
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('finds the application by its name when a destination was put before its own', async () => {
    const { test, have } = await applied();
    await put(have, test, uris('another.example.dev', 'app.example.dev', 'app.example.dev/deep/*'));
    expect(pending(await test.plan(wants)).map(({ verb }) => verb)).toEqual(['update']);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it.each([
    { because: 'applications of before destinations', reply: { self_hosted_domains: ['old.example.dev/x'] } },
    { because: 'the oldest have a domain alone', reply: { domain: 'old.example.dev/x' } },
    { because: 'a subtree is keyed by its root', reply: uris('old.example.dev/x/*') },
  ])('$because', async ({ reply }) => {
    const [have] = await readBack([{ id: 'a', type: 'self_hosted', name: 'n', ...reply }]);
    expect(have?.address.key).toBe('old.example.dev/x');
  });

  it.each([
    { because: 'an application of another sort', reply: { type: 'saas', name: 'crm' } },
    {
      because: 'one that reaches no public host',
      reply: { type: 'self_hosted', destinations: [{ type: 'private' }] },
    },
  ])('$because is never ours, whatever its tags say', async ({ reply }) => {
    const [have] = await readBack([{ id: 'a', tags: ['gates-home'], ...reply }]);
    expect(have?.owner).toBeUndefined();
  });

  it('counts a destination that is not public as a difference', async () => {
    const [have] = await readBack([
      {
        id: 'a',
        type: 'self_hosted',
        destinations: [
          { type: 'public', uri: 'a.example.dev' },
          { type: 'private', cidr: '10.0.0.0/8' },
        ],
      },
    ]);
    expect(have && accessApplication.drift?.({ destinations: ['a.example.dev'] }, have.spec)).toEqual([
      'destinations',
    ]);
  });

  it('has policies in the order of their precedence, and needs them and its tags', async () => {
    const policies = [
      { id: 'second', precedence: 2, decision: 'allow' },
      { id: 'first', precedence: 1, decision: 'bypass' },
    ];
    const [have] = await readBack([{ id: 'a', type: 'self_hosted', domain: 'a.dev', policies, tags: ['t'] }]);
    expect(have).toMatchObject({
      spec: { policies: ['first', 'second'], bypass: true },
      uses: ['first', 'second', 't'],
    });
  });

  it('finds drift when somebody changed the order of policies', async () => {
    const policies = [
      { id: 'second', precedence: 2, decision: 'allow' },
      { id: 'first', precedence: 1, decision: 'allow' },
    ];
    const [have] = await readBack([{ id: 'a', type: 'self_hosted', domain: 'a.dev', policies, tags: [] }]);
    const drift = (wanted: readonly string[]) =>
      have && accessApplication.drift?.({ policies: wanted }, have.spec);
    expect(drift(['first', 'second'])).toEqual([]);
    expect(drift(['second', 'first'])).toEqual(['policies']);
  });

  it('is empty if Zero Trust was never started', async () => {
    const test = await testWorld({ reconcilers });
    const world = test.pass();
    const fetch = async () =>
      Response.json(
        { success: false, errors: [{ code: 9999, message: 'access.api.error.not_enabled' }], result: null },
        { status: 403 },
      );
    const { clock, signal } = world;
    const cloudflare = createCloudflareWire({
      token: 'token',
      fetch,
      clock,
      signal,
      budget: createBudget(clock),
      redactor: createRedactor(),
    });
    expect(await accessApplication.observe({ ...world, cloudflare })).toEqual([]);
  });
});

describe('an application at a path', () => {
  const path = application('app.example.dev/admin');
  const policies = [tag, policy('app.example.dev')];
  /** The milliseconds that a run waits. */
  const waited = async (test: TestWorld, objects: readonly DesiredObject[]) => {
    const begun = test.clock.now().getTime();
    expect(failures(await test.apply(objects))).toEqual([]);
    return test.clock.now().getTime() - begun;
  };

  it('is known everywhere before the outer one goes', async () => {
    const { test } = await applied([...policies, application('app.example.dev')]);
    await test.clock.sleep(30_000);
    expect(await waited(test, [...policies, path])).toBe(30_000);
  });

  it('that goes is gone everywhere before the outer one goes', async () => {
    const open = { policies: [ref('cloudflare/access-policy:public')], bypass: true } as const;
    const health = application('app.example.dev/health', open);
    const everybody = policy('public', 'bypass', everyone);
    const { test } = await applied([...policies, everybody, application('app.example.dev'), health]);
    await test.clock.sleep(30_000);
    expect(await waited(test, [...policies, everybody])).toBe(30_000);
  });

  it('of a killed run is awaited by the next one', async () => {
    const { test } = await applied([...policies, application('app.example.dev'), path]);
    expect(await waited(test, [...policies, path])).toBe(30_000);
  });

  it('is awaited once, and only at its own host', async () => {
    const other = application('other.example.dev');
    const { test } = await applied([...policies, application('app.example.dev'), other]);
    await test.clock.sleep(30_000);
    expect(await waited(test, [...policies, application('app.example.dev'), path])).toBe(0);
    await test.clock.sleep(30_000);
    expect(await waited(test, [...policies, path])).toBe(0);
    expect(await test.notes.list('access-path')).toEqual([]);
  });
});

describe('an obstacle', () => {
  it('is any other application that has one of its destinations already', async () => {
    const test = await testWorld({ reconcilers });
    await test.edit('POST', apps(test), {
      type: 'self_hosted',
      name: 'old',
      ...uris('other.example.dev', 'app.example.dev/'),
      domain: 'other.example.dev',
    });
    const refused = pending(await test.plan(wants)).filter(({ verb }) => verb === 'refuse');
    expect(refused.map(({ address, reason }) => [address.key, reason])).toEqual([
      ['app.example.dev', expect.stringContaining('other.example.dev')],
    ]);
  });

  it('is adopted if it has the same key and a person asks for it', async () => {
    const test = await testWorld({ reconcilers });
    await test.edit('POST', apps(test), { type: 'self_hosted', name: 'old', domain: 'app.example.dev' });
    const mine = (plan: Awaited<ReturnType<TestWorld['plan']>>) =>
      plan.changes.find(({ address }) => address.kind === kind)?.verb;
    expect(mine(await test.plan(wants))).toBe('refuse');
    expect(mine(await test.plan(wants, { adopt: true }))).toBe('adopt');
    expect(failures(await test.apply(wants, { adopt: true }))).toEqual([]);
    expect((await test.read(accessApplication)).map(({ owner }) => owner)).toEqual(['home']);
    expect(pending(await test.plan(wants))).toEqual([]);
  });
});

describe('a door', () => {
  const spec: AccessApplicationSpec = {
    name: 'a.example.dev',
    destinations: ['a.example.dev', 'a.example.dev/x/*'],
    policies: ['p'],
    bypass: false,
    waysAround: [],
  };
  const open: AccessApplicationSpec = { ...spec, policies: ['q'], bypass: true };
  const observed = (live: AccessApplicationSpec): Observed<AccessApplicationSpec> => ({
    address: { kind, key: 'a.example.dev' },
    id: 'a',
    owner: 'home',
    spec: live,
    attributes: {},
    uses: [],
  });
  it.each([
    { because: 'a new one guards', want: spec, live: undefined, step: 'guard' },
    { because: 'a new one that lets everyone by opens', want: open, live: undefined, step: 'unguard' },
    { because: 'without it nothing guards', want: undefined, live: spec, step: 'unguard' },
    { because: 'without it what it let by is guarded again', want: undefined, live: open, step: 'guard' },
    { because: 'to let everyone by is to open', want: open, live: spec, step: 'unguard' },
    { because: 'any other policy may be narrower', want: spec, live: open, step: 'guard' },
    {
      because: 'a shorter session is narrower',
      want: { ...spec, sessionDuration: '1h' },
      live: spec,
      step: 'guard',
    },
  ] as const)('$because', ({ want, live, step }) => {
    const have = live && observed(live);
    const effects = accessApplication.doors?.(want, have, { kind, key: 'a.example.dev' });
    expect(effects).toEqual([{ host: 'a.example.dev', step }]);
  });

  it.each([
    { because: 'only paths are guarded', destinations: ['a.example.dev/x', 'a.example.dev/x/*'], part: '/x' },
    { because: 'a host with all below it is the host', destinations: ['a.example.dev/*'], part: undefined },
    {
      because: 'the host is among its doors',
      destinations: ['a.example.dev/x', 'a.example.dev'],
      part: undefined,
    },
  ])('$because', ({ destinations, part }) => {
    const effects = accessApplication.doors?.({ ...spec, destinations }, undefined, { kind, key: 'a' });
    expect(effects?.map((effect) => effect.part)).toEqual([part]);
  });

  it('is not affected by another name', () => {
    const effects = accessApplication.doors?.({ ...spec, name: 'b' }, observed(spec), {
      kind,
      key: 'a.example.dev',
    });
    expect(effects).toEqual([]);
  });

  it('loses its guard when the application leaves, and gets one when it comes', () => {
    const moved = { ...spec, destinations: ['b.example.dev'] };
    const effects = accessApplication.doors?.(moved, observed(spec), { kind, key: 'b.example.dev' });
    expect(effects).toEqual([
      { host: 'a.example.dev', step: 'unguard' },
      { host: 'b.example.dev', step: 'guard' },
    ]);
  });
});

it('an application that admits everybody at a path goes before the outer one releases the paths below', async () => {
  const around = (...below: readonly string[]) =>
    application('app.example.dev', { destinations: ['app.example.dev', ...below] });
  const open = application('app.example.dev/health', {
    policies: [ref('cloudflare/access-policy:open')],
    bypass: true,
  });
  const policies = [tag, policy('app.example.dev'), policy('open', 'bypass', everyone)];
  const { test } = await applied([...policies, around('app.example.dev/health/*'), open]);
  const [outer, inner] = [...(await test.read(accessApplication))].sort((left, right) =>
    left.address.key.localeCompare(right.address.key),
  );
  if (outer === undefined || inner === undefined) throw new Error('two applications were made');
  const before = test.lastCall();
  await accessApplication.write?.(
    [
      {
        ...{ id: 'update', verb: 'update', address: outer.address, have: outer, drift: ['destinations'] },
        want: { ...outer.spec, destinations: ['app.example.dev'] },
      },
      { id: 'prune', verb: 'prune', address: inner.address, have: inner, want: undefined, drift: [] },
    ],
    test.pass(),
  );
  const methods = test
    .writes(before)
    .flatMap(({ method, path }) => (path.includes('/apps/') ? [method] : []));
  expect(methods.slice(0, 2)).toEqual(['DELETE', 'PUT']);
});

describe('sessions', () => {
  const revocations = (test: TestWorld, since: number) =>
    test.writes(since).filter(({ path }) => path.endsWith('/revoke_tokens')).length;

  it.each([
    { because: 'a policy that somebody added goes', added: true, ended: 1 },
    { because: 'a policy that somebody took away comes back', added: false, ended: 0 },
  ])('$because: ended $ended times', async ({ added, ended }) => {
    const { test, have } = await applied();
    const extra = (await test.edit('POST', `/accounts/${test.sandbox.accountId}/access/policies`, {
      name: 'extra',
      decision: 'allow',
      include: everyone,
    })) as { id: string };
    const policies = added ? [...have.spec.policies, extra.id] : have.spec.policies.slice(0, 1);
    await put(have, test, { policies: policies.map((id, index) => ({ id, precedence: index + 1 })) });
    const before = test.lastCall();
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(revocations(test, before)).toBe(ended);
    expect(await test.notes.list('revoke')).toHaveLength(ended);
  });

  it('that last too long end when they get shorter', async () => {
    const { test, have } = await applied();
    await put(have, test, { session_duration: '720h' });
    const before = test.lastCall();
    await test.apply(wants);
    expect(revocations(test, before)).toBe(1);
  });
});

/** The applications that `observe` reads from these replies. */
async function readBack(replies: readonly object[]): Promise<readonly Observed<AccessApplicationSpec>[]> {
  const world = (await testWorld({ reconcilers })).pass();
  return accessApplication.observe({
    ...world,
    cloudflare: { ...world.cloudflare, list: async () => replies },
  });
}
