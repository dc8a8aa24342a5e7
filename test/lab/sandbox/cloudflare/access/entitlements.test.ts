import { describe, expect, it } from 'vitest';
import { createApi } from '../api.ts';
import { MACHINES } from './authorities.ts';

const ALLOW = { name: 'p', decision: 'allow', include: [{ email: { email: 'me@example.dev' } }] };
const APPROVERS = [{ approvals_needed: 1, email_addresses: ['boss@example.dev'] }];
const APP = { type: 'self_hosted', domain: 'app.example.dev', name: 'app' };

describe('features of a policy', () => {
  const rows = [
    {
      feature: 'approval',
      beside: ['justification'],
      fields: {
        approval_required: true,
        approval_groups: APPROVERS,
        purpose_justification_required: true,
      },
    },
    {
      feature: 'justification',
      beside: [],
      fields: { purpose_justification_required: true, purpose_justification_prompt: 'Why?' },
    },
    { feature: 'isolation', beside: [], fields: { isolation_required: true } },
  ] as const;

  it.each(rows)(
    '$feature is stored and shown if the account has it, else refused',
    async ({ feature, beside, fields }) => {
      const api = createApi();
      const path = `${api.account}/access/policies`;
      api.world.account.entitlements = [feature, ...beside];
      const { id } = await api.done('POST', path, { ...ALLOW, ...fields });
      expect(await api.done('GET', `${path}/${id}`)).toMatchObject(fields);
      api.world.account.entitlements = [...beside];
      const says = await api.refused(400, 12130, 'PUT', `${path}/${id}`, { ...ALLOW, ...fields });
      expect(says).toContain(`not entitled to use ${feature}`);
      const off = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== true));
      await api.done('PUT', `${path}/${id}`, { ...ALLOW, ...off });
    },
  );

  it.each(rows)('$feature is only for the decision allow', async ({ fields }) => {
    const api = createApi();
    api.world.account.entitlements = ['approval', 'isolation', 'justification'];
    const body = { name: 'p', decision: 'deny', include: [{ everyone: {} }], ...fields };
    const says = await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body);
    expect(says).toContain('decision allow');
  });

  it('a new account has no isolation', async () => {
    const api = createApi();
    const body = { ...ALLOW, isolation_required: true };
    await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body);
  });

  it('authorities need an entitlement too', async () => {
    const api = createApi();
    api.world.account.entitlements = [];
    const body = { name: 'ci', certificate: MACHINES };
    const says = await api.refused(400, 12130, 'POST', `${api.account}/access/certificates`, body);
    expect(says).toContain('certificates');
  });

  it.each([
    { groups: [], says: 'needs approval_groups' },
    { groups: [{ email_addresses: ['a@b.c'] }], says: "'approvals_needed' is missing" },
    { groups: [{ approvals_needed: 0, email_addresses: ['a@b.c'] }], says: 'positive integer' },
    { groups: [{ approvals_needed: 1 }], says: 'nobody can approve' },
    { groups: [{ approvals_needed: 1, email_addresses: [] }], says: 'nobody can approve' },
    { groups: [{ ...APPROVERS[0], name: 'x' }], says: "unknown field 'name'" },
  ])('approval is refused without approvers: $says', async ({ groups, says }) => {
    const api = createApi();
    const body = {
      ...{ ...ALLOW, purpose_justification_required: true },
      ...{ approval_required: true, approval_groups: groups },
    };
    expect(await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body)).toContain(says);
  });
});

it('approval needs a justification too', async () => {
  const api = createApi();
  const body = { ...ALLOW, approval_required: true, approval_groups: APPROVERS };
  expect(await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body)).toContain(
    'purpose_justification_required',
  );
});

describe('the appearance of an application', () => {
  const cors = { allow_all_headers: true, allowed_methods: ['GET'], allowed_origins: ['https://a.example'] };

  it('is stored and shown', async () => {
    const api = createApi();
    const look = {
      logo_url: 'https://example.dev/logo.png',
      app_launcher_visible: false,
      custom_deny_message: 'Ask ann',
      custom_deny_url: 'https://example.dev/no',
      custom_pages: ['699d98642c564d2e855e9661899b7252'],
      cors_headers: { ...cors, max_age: 60 },
      same_site_cookie_attribute: 'strict',
      path_cookie_attribute: true,
      enable_binding_cookie: true,
      session_duration: '0s',
    };
    const { id } = await api.done('POST', `${api.account}/access/apps`, { ...APP, ...look });
    expect(await api.done('GET', `${api.account}/access/apps/${id}`)).toMatchObject(look);
  });

  it.each([
    { fields: { logo_url: 'logo.png' }, says: 'logo_url' },
    { fields: { custom_deny_url: 'example.dev' }, says: 'custom_deny_url' },
    { fields: { same_site_cookie_attribute: 'loose' }, says: 'must be one of' },
    { fields: { cors_headers: { ...cors, colour: 'red' } }, says: "unknown field 'colour'" },
    { fields: { cors_headers: { ...cors, max_age: 'long' } }, says: "'max_age'" },
    { fields: { cors_headers: { ...cors, allowed_headers: ['x-a'] } }, says: 'all headers and list some' },
    { fields: { cors_headers: { ...cors, allowed_methods: ['EAT'] } }, says: 'does not exist' },
    {
      fields: { cors_headers: { allow_all_origins: true, allow_credentials: true } },
      says: 'credentials to all origins',
    },
  ])('is refused if it is wrong: $says', async ({ fields, says }) => {
    const api = createApi();
    const body = { ...APP, ...fields };
    expect(await api.refused(400, 12130, 'POST', `${api.account}/access/apps`, body)).toContain(says);
  });
});
