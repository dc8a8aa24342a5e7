import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../../schema/probe.schema.json' with { type: 'json' };
import { UnreachableError } from '../../../src/core/errors.ts';
import type { EdgeAnswer, EdgeRequest } from '../../../src/core/world.ts';
import { isRight, type ProbeDocument } from '../../../src/report/probe/probe.ts';
import { appliedHouse, file, type House, house, serviceIn } from '../house.ts';

const validate = new Ajv2020({ allErrors: true }).compile(schema);

const verdicts = ({ services }: ProbeDocument) =>
  Object.fromEntries(services.map(({ service, verdict }) => [service, verdict]));
const at = (host: string, answer: EdgeAnswer | Error) => (request: EdgeRequest) =>
  request.host === host ? answer : undefined;
const edgeAnswer = (status: number, headers = {}): EdgeAnswer => ({
  status,
  headers: { 'cf-ray': '8f1', ...headers },
  body: '',
});

describe('`gates probe` with everything in order', () => {
  it('reports each service as such, and identifies every gate by its application', async () => {
    const document = await (await appliedHouse()).probe();
    expect(verdicts(document)).toEqual({
      auth: 'login',
      grafana: 'guarded',
      proxmox: 'guarded',
      machine: 'guarded',
      docs: 'public',
    });
    expect(serviceIn(document, 'docs').seen).toBe('answers 200');
    expect(serviceIn(document).gate).toBe('authentik (forwardAuth)');
    expect(isRight(document)).toBe(true);
  });

  it('writes nothing', async () => {
    const home = await appliedHouse();
    const last = home.sandbox.calls().at(-1)?.n ?? 0;
    await home.probe();
    const calls = home.sandbox.calls(last);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ write }) => write)).toEqual([]);
  });

  it('can check one service alone', async () => {
    const requests: string[] = [];
    const document = await (await appliedHouse()).probe({
      service: 'docs',
      edge: ({ host }) => {
        requests.push(host);
        return undefined;
      },
    });
    expect(verdicts(document)).toEqual({ docs: 'public' });
    expect(requests).toEqual(['docs.example.dev']);
  });

  it('visits each host once: what is wrong now may be gone in a minute, and is reported now', async () => {
    let asked = 0;
    await (await appliedHouse()).probe({
      service: 'grafana',
      edge: () => {
        asked += 1;
        return edgeAnswer(530);
      },
    });
    expect(asked).toBe(1);
  });
});

describe('`gates probe` before anything is applied', () => {
  it('finds nothing there, and visits no host', async () => {
    const home = await house();
    const document = await home.probe({ edge: () => new Error('nobody should be asked') });
    expect(new Set(Object.values(verdicts(document)))).toEqual(new Set(['absent']));
    expect(isRight(document)).toBe(false);
  });

  it('says why a service cannot be built', async () => {
    const text = file.replace(
      'gate: { public: { reason: documentation } }',
      'gate: { jwt: { keys: { url: "https://keys.example.net/jwks" }, audience: api, operations: ["GET /v1"] } }, paths: { /about: { public: { reason: about } } }',
    );
    const document = await (await house()).probe({ text });
    expect(serviceIn(document, 'docs')).toMatchObject({
      verdict: 'unproved',
      advice: expect.stringMatching(/^refused, /),
    });
  });
});

it('the probe reports what it cannot read, and counts nothing as right meanwhile', async () => {
  const home = await appliedHouse();
  const match = { system: 'cloudflare', method: 'GET', path: '/client/v4/zones/*/dns_records' };
  await home.admin('POST', '/faults', { match, fault: 'status', status: 403 });
  const document = await home.probe();
  expect(document.unknown).toEqual([
    expect.stringMatching(/^cloudflare\/ingress-rule, cloudflare\/dns-record could not be read: /),
  ]);
  expect(verdicts(document)).toMatchObject({ grafana: 'guarded', docs: 'public' });
  expect(isRight(document)).toBe(false);
});

it('the probe distinguishes Bot Fight Mode from a refusal by Access at a machine, which an IP Access rule lets pass', async () => {
  const home = await appliedHouse();
  const zone = `/zones/${home.sandbox.zones[0]?.id}`;
  const edit = (method: string, path: string, body: object) =>
    home.admin('POST', '/edit', { actor: 'ann', system: 'cloudflare', method, path: `${zone}${path}`, body });
  await edit('PUT', '/bot_management', { fight_mode: true });
  const challenged = await home.probe();
  expect(serviceIn(challenged, 'machine')).toMatchObject({
    verdict: 'unproved',
    seen: 'GET / met the bot challenge',
    advice: expect.stringContaining('IP Access rule'),
  });
  await edit('POST', '/firewall/access_rules/rules', {
    mode: 'whitelist',
    configuration: { target: 'ip', value: '203.0.113.7' },
  });
  expect(verdicts(await home.probe())).toMatchObject({ machine: 'guarded', grafana: 'guarded' });
});

describe('a host under cover', () => {
  async function covered(): Promise<House> {
    const home = await house();
    await home.apply();
    return home;
  }

  it('waits there, and the probe says what keeps it', async () => {
    const document = await (await covered()).probe();
    expect(serviceIn(document)).toMatchObject({
      verdict: 'covered',
      seen: 'GET / got through to the application (200)',
      advice: expect.stringContaining('does not send the host through the outpost'),
    });
    expect(isRight(document)).toBe(false);
    expect(verdicts(document)).toMatchObject({ proxmox: 'guarded', docs: 'public' });
  });

  it('is ready to come out once its gate answers', async () => {
    const home = await covered();
    await home.traefik({ forwardAuth: 'all' });
    expect(serviceIn(await home.probe())).toMatchObject({ verdict: 'covered', seen: 'its gate answers' });
  });

  it('is open all the same where the cover lets strangers by', async () => {
    const home = await covered();
    const stranger = ({ host, headers = {} }: EdgeRequest) =>
      host === 'grafana.example.dev' && !('cf-access-client-id' in headers) ? edgeAnswer(200) : undefined;
    expect(serviceIn(await home.probe({ edge: stranger }))).toMatchObject({
      verdict: 'open',
      seen: 'GET / got through Access to the application (200)',
    });
  });

  it('cannot be checked without the token, and the probe says so', async () => {
    const home = await covered();
    for (const name of await home.vault.list()) await home.vault.remove(name);
    expect(serviceIn(await home.probe())).toMatchObject({
      verdict: 'unproved',
      seen: expect.stringContaining('The token of the probe is not in the vault'),
    });
  });
});

describe('a gate that fails', () => {
  it('in an origin that admits everybody is open', async () => {
    const home = await appliedHouse();
    await home.traefik({ forwardAuth: 'none' });
    const document = await home.probe();
    expect(serviceIn(document)).toMatchObject({
      verdict: 'open',
      advice: expect.stringContaining('outpost'),
    });
    expect(isRight(document)).toBe(false);
  });

  it('in an origin that believes a stranger is open, and the probe says which header it believes', async () => {
    const home = await appliedHouse();
    await home.traefik({ forwardAuth: 'all', trustForwarded: true });
    expect(serviceIn(await home.probe())).toMatchObject({
      verdict: 'open',
      advice: expect.stringMatching(/X-Forwarded-(Uri|Host|Method)/),
    });
  });

  it.each([
    { because: 'the host is closed', service: 'grafana', answer: edgeAnswer(503), verdict: 'closed' },
    { because: 'Access does not ask', service: 'proxmox', answer: edgeAnswer(200), verdict: 'open' },
    {
      because: 'another application of Access asks',
      service: 'machine',
      answer: edgeAnswer(403, { 'cf-access-aud': 'theirs' }),
      verdict: 'unproved',
    },
    {
      because: 'the bot challenge comes before',
      service: 'grafana',
      answer: edgeAnswer(403, { 'cf-mitigated': 'challenge' }),
      verdict: 'unproved',
    },
    {
      because: 'nobody answers',
      service: 'proxmox',
      answer: new UnreachableError('The edge does not answer'),
      verdict: 'unproved',
    },
    {
      because: 'nobody answers for a host that is open',
      service: 'docs',
      answer: new UnreachableError('The edge does not answer'),
      verdict: 'unproved',
    },
    {
      because: 'Access asks people on a host that is open',
      service: 'docs',
      answer: edgeAnswer(302, { location: 'https://example.cloudflareaccess.com/cdn-cgi/access/login/docs' }),
      verdict: 'unproved',
    },
    { because: 'a host that is open is closed', service: 'docs', answer: edgeAnswer(503), verdict: 'closed' },
    { because: 'a host that is open fails', service: 'docs', answer: edgeAnswer(500), verdict: 'unproved' },
    {
      because: 'the login host is not Authentik',
      service: 'auth',
      answer: edgeAnswer(200),
      verdict: 'unproved',
    },
  ] as const)('is identified: $because', async ({ service, answer, verdict }) => {
    const document = await (await appliedHouse()).probe({ edge: at(`${service}.example.dev`, answer) });
    expect(serviceIn(document, service)).toMatchObject({ verdict });
    expect(
      document.services.filter((other) => other.service !== service).map(({ verdict }) => verdict),
    ).not.toContain(verdict);
    expect(isRight(document)).toBe(false);
  });

  it('because of a foreign object at the host is still checked, and the probe says why', async () => {
    const home = await appliedHouse();
    const edits = { actor: 'eve', system: 'cloudflare', method: 'POST' };
    const path = `/accounts/${home.sandbox.accountId}/access/apps`;
    const body = {
      type: 'self_hosted',
      name: 'theirs',
      domain: 'grafana.example.dev',
      destinations: [{ type: 'public', uri: 'grafana.example.dev' }],
      policies: [{ name: 'theirs', decision: 'allow', include: [{ everyone: {} }], precedence: 1 }],
    };
    await home.admin('POST', '/edit', { ...edits, path, body });
    expect(serviceIn(await home.probe())).toMatchObject({
      verdict: 'unproved',
      seen: 'GET / was sent to the login of Access',
      advice: expect.stringMatching(/^refused, G1\d\d: /),
    });
  });

  it('because somebody removed its application is recognized by what answers now', async () => {
    const home = await appliedHouse();
    const apps = `${home.sandbox.urls.cloudflare}/accounts/${home.sandbox.accountId}/access/apps`;
    const headers = { authorization: `Bearer ${home.sandbox.token}` };
    const { result } = (await (await home.sandbox.cloudflare(new Request(apps, { headers }))).json()) as {
      readonly result: readonly { readonly id: string; readonly name: string }[];
    };
    const id = result.find(({ name }) => name === 'proxmox.example.dev')?.id;
    await home.sandbox.cloudflare(new Request(`${apps}/${id}`, { method: 'DELETE', headers }));
    expect(serviceIn(await home.probe(), 'proxmox')).toMatchObject({
      verdict: 'unproved',
      seen: 'GET / was refused with 403',
    });
  });
});

describe('what is printed', () => {
  it('follows the schema, whatever the probe saw, and contains no secret', async () => {
    const [empty, made] = [await house(), await house()];
    const before = await empty.probe();
    await made.apply();
    const document = await made.probe();
    await made.traefik({ forwardAuth: 'none' });
    for (const printed of [before, document, await made.probe({ inside: true, service: 'docs' })]) {
      expect(validate(JSON.parse(JSON.stringify(printed))), JSON.stringify(validate.errors)).toBe(true);
      expect(JSON.stringify(printed)).not.toContain('canary5f0c');
    }
  });
});
