import { beforeEach, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { copyOf, done } from './recorded.ts';

let real: Sandbox;
let outpost: { pk: string; config: object };

/** In the original, `sso` and `other` lead to an unknown address, and all other hosts to a Traefik. */
beforeEach(async () => {
  real = await createSandbox({ zones: ['example.org'] });
  const account = `/accounts/${real.accountId}`;
  const [tunnel] = await done(real, 'cloudflare', 'GET', `${account}/cfd_tunnel?is_deleted=false`);
  const services = {
    login: 'http://traefik.lan',
    auth: 'http://traefik.lan',
    app: 'http://traefik.lan',
    sso: 'http://10.0.0.5:9000',
    other: 'http://10.0.0.5:9000',
  };
  const ingress = Object.entries(services).map(([name, service]) => ({
    hostname: `${name}.example.org`,
    service,
  }));
  await done(real, 'cloudflare', 'PUT', `${account}/cfd_tunnel/${tunnel.id}/configurations`, {
    config: { ingress: [...ingress, { service: 'http_status:404' }] },
  });
  await done(real, 'cloudflare', 'POST', `/zones/${real.zones[0]?.id}/dns_records`, {
    type: 'CNAME',
    name: '*',
    content: `${tunnel.id}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  });
  const { results } = await done(real, 'authentik', 'GET', '/api/v3/outposts/instances/');
  outpost = results[0];
});

function tellOutpost(host: string): Promise<unknown> {
  const config = { ...outpost.config, authentik_host: host };
  return done(real, 'authentik', 'PATCH', `/api/v3/outposts/instances/${outpost.pk}/`, { config });
}

/** The system that answers at each of these hosts of the copy. */
async function answering(copy: Sandbox, ...names: string[]): Promise<Record<string, string | null>> {
  const found = names.map(async (name) => {
    const { headers } = await copy.fetch(`https://${name}.example.org/`, { redirect: 'manual' });
    return [name, headers.get('x-sandbox-served-by')];
  });
  return Object.fromEntries(await Promise.all(found));
}

it('the host of Authentik is where the embedded outpost sends people', async () => {
  await tellOutpost('https://login.example.org/');
  const { copy } = await copyOf(real);
  expect(await answering(copy, 'login', 'auth', 'app')).toEqual({
    login: 'authentik',
    auth: 'origin',
    app: 'origin',
  });
});

it('the host of Authentik may be given, and Authentik answers there wherever its name leads', async () => {
  await tellOutpost('https://login.example.org/');
  const { copy } = await copyOf(real, { authentikHost: 'SSO.example.org' });
  const url = 'http://10.0.0.5:9000';
  const described = await copy.fetch(`${copy.urls.admin}/origins`, {
    method: 'PUT',
    body: JSON.stringify({ url, kind: 'application' }),
  });
  expect(described.status).toBe(200);
  expect(await answering(copy, 'sso', 'other', 'login')).toEqual({
    sso: 'authentik',
    other: 'origin',
    login: 'origin',
  });
});

it('the host of Authentik is auth in the zone if no outpost names one, or names one outside this edge', async () => {
  for (const host of ['', 'http://10.0.0.5:9000', 'https://login.elsewhere.org']) {
    await tellOutpost(host);
    const { copy } = await copyOf(real);
    expect(await answering(copy, 'auth', 'login')).toEqual({ auth: 'authentik', login: 'origin' });
  }
});
