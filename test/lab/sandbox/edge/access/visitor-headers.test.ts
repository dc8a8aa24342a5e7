import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, newClient } from '../../client.ts';
import { MACHINES } from '../../cloudflare/access/authorities.ts';
import { accessScene, PROXMOX } from '../access-scene.ts';
import { browserOf } from '../browser.ts';
import { newWorld } from '../scene.ts';

const HOST = 'app.example.dev';
const URL_OF_HOST = `https://${HOST}/`;
const ME = 'me@example.dev';

let client: Client;
let policy: string;

/** The result of a call to the API of the account, which has to succeed. */
async function done(method: string, path: string, body?: unknown) {
  const reply = await client.api(method, client.account + path, body);
  expect(reply.body.success, JSON.stringify(reply.body)).toBe(true);
  return reply.body.result;
}

/** Gives the policy of the host these rules. */
async function decide(rules: object, decision = 'allow'): Promise<void> {
  await done('PUT', `/access/policies/${policy}`, { name: 'p', decision, ...rules });
}

async function statusOf(headers: Record<string, string> = {}): Promise<number> {
  return (await client.visit(URL_OF_HOST, headers)).status;
}

async function cookieOf(more: object = {}): Promise<Record<string, string>> {
  const { status, body } = await client.admin('POST', '/login', { host: HOST, email: ME, ...more });
  expect(status, JSON.stringify(body)).toBe(200);
  return { cookie: body.cookie };
}

beforeEach(async () => {
  client = await newClient();
  const everyone = [{ everyone: {} }];
  policy = (await done('POST', '/access/policies', { name: 'p', decision: 'allow', include: everyone })).id;
  await done('POST', '/access/apps', { type: 'self_hosted', name: 'app', domain: HOST, policies: [policy] });
  const [tunnel] = await done('GET', '/cfd_tunnel');
  const ingress = [{ hostname: HOST, service: 'http://app.lan' }, { service: 'http_status:404' }];
  await done('PUT', `/cfd_tunnel/${tunnel.id}/configurations`, { config: { ingress } });
  await client.api('POST', `/zones/${client.zoneId}/dns_records`, {
    ...{ type: 'CNAME', name: 'app', proxied: true, ttl: 1, content: `${tunnel.id}.cfargotunnel.com` },
  });
});

describe('a visitor states their place and device', () => {
  it('in headers, which do not reach the origin', async () => {
    await decide({ include: [{ geo: { country_code: 'DE' } }, { ip: { ip: '2001:db8::/32' } }] }, 'bypass');
    expect(await statusOf()).toBe(403);
    expect(await statusOf({ 'x-sandbox-visitor-country': 'de' })).toBe(200);
    const response = await client.visit(URL_OF_HOST, { 'x-sandbox-visitor-ip': '2001:db8::5' });
    const { headers } = JSON.parse(await response.text());
    expect(headers).toMatchObject({ 'cf-connecting-ip': '2001:db8::5', 'x-forwarded-for': '2001:db8::5' });
    expect(Object.keys(headers).filter((name) => name.startsWith('x-sandbox-visitor'))).toEqual([]);
  });

  it('by a client certificate, which has to be valid at the host', async () => {
    const { id } = await done('POST', '/access/certificates', {
      ...{ name: 'machines', certificate: MACHINES, associated_hostnames: [] },
    });
    await decide({ include: [{ common_name: { common_name: 'ci' } }] }, 'non_identity');
    const shown = {
      'x-sandbox-visitor-certificate': 'ci',
      'x-sandbox-visitor-certificate-authority': 'machines',
    };
    expect(await statusOf(shown)).toBe(403);
    await done('PUT', `/access/certificates/${id}`, { associated_hostnames: [HOST] });
    expect(await statusOf(shown)).toBe(200);
    expect(await statusOf({ ...shown, 'x-sandbox-visitor-certificate-authority': id })).toBe(200);
    expect(await statusOf({ ...shown, 'x-sandbox-visitor-certificate': 'cd' })).toBe(403);
    expect(await statusOf({ 'x-sandbox-visitor-certificate': 'ci' })).toBe(403);
  });

  it('by the posture checks that their device passes', async () => {
    const { id } = await done('POST', '/devices/posture', { name: 'Disk', type: 'disk_encryption' });
    await decide({ include: [{ device_posture: { integration_uid: id } }] }, 'bypass');
    for (const device of ['Disk', id, 'warp, Disk']) {
      expect(await statusOf({ 'x-sandbox-visitor-device': device })).toBe(200);
    }
    expect(await statusOf({ 'x-sandbox-visitor-device': 'warp,gateway,disk_encryption' })).toBe(403);
  });

  it('to custom rules and IP Access rules as well', async () => {
    await decide({ include: [{ everyone: {} }] }, 'bypass');
    await client.api('POST', `/zones/${client.zoneId}/firewall/access_rules/rules`, {
      mode: 'block',
      configuration: { target: 'country', value: 'DE' },
    });
    expect(await statusOf()).toBe(200);
    expect(await statusOf({ 'x-sandbox-visitor-country': 'DE' })).toBe(403);
    await client.api(
      'PUT',
      `/zones/${client.zoneId}/rulesets/phases/http_request_firewall_custom/entrypoint`,
      {
        rules: [{ action: 'block', expression: 'ip.src in {192.0.2.0/24} or ip.src.country eq "AT"' }],
      },
    );
    expect(await statusOf({ 'x-sandbox-visitor-ip': '192.0.2.9' })).toBe(403);
    expect(await statusOf({ 'x-sandbox-visitor-country': 'AT' })).toBe(403);
    expect(await statusOf({ 'x-sandbox-visitor-ip': '192.0.3.9' })).toBe(200);
  });
});

describe('a session', () => {
  it('begins where the policies admit the person, and lasts only while they are there', async () => {
    await decide({ include: [{ email: { email: ME } }], require: [{ geo: { country_code: 'DE' } }] });
    expect((await client.admin('POST', '/login', { host: HOST, email: ME })).status).toBe(403);
    const cookie = await cookieOf({ country: 'DE' });
    expect(await statusOf({ ...cookie, 'x-sandbox-visitor-country': 'DE' })).toBe(200);
    expect(await statusOf(cookie)).toBe(302);
  });

  it('lasts in the old place and in the new one if its policy changed, until somebody ends it', async () => {
    const from = (code: string) => ({ 'x-sandbox-visitor-country': code });
    await decide({ include: [{ geo: { country_code: 'DE' } }] });
    const cookie = await cookieOf({ country: 'DE' });
    await decide({ include: [{ geo: { country_code: 'AT' } }] });
    expect(await statusOf({ ...cookie, ...from('DE') })).toBe(200);
    expect(await statusOf({ ...cookie, ...from('AT') })).toBe(200);
    expect(await statusOf({ ...cookie, ...from('CH') })).toBe(302);
    const [app] = await done('GET', '/access/apps');
    await done('POST', `/access/apps/${app.id}/revoke_tokens`);
    await client.admin('POST', '/arrivals');
    expect(await statusOf({ ...cookie, ...from('AT') })).toBe(302);
  });

  it('begins by the stated login method and its methods of authentication', async () => {
    const github = await done('POST', '/access/identity_providers', {
      name: 'GitHub',
      type: 'github',
      config: {},
    });
    await done('POST', '/access/identity_providers', { name: 'PIN', type: 'onetimepin', config: {} });
    await decide({
      include: [{ login_method: { id: github.id } }],
      require: [{ auth_method: { auth_method: 'mfa' } }],
    });
    await cookieOf({ idp: 'GitHub', amr: ['pwd', 'mfa'] });
    for (const way of [
      { idp: 'PIN', amr: ['mfa'] },
      { idp: github.id, amr: ['pwd'] },
    ]) {
      const { status } = await client.admin('POST', '/login', { host: HOST, email: ME, ...way });
      expect(status).toBe(403);
    }
  });

  it.each([{ ip: 5 }, { device: 'warp' }, { amr: 'mfa' }, { certificate: { commonName: 'ci' } }])(
    'is refused for a wrong statement: %j',
    async (wrong) => {
      expect((await client.admin('POST', '/login', { host: HOST, email: ME, ...wrong })).status).toBe(400);
    },
  );
});

describe('entitlements of the account', () => {
  it('are set by the admin API', async () => {
    const isolated = { name: 'i', decision: 'allow', include: [{ everyone: {} }], isolation_required: true };
    expect((await client.admin('GET', '/entitlements')).body.entitlements).not.toContain('isolation');
    expect((await client.api('POST', `${client.account}/access/policies`, isolated)).status).toBe(400);
    await client.admin('PUT', '/entitlements', { entitlements: ['isolation'] });
    expect((await client.api('POST', `${client.account}/access/policies`, isolated)).status).toBe(201);
    expect((await client.admin('PUT', '/entitlements', { entitlements: ['x'] })).status).toBe(400);
  });
});

it('Authentik reports a second factor to Access', async () => {
  const world = newWorld();
  await accessScene(world);
  for (const policy of world.policies) policy.require = [{ auth_method: { auth_method: 'mfa' } }];
  const without = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
  expect(without).toMatchObject({ status: 403, servedBy: 'access' });
  const withFactor = await browserOf(world, { username: 'jo', mfa: true }).follow(`https://${PROXMOX}/`);
  expect(withFactor).toMatchObject({ status: 200, servedBy: 'origin' });
});
