import { describe, expect, it } from 'vitest';
import {
  addApp,
  addPolicy,
  addRecord,
  addToken,
  newWorld,
  setIngress,
  tokenHeaders,
  visit,
} from '../scene.ts';

const HOST = 'app.example.dev';
const OTHER = 'app.other.dev';

/** A world with two hosts that no application covers. */
function world(settings: Record<string, boolean | string[]>) {
  const made = newWorld(['example.dev', 'other.dev']);
  addRecord(made, { name: HOST });
  addRecord(made, { name: OTHER });
  const rules = [HOST, OTHER].map((hostname) => ({ hostname, service: 'http://app.lan' }));
  setIngress(made, rules);
  if (made.organization) made.organization.details = settings;
  return made;
}

describe('Require Cloudflare Access Protection', () => {
  it('is off in a new account', async () => {
    expect((await visit(world({}), `https://${HOST}/`)).status).toBe(200);
  });

  it('blocks hosts without an application, with error 1050', async () => {
    const required = world({ deny_unmatched_requests: true });
    const seen = await visit(required, `https://${HOST}/`, { accept: '*/*' });
    expect(seen).toMatchObject({ status: 403, servedBy: 'edge', text: 'error code: 1050' });
    expect(seen.headers.get('cf-mitigated')).toBeNull();
    expect(seen.headers.get('cf-access-aud')).toBeNull();
    const page = await visit(required, `https://${HOST}/`, { 'user-agent': 'Mozilla/5.0' });
    expect(page.text).toContain('Error 1050');
  });

  it('admits hosts with an application, even a bypass, and checks each path', async () => {
    const required = world({ deny_unmatched_requests: true });
    addApp(required, [`${HOST}/open`], [addPolicy(required, 'bypass', [{ everyone: {} }])]);
    expect((await visit(required, `https://${HOST}/open`)).status).toBe(200);
    expect((await visit(required, `https://${HOST}/`)).status).toBe(403);
  });

  it('spares an exempted zone, and hosts that are not proxied', async () => {
    const settings = {
      deny_unmatched_requests: true,
      deny_unmatched_requests_exempted_zone_names: ['other.dev'],
    };
    const required = world(settings);
    addRecord(required, { name: 'plain.example.dev', type: 'A', content: '192.0.2.1', proxied: false });
    expect((await visit(required, `https://${OTHER}/`)).status).toBe(200);
    expect((await visit(required, 'https://plain.example.dev/')).status).toBe(200);
    expect((await visit(required, `https://${HOST}/`)).status).toBe(403);
  });
});

describe('without strict service tokens', () => {
  it.each([
    { decision: 'non_identity', status: 403 },
    { decision: 'allow', status: 302 },
  ] as const)('a wrong secret gets $status under a policy with $decision', async ({ decision, status }) => {
    const lax = world({ strict_service_token_auth: false });
    const ci = addToken(lax, 'ci');
    addApp(lax, [HOST], [addPolicy(lax, decision, [{ service_token: { token_id: ci.id } }])]);
    const headers = { ...tokenHeaders(ci), 'CF-Access-Client-Secret': 'x' };
    expect((await visit(lax, `https://${HOST}/`, headers)).status).toBe(status);
    if (lax.organization) lax.organization.details = { strict_service_token_auth: true };
    expect((await visit(lax, `https://${HOST}/`, headers)).status).toBe(401);
  });
});
