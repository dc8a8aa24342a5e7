import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, newClient } from '../client.ts';
import { addRecord } from '../edge/scene.ts';

const HOST = 'api.example.dev';
const AUTHENTIK = 'http://authentik.sandbox';

/** A zone with a machine's API behind API Shield: the keys of a client, operations, and two custom rules. */
interface Scene extends Client {
  zone: string;
  entrypoint: string;
  configuration: string;
  rule: string;
  /** The findings of the oracle at the last write, each once. */
  caught(): string[];
  /** Makes a write that changes nothing. */
  nudge(): Promise<void>;
  authentik(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, string> }>;
}

let there: Scene;

async function stage(): Promise<Scene> {
  const client = await newClient({ plan: 'enterprise' });
  const { sandbox } = client;
  const world = JSON.parse(sandbox.snapshot());
  addRecord(world, { name: HOST, type: 'A', content: '192.0.2.9' });
  sandbox.restore(JSON.stringify(world));
  const authentik: Scene['authentik'] = async (method, path, body) => {
    const response = await sandbox.fetch(`${AUTHENTIK}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${sandbox.authentikToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  const own = await authentik('POST', '/crypto/certificatekeypairs/generate/', {
    ...{ common_name: 'api', validity_days: 365, alg: 'ecdsa' },
  });
  await addOidcClient(authentik, 'api', String(own.body.pk));
  const [stock] = world.authentik.keyPairs;
  await addOidcClient(authentik, 'vault', stock.pk);
  const zone = `/zones/${client.zoneId}`;
  const keys = await keySet(client, 'api');
  const configuration = await client.api('POST', `${zone}/token_validation/config`, {
    ...{ title: 'api', description: '', token_type: 'JWT', credentials: { keys } },
    token_sources: ['http.request.headers["authorization"][0]', 'http.request.cookies["Auth"][0]'],
  });
  const id: string = configuration.body.result.id;
  const operations = ['GET', 'POST'].map((method) => ({ method, host: HOST, endpoint: '/v1/items' }));
  await client.api('POST', `${zone}/api_gateway/operations`, [
    ...operations,
    { method: 'GET', host: HOST, endpoint: '/v1/items/{id}' },
  ]);
  const rule = await client.api('POST', `${zone}/token_validation/rules`, {
    ...{ title: 'api', description: '', action: 'block', enabled: true, expression: `is_jwt_valid("${id}")` },
    selector: { include: [{ host: [HOST] }] },
  });
  const entrypoint = `${zone}/rulesets/phases/http_request_firewall_custom/entrypoint`;
  const audience = `http.host eq "${HOST}" and not any(http.request.jwt.claims.aud["${id}"][*] eq "api")`;
  const fallthrough = `http.host eq "${HOST}" and cf.api_gateway.fallthrough_detected`;
  await client.api('PUT', entrypoint, {
    rules: [
      { action: 'block', expression: fallthrough, ref: 'fallthrough' },
      { action: 'block', expression: audience, ref: 'audience' },
    ],
  });
  await client.admin('PUT', '/guards', {
    host: HOST,
    admit: {
      bearer: { audience: 'api', client: 'api' },
      operations: ['GET /v1/items', 'POST /v1/items', 'GET /v1/items/{id}'],
    },
  });
  const nudge = async () => {
    await client.admin('DELETE', '/exposures');
    await client.api('PATCH', `${zone}/token_validation/config/${id}`, { title: 'api' });
  };
  return {
    ...client,
    ...{ zone, entrypoint, configuration: id, rule: rule.body.result.id, authentik, nudge },
    caught: () => [...new Set(sandbox.exposures().map(({ principal }) => principal))].sort(),
  };
}

async function addOidcClient(authentik: Scene['authentik'], name: string, signingKey: string): Promise<void> {
  const flows = await authentik('GET', '/flows/instances/?page_size=100');
  const pkOf = (slug: string) =>
    (flows.body.results as unknown as { slug: string; pk: string }[]).find((flow) => flow.slug === slug)?.pk;
  const provider = await authentik('POST', '/providers/oauth2/', {
    ...{
      name,
      client_id: name,
      client_secret: `secret of ${name}`,
      signing_key: signingKey,
      redirect_uris: [],
    },
    grant_types: ['client_credentials'],
    authorization_flow: pkOf('default-provider-authorization-implicit-consent'),
    invalidation_flow: pkOf('default-provider-invalidation-flow'),
  });
  await authentik('POST', '/core/applications/', { name, slug: name, provider: provider.body.pk });
}

async function keySet(client: Client, slug: string): Promise<{ kid: string }[]> {
  const reply = await client.sandbox.fetch(`${AUTHENTIK}/application/o/${slug}/jwks/`);
  return ((await reply.json()) as { keys: { kid: string }[] }).keys;
}

async function tokenOf(client: Client, form: Record<string, string>): Promise<string> {
  const reply = await client.sandbox.fetch(`${AUTHENTIK}/application/o/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
  });
  return ((await reply.json()) as { access_token: string }).access_token;
}

async function rulesWithout(ref: string): Promise<void> {
  const { body } = await there.api('GET', there.entrypoint);
  const rules = body.result.rules.filter((rule: { ref: string }) => rule.ref !== ref);
  await there.admin('DELETE', '/exposures');
  await there.api('PUT', there.entrypoint, { rules });
}

beforeEach(async () => {
  there = await stage();
});

describe('the oracle', () => {
  it('finds nothing if tokens are required everywhere', async () => {
    await there.nudge();
    expect(there.caught()).toEqual([]);
  });

  it('finds visitors whom API Shield would have stopped', async () => {
    await rulesWithout('audience');
    await there.admin('DELETE', '/exposures');
    await there.api('PATCH', `${there.zone}/token_validation/rules/${there.rule}`, { action: 'log' });
    const bad = ['expired token', 'garbage token', 'no token', 'token for another audience'];
    const forged = ['token of a foreign key', 'token of client vault', 'unsigned token'];
    expect(there.caught()).toEqual([...bad, ...forged].flatMap((each) => [each, `${each}, POST`]));
  });

  const skipFirst = async (expression: string) => {
    const { body } = await there.api('GET', there.entrypoint);
    const skip = { action: 'skip', action_parameters: { ruleset: 'current' }, expression, ref: 'skip' };
    await there.admin('DELETE', '/exposures');
    const { status } = await there.api('PUT', there.entrypoint, { rules: [skip, ...body.result.rules] });
    expect(status).toBe(200);
  };
  const openPaths = () => [...new Set(there.sandbox.exposures().map(({ path }) => path))].sort();

  it.each([
    { expression: 'http.request.uri.path eq "/secret"', path: '/secret' },
    { expression: 'starts_with(http.request.uri.path, "/a/b")', path: '/a/b' },
    { expression: 'http.request.uri.path contains "cret" and http.request.method eq "GET"', path: '/cret' },
    {
      expression: 'starts_with(http.request.uri.path, "/a") and ends_with(http.request.uri.path, ".css")',
      path: '/a.css',
    },
    { expression: 'http.request.uri.path matches "^/v[0-9]+/(x|y)$"', path: '/v0/x' },
    { expression: 'http.request.uri.path wildcard "/files/*/raw"', path: '/files/x/raw' },
    { expression: 'http.request.uri.path in {"/one" "/two"}', path: '/two' },
    { expression: 'http.request.uri.path.extension in {"js" "png"}', path: '/x.png' },
    { expression: 'http.request.full_uri wildcard "https://api.example.dev/full*"', path: '/fullx' },
  ])('tries a path for which a foreign rule skips the others: $expression', async ({ expression, path }) => {
    await skipFirst(expression);
    expect(openPaths()).toContain(path);
    expect(there.sandbox.blindSpots()).toEqual([]);
  });

  it.each([
    { expression: 'ip.src eq 198.51.100.4', isKnown: false },
    { expression: 'http.user_agent eq "monitor"', isKnown: false },
    { expression: 'http.host eq "other.example.dev"', isKnown: true },
    { expression: 'http.host eq "other.example.dev" and ip.src eq 198.51.100.4', isKnown: true },
  ])(
    'names a rule that skips the others for visits that it does not make: $expression',
    async ({ expression, isKnown }) => {
      await skipFirst(expression);
      expect(there.caught()).toEqual([]);
      expect(there.sandbox.blindSpots()).toEqual(
        isKnown
          ? []
          : [`custom rules: no visit to ${HOST} is known that is spared the other rules by: ${expression}`],
      );
    },
  );

  it('finds a valid token for another audience if no custom rule checks that', async () => {
    await rulesWithout('audience');
    expect(there.caught()).toEqual(['token for another audience', 'token for another audience, POST']);
  });

  it('finds the token of another client if both sign with one key', async () => {
    const { body } = await there.authentik('GET', '/providers/oauth2/?page_size=100');
    const [api, vault] = body.results as unknown as { pk: number; signing_key: string }[];
    await there.authentik('PATCH', `/providers/oauth2/${vault?.pk}/`, { signing_key: api?.signing_key });
    expect(there.caught()).toEqual([]);
    await rulesWithout('audience');
    expect(there.caught()).toContain('token of client vault');
  });

  it('finds a valid token next to the operations if nothing catches what falls through', async () => {
    await rulesWithout('fallthrough');
    const beside = 'valid token beside the operations';
    expect(there.caught()).toEqual([beside, `${beside}, DELETE`, `${beside}, POST`]);
  });

  it('finds an operation that is not in the file', async () => {
    await there.admin('DELETE', '/exposures');
    const operation = { method: 'DELETE', host: HOST, endpoint: '/v1/items' };
    await there.api('POST', `${there.zone}/api_gateway/operations/item`, operation);
    expect(there.caught()).toEqual(['valid token beside the operations, DELETE']);
  });

  it('finds that all operations are gone', async () => {
    await rulesWithout('audience');
    await there.admin('DELETE', '/exposures');
    await there.api('DELETE', `${there.zone}/api_gateway/operations`);
    expect(there.caught()).toContain('anonymous');
  });

  it('solves challenges, which are no gate', async () => {
    await there.admin('DELETE', '/exposures');
    await there.api('PUT', there.entrypoint, { rules: [{ action: 'managed_challenge', expression: 'ssl' }] });
    expect(there.caught()).toContain('anonymous');
  });

  it('rejects a guard whose bearers have no audience', async () => {
    expect((await there.admin('PUT', '/guards', { host: HOST, admit: { bearer: {} } })).status).toBe(400);
  });
});

describe('a token of Authentik', () => {
  const items = `https://${HOST}/v1/items`;
  const served = async (token: string) =>
    (await there.visit(items, { authorization: `Bearer ${token}` })).headers.get('x-sandbox-served-by');

  it('admits a machine by the keys of its client', async () => {
    const token = await tokenOf(there, { client_id: 'api', client_secret: 'secret of api' });
    expect(await served(token)).toBe('origin');
    expect(await served(await tokenOf(there, { client_id: 'vault', client_secret: 'secret of vault' }))).toBe(
      'edge',
    );
    await there.admin('POST', '/clock', { advance: '2h' });
    expect(await served(token)).toBe('edge');
  });

  it('admits a service account by its app password', async () => {
    const { body } = await there.authentik('POST', '/core/users/service_account/', { name: 'robot' });
    const form = {
      client_id: 'api',
      client_secret: 'secret of api',
      username: 'robot',
      password: String(body.token),
    };
    expect(await served(await tokenOf(there, form))).toBe('origin');
  });

  it('has no effect once the client signs with another key, until the keys are copied', async () => {
    const made = await there.authentik('POST', '/crypto/certificatekeypairs/generate/', {
      ...{ common_name: 'next', validity_days: 365, alg: 'ecdsa' },
    });
    const { body } = await there.authentik('GET', '/providers/oauth2/?page_size=100&client_id=api');
    const [provider] = body.results as unknown as { pk: number }[];
    const [before] = await keySet(there, 'api');
    await there.authentik('PATCH', `/providers/oauth2/${provider?.pk}/`, { signing_key: made.body.pk });
    const keys = await keySet(there, 'api');
    expect(keys.map(({ kid }) => kid)).not.toEqual([before?.kid]);
    const token = await tokenOf(there, { client_id: 'api', client_secret: 'secret of api' });
    expect(await served(token)).toBe('edge');
    await there.api('PUT', `${there.zone}/token_validation/config/${there.configuration}/credentials`, {
      keys,
    });
    expect(await served(token)).toBe('origin');
  });
});
