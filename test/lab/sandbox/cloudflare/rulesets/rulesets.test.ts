import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const BLOCK = { action: 'block', expression: 'http.host eq "a.example.dev"', description: 'b', ref: 'b' };
const SKIP = {
  action: 'skip',
  expression: 'http.host eq "ci.example.dev"',
  action_parameters: { products: ['bic', 'securityLevel'], phases: ['http_request_sbfm'] },
};

const entrypointOf = (api: Api) => `${api.zone}/rulesets/phases/http_request_firewall_custom/entrypoint`;

async function begun(rules: unknown[] = [BLOCK], plan: 'free' | 'pro' | 'business' | 'enterprise' = 'free') {
  const api = createApi({ plan });
  const ruleset = await api.done('PUT', entrypointOf(api), { rules });
  return { api, ruleset, rules: `${api.zone}/rulesets/${ruleset.id}/rules` };
}

const refs = (ruleset: { rules: { ref: string }[] }) => ruleset.rules.map(({ ref }) => ref);

it('a zone has no ruleset before somebody creates one', async () => {
  const api = createApi();
  expect(await api.refused(404, 10003, 'GET', entrypointOf(api))).toContain(
    'could not find entrypoint ruleset',
  );
  expect(await api.done('GET', `${api.zone}/rulesets`)).toEqual([]);
  const { id } = await api.done('PUT', entrypointOf(api), { rules: [] });
  expect(await api.done('GET', entrypointOf(api))).toMatchObject({
    id,
    version: '1',
    kind: 'zone',
    rules: [],
  });
  const [listed] = await api.done('GET', `${api.zone}/rulesets`);
  expect(listed).toMatchObject({ id });
  expect(listed).not.toHaveProperty('rules');
  await api.refused(404, 10003, 'GET', `${api.zone}/rulesets/phases/http_ratelimit/entrypoint`);
  await api.refused(400, 20127, 'PUT', `${api.zone}/rulesets/phases/http_ratelimit/entrypoint`, {
    rules: [],
  });
});

describe('a ruleset that is created by POST', () => {
  const phase = 'http_request_firewall_custom';
  const RULESET = { kind: 'zone', name: 'made', description: 'by Terraform', phase, rules: [BLOCK] };

  it('is the entrypoint of its phase, and can be deleted and created again', async () => {
    const api = createApi();
    const path = `${api.zone}/rulesets`;
    const row = await api.done('POST', path, RULESET);
    expect(row).toMatchObject({ ...RULESET, version: '1' });
    expect(await api.done('GET', entrypointOf(api))).toEqual(row);
    expect((await api.call('DELETE', `${path}/${row.id}`)).status).toBe(204);
    expect((await api.done('POST', path, RULESET)).id).not.toBe(row.id);
  });

  it('is rejected if the phase has one, in the words of the real API', async () => {
    const api = createApi();
    await api.done('PUT', entrypointOf(api), { rules: [] });
    expect(await api.refused(400, 20217, 'POST', `${api.zone}/rulesets`, RULESET)).toBe(
      `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${phase}`,
    );
    await api.done('POST', `/zones/${api.world.zones[1]?.id}/rulesets`, RULESET);
  });

  it.each([
    { because: 'another kind', change: { kind: 'custom' } },
    { because: 'no kind', change: { kind: undefined } },
    { because: 'no name', change: { name: undefined } },
    { because: 'a phase that is not played', change: { phase: 'http_ratelimit' } },
    { because: 'a rule that is wrong', change: { rules: [{ ...BLOCK, action: 'explode' }] } },
    { because: 'a member that nobody knows', change: { colour: 'red' } },
  ])('is rejected for $because, and nothing is created', async ({ change }) => {
    const api = createApi();
    const path = `${api.zone}/rulesets`;
    expect((await api.call('POST', path, { ...RULESET, ...change })).status).toBe(400);
    expect(await api.done('GET', path)).toEqual([]);
  });

  it('needs the permission for the phase that it names', async () => {
    const api = createApi();
    const [token] = api.world.apiTokens;
    if (token) token.permissions = ['Cache Settings Write'];
    await api.refused(403, 10000, 'POST', `${api.zone}/rulesets`, RULESET);
    const rules = [
      { action: 'set_cache_settings', action_parameters: { cache: false }, expression: BLOCK.expression },
    ];
    await api.done('POST', `${api.zone}/rulesets`, {
      ...RULESET,
      ...{ phase: 'http_request_cache_settings', rules },
    });
  });
});

it('a rule shows its defaults', async () => {
  const { ruleset } = await begun([BLOCK, SKIP]);
  const [block, skip] = ruleset.rules;
  expect(block).toMatchObject({ ...BLOCK, enabled: true, version: '1' });
  expect(block).not.toHaveProperty('logging');
  expect(skip).toMatchObject({ ...SKIP, ref: skip.id, description: '', logging: { enabled: true } });
});

it('each write of a rule returns the complete ruleset in the next version', async () => {
  const { api, rules } = await begun();
  const more = await api.done('POST', rules, { ...SKIP, ref: 's', logging: { enabled: false } });
  expect(more).toMatchObject({
    version: '2',
    rules: [{ ref: 'b' }, { ref: 's', logging: { enabled: false } }],
  });
  const path = `${rules}/${more.rules[1].id}`;
  const changed = await api.done('PATCH', path, { ...SKIP, enabled: false });
  expect(changed).toMatchObject({ version: '3' });
  expect(changed.rules[1]).toMatchObject({
    id: more.rules[1].id,
    ref: more.rules[1].id,
    enabled: false,
    version: '2',
    logging: { enabled: true },
  });
  const fewer = await api.done('DELETE', path);
  expect(fewer).toMatchObject({ version: '4', rules: [{ ref: 'b' }] });
  await api.refused(404, 10003, 'DELETE', path);
});

it('a PATCH must have the complete definition, or only the position', async () => {
  const { api, ruleset, rules } = await begun();
  const path = `${rules}/${ruleset.rules[0].id}`;
  await api.refused(400, 20127, 'PATCH', path, { enabled: false });
  await api.refused(400, 20127, 'PATCH', path, { enabled: false, position: { index: 1 } });
  await api.refused(400, 20127, 'PATCH', path, { position: null });
  await api.refused(400, 20127, 'PATCH', path, { expression: BLOCK.expression });
  expect((await api.done('PATCH', path, { position: { index: 1 } })).rules[0]).toMatchObject({ ref: 'b' });
});

it('a rule moves to the requested position', async () => {
  const named = ['a', 'b', 'c'].map((ref) => ({ ...BLOCK, ref }));
  const { api, ruleset, rules } = await begun(named);
  const [a, b, c] = ruleset.rules;
  const move = async (rule: { id: string }, position: unknown) =>
    refs(await api.done('PATCH', `${rules}/${rule.id}`, { position }));
  expect(await move(c, { before: '' })).toEqual(['c', 'a', 'b']);
  expect(await move(c, { after: '' })).toEqual(['a', 'b', 'c']);
  expect(await move(c, { before: b.id })).toEqual(['a', 'c', 'b']);
  expect(await move(a, { after: c.id })).toEqual(['c', 'a', 'b']);
  expect(await move(b, { index: 1 })).toEqual(['b', 'c', 'a']);
  expect(refs(await api.done('POST', rules, { ...BLOCK, ref: 'd', position: { index: 2 } }))).toEqual([
    'b',
    'd',
    'c',
    'a',
  ]);
  for (const position of [{ index: 0 }, { index: 6 }, { before: 'x' }, { after: a.id, index: 1 }, {}]) {
    await api.refused(400, 20127, 'PATCH', `${rules}/${a.id}`, { position });
  }
});

it('a PUT replaces all rules, and recognizes them by id or ref', async () => {
  const { api, ruleset } = await begun([BLOCK, { ...BLOCK, ref: 'c' }]);
  const [b, c] = ruleset.rules;
  const { id, version, last_updated, description, name } = ruleset;
  const put = await api.done('PUT', entrypointOf(api), {
    ...{ id, version, last_updated, description, name },
    rules: [{ ...BLOCK, ref: 'new' }, { ...c, description: 'changed' }, BLOCK],
  });
  expect(put.rules.map(({ id }: { id: string }) => id).slice(1)).toEqual([c.id, b.id]);
  expect((await api.done('PUT', `${api.zone}/rulesets/${id}`, { kind: 'zone' })).rules).toEqual([]);
  await api.refused(400, 20127, 'PUT', entrypointOf(api), { rules: [{ ...BLOCK, id: b.id }] });
  await api.refused(400, 20127, 'PUT', entrypointOf(api), { phase: ruleset.phase });
  await api.refused(400, 20127, 'PUT', `${api.zone}/rulesets/${id}`, { phase: 'http_ratelimit' });
  await api.refused(400, 20127, 'PUT', entrypointOf(api), { rules: [BLOCK, BLOCK] });
});

it('a ruleset is deleted without a word', async () => {
  const { api, ruleset } = await begun();
  const path = `${api.zone}/rulesets/${ruleset.id}`;
  expect(await api.call('DELETE', path)).toMatchObject({ status: 204, body: {} });
  await api.refused(404, 10003, 'GET', path);
  await api.refused(404, 10003, 'GET', entrypointOf(api));
});

describe('the quota', () => {
  const sizes = [
    ['free', 5],
    ['pro', 20],
    ['business', 100],
  ] as const;
  it.each(sizes)('of plan %s is %i rules', async (plan, quota) => {
    const many = Array.from({ length: quota }, (_, at) => ({ ...BLOCK, ref: `r${at}` }));
    const { api, rules } = await begun(many, plan);
    expect(await api.refused(400, 20217, 'POST', rules, { ...BLOCK, ref: 'more' })).toContain(
      `out of ${quota}`,
    );
    await api.refused(400, 20217, 'PUT', entrypointOf(api), { rules: [...many, BLOCK] });
  });
});

describe('the API rejects', () => {
  const wrong: [because: string, rule: object][] = [
    ['an unknown field', { ...BLOCK, expression: 'http.hosts eq "x"' }],
    ['an unknown function', { ...BLOCK, expression: 'uper(http.host) eq "X"' }],
    ['functions of API Shield', { ...BLOCK, expression: 'not is_jwt_valid("x")' }],
    ['a regular expression below Business', { ...BLOCK, expression: 'http.host matches "^a"' }],
    ['cookies below Pro', { ...BLOCK, expression: 'http.request.cookies["a"][0] eq "b"' }],
    [
      'claims without API Shield',
      { ...BLOCK, expression: 'any(http.request.jwt.claims.aud["x"][*] eq "b")' },
    ],
    ['the action log below Enterprise', { ...BLOCK, action: 'log' }],
    ['an action of another phase', { ...BLOCK, action: 'rewrite' }],
    ['an unknown member', { ...BLOCK, mode: 'x' }],
    ['no expression', { action: 'block' }],
    ['an id that is chosen', { ...BLOCK, id: 'x' }],
    ['logging of a block', { ...BLOCK, logging: { enabled: true } }],
    [
      'a response below Pro',
      {
        ...BLOCK,
        action_parameters: { response: { status_code: 404, content: 'x', content_type: 'text/plain' } },
      },
    ],
    ['parameters of a challenge', { ...BLOCK, action: 'managed_challenge', action_parameters: { a: 1 } }],
    ['a skip of nothing', { ...SKIP, action_parameters: {} }],
    [
      'a phase that cannot be skipped',
      { ...SKIP, action_parameters: { phases: ['http_request_transform'] } },
    ],
    ['a product that there is not', { ...SKIP, action_parameters: { products: ['access'] } }],
    ['rulesets beside ruleset', { ...SKIP, action_parameters: { rulesets: ['a'], ruleset: 'current' } }],
    ['phase beside phases', { ...SKIP, action_parameters: { phase: 'current', phases: ['http_ratelimit'] } }],
    ['a ref that is taken', { ...SKIP, ref: 'b' }],
  ];
  it.each(wrong)('%s', async (_, rule) => {
    const { api, rules, ruleset } = await begun();
    await api.refused(400, 20127, 'POST', rules, rule);
    expect((await api.done('GET', entrypointOf(api))).version).toBe(ruleset.version);
  });

  it('a token without the permission', async () => {
    const api = createApi();
    for (const token of api.world.apiTokens) token.permissions = ['Zone WAF Read', 'Zone Read'];
    await api.refused(404, 10003, 'GET', entrypointOf(api));
    await api.refused(403, 10000, 'PUT', entrypointOf(api), { rules: [] });
  });
});

it('higher plans accept more', async () => {
  const { api, rules } = await begun([], 'enterprise');
  for (const rule of [
    { ...BLOCK, ref: '1', expression: 'http.host matches "^a"' },
    { ...BLOCK, ref: '2', action: 'log' },
    {
      ...BLOCK,
      ref: '3',
      action_parameters: { response: { status_code: 404, content: 'x', content_type: 'text/plain' } },
    },
    { ...SKIP, ref: '4', action_parameters: { ruleset: 'current', products: ['waf'] } },
    { ...SKIP, ref: '5', action_parameters: { phase: 'current', products: ['hot'] } },
  ]) {
    await api.done('POST', rules, rule);
  }
  await api.refused(400, 20127, 'POST', rules, {
    ...BLOCK,
    ref: '6',
    expression: 'any(http.request.jwt.claims.aud["x"][*] eq "b")',
  });
});
