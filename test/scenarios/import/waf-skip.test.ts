import { describe, expect, it } from 'vitest';
import { homeWithoutMarks, importedAfterApplyOf } from './applied-file.ts';
import { importedFrom } from './imported.ts';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  hooks: { host: hooks.example.dev, origin: app, gate: { public: { reason: it checks signatures itself } } }
waf: { skip: { hosts: [hooks.example.dev, auth.example.dev], products: [bic, uaBlock] } }
`;

const clause = (host: string) =>
  `(lower(http.host) eq "${host}" or starts_with(lower(http.host), "${host}:"))`;

describe('WAF rules that let requests skip checks', () => {
  it('are written again if they are ours, and nothing is left to plan after adopt', async () => {
    await importedAfterApplyOf(file, []);
    const { text } = await importedFrom(await homeWithoutMarks(file, []));
    expect(text).toContain(
      'waf:\n  skip:\n    hosts: [auth.example.dev, hooks.example.dev]\n    products: [bic, uaBlock]\n',
    );
  });

  it('are a comment with the entry if somebody else made them, and say what gates could say', async () => {
    const home = await homeWithoutMarks(file.replace(/^waf: .*\n/m, ''), []);
    const path = `/zones/${home.sandbox.zones[0]?.id}/rulesets/phases/http_request_firewall_custom/entrypoint`;
    const rule = (expression: string, products: readonly string[]) => ({
      ...{ action: 'skip', action_parameters: { products }, expression, enabled: true },
      logging: { enabled: true },
    });
    const rules = [rule(clause('hooks.example.dev'), ['bic']), rule('(ip.src eq 192.0.2.7)', ['waf'])];
    const body = { actor: 'me', system: 'cloudflare', method: 'PUT', path, body: { rules } };
    const reply = await home.sandbox.fetch(`${home.sandbox.urls.admin}/edit`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(reply.ok, await reply.text()).toBe(true);
    const { text, draft } = await importedFrom(home);
    expect(draft.leftovers).toMatchObject([
      { section: 'waf', what: 'WAF rule of example.dev for hooks.example.dev' },
    ]);
    expect(text).toContain(
      '#   skip:\n#     hosts:\n#       - hooks.example.dev\n#     products:\n#       - bic',
    );
  });
});
