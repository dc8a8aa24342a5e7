import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isRight, type ProbeDocument } from '../../../src/report/probe/probe.ts';
import { file, type House, house, serviceIn } from '../house.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The client of the provider that Authentik has for grafana. */
async function clientOf({ sandbox }: House): Promise<string> {
  const headers = { authorization: `Bearer ${sandbox.authentikToken}` };
  const url = `${sandbox.urls.authentik}/api/v3/providers/proxy/`;
  const reply = (await (await sandbox.authentik(new Request(url, { headers }))).json()) as {
    readonly results: readonly { readonly client_id: string; readonly external_host: string }[];
  };
  return reply.results.find((row) => row.external_host === 'https://grafana.example.dev')?.client_id ?? '';
}

describe('from inside', () => {
  /** Probes from inside, with the file's origins on loopback. */
  async function inside(origin: RequestListener, app: RequestListener = origin): Promise<ProbeDocument> {
    const [traefik, other] = [await serve(origin), await serve(app)];
    const text = file.replace('http://traefik.lan:80', traefik).replace('http://app.lan:80', other);
    const home = await house();
    await home.apply(text);
    return home.probe({ text, inside: true, edge: () => new Error('the edge is not asked') });
  }

  const asks: RequestListener = ({ headers: { host } }, reply) => {
    const back = encodeURIComponent(`https://${host}/outpost.goauthentik.io/callback`);
    const location = `https://auth.example.dev/application/o/authorize/?client_id=another&redirect_uri=${back}`;
    reply.writeHead(302, { location, 'x-powered-by': 'authentik' }).end();
  };
  const answers: RequestListener = (_, reply) => reply.end('hello');

  it('an origin that admits everybody is reported, with what to do', async () => {
    expect(serviceIn(await inside(answers))).toMatchObject({
      verdict: 'silent',
      seen: 'GET / got through to the application (200)',
      advice: expect.stringContaining('forward-auth middleware'),
    });
  });

  it('an origin that asks for a login of another application is identified', async () => {
    expect(serviceIn(await inside(asks))).toMatchObject({
      verdict: 'unproved',
      seen: expect.stringContaining('another application of Authentik (client another)'),
    });
  });

  it('an origin that asks for our own login does so', async () => {
    const home = await house();
    const traefik = await serve(async ({ headers: { host } }, reply) => {
      const back = encodeURIComponent(`https://${host}/outpost.goauthentik.io/callback`);
      const query = `client_id=${await clientOf(home)}&redirect_uri=${back}`;
      reply.writeHead(302, { location: `https://auth.example.dev/application/o/authorize/?${query}` }).end();
    });
    const text = file.replace('http://traefik.lan:80', traefik);
    await home.apply(text);
    const document = await home.probe({ text, inside: true, service: 'grafana' });
    expect(serviceIn(document)).toEqual({
      service: 'grafana',
      host: 'grafana.example.dev',
      gate: 'authentik (forwardAuth)',
      verdict: 'asks',
    });
    expect(isRight(document)).toBe(true);
  });

  it('an origin whose gate is at Cloudflare only has to answer', async () => {
    expect(serviceIn(await inside(answers), 'proxmox')).toMatchObject({
      verdict: 'answers',
      seen: 'answers 200; its gate stands at Cloudflare',
    });
  });

  it('an origin that fails, or is not Authentik where it should be, is reported', async () => {
    const document = await inside(answers, (_, reply) => reply.writeHead(502).end());
    expect(serviceIn(document, 'docs')).toMatchObject({ verdict: 'unproved', seen: 'answers 502' });
    expect(serviceIn(document, 'proxmox')).toMatchObject({ verdict: 'unproved', seen: 'answers 502' });
    expect(serviceIn(document, 'auth')).toMatchObject({
      verdict: 'unproved',
      seen: 'answers 200, and not as Authentik',
    });
  });

  it.each([
    { status: 401, says: 'Gates realm="hooks"', verdict: 'asks', because: 'it is the hooks listener' },
    { status: 401, says: 'Basic realm="app"', verdict: 'unproved', because: 'it is another program' },
    { status: 202, says: '', verdict: 'silent', because: 'it takes what nobody signed' },
  ])('an origin of signed calls is called, and $verdict: $because', async ({ status, says, verdict }) => {
    const requests: (string | undefined)[] = [];
    const url = await serve((request, reply) => {
      requests.push(`${request.method} ${request.url}`);
      reply.writeHead(status, { 'www-authenticate': says }).end();
    });
    const gate = '{ webhook: { actions: [reconcile], secret: { env: SECRET } } }';
    const text = file
      .replace('http://app.lan:80', url)
      .replace('gate: { public: { reason: documentation } }', `gate: ${gate}`);
    const document = await (await house()).probe({ text, inside: true, service: 'docs' });
    expect(serviceIn(document, 'docs').verdict).toBe(verdict);
    expect(requests[0]).toBe('POST /hooks/actions/reconcile');
  });

  it('an origin that does not answer is reported, with the address to check', async () => {
    const text = file.replace('http://app.lan:80', 'http://127.0.0.1:1');
    const document = await (await house()).probe({ text, inside: true, service: 'docs' });
    expect(serviceIn(document, 'docs')).toMatchObject({
      verdict: 'unproved',
      seen: expect.stringMatching(/^The origin does not answer .*as cloudflared does$/),
    });
  });

  it('the probe calls an origin even before anything is applied, by the name that the origin knows', async () => {
    const hosts: (string | undefined)[] = [];
    const app = await serve((request, reply) => {
      hosts.push(request.headers.host);
      reply.end();
    });
    const text = file
      .replace('http://app.lan:80', app)
      .replace('host: docs.example.dev,', 'host: docs.example.dev, hostHeader: docs.lan,');
    expect(
      serviceIn(await (await house()).probe({ text, inside: true, service: 'docs' }), 'docs').verdict,
    ).toBe('public');
    expect(hosts).toEqual(['docs.lan']);
  });
});
