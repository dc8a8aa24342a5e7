import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';

function mistakesOf(service: string, access = 'team: example'): readonly string[] {
  const outcome = parseConfig(`version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { ${access} }
authentik: { url: "http://authentik.lan:9000" }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  mine: { host: mine.example.dev, origin: app, ${service} }
`);
  return outcome.ok
    ? []
    : outcome.mistakes.flatMap(({ severity, path, message, hint }) =>
        severity === 'error' ? [`${path}: ${message} (${hint})`] : [],
      );
}

const people = 'gate: { cloudflare: { emails: [me@example.dev] } }';
const at = 'services.mine.identityHeader';

it('a gate at which people log in may pass on who they are', () => {
  expect(mistakesOf(`${people}, identityHeader: { user: X-User }`)).toEqual([]);
  const both = `${people}, identityHeader: { user: X-User, groups: X-Groups }`;
  expect(mistakesOf(both, 'team: example, identityProvider: authentik')).toEqual([]);
});

it('one rule at which people log in is enough, also one for everybody', () => {
  const rules = (others: string) =>
    `gate: { cloudflare: { anyOf: [{ tokens: [ci] }, ${others}] } }, identityHeader: { user: X-User }`;
  for (const rule of ['domains: [example.dev]', 'everyone: { reason: all }'])
    expect(mistakesOf(rules(`{ ${rule} }`))).toEqual([]);
  expect(mistakesOf(rules('{ tokens: [ci] }'))).toEqual([expect.stringContaining('nobody logs in')]);
});

const nobody =
  'nobody logs in at Access here, so there is no identity to pass on (use a gate `cloudflare` that admits people, or remove it)';

it.each([
  ['gate: { public: { reason: open } }, identityHeader: { user: X-User }', `${at}: ${nobody}`],
  ['gate: { cloudflare: { tokens: [ci] } }, identityHeader: { user: X-User }', `${at}: ${nobody}`],
  [
    `${people}, paths: { /a: { public: { reason: open } } }, identityHeader: { user: X-User }`,
    `${at}: the Worker of \`identityHeader\` stands before the whole host, and paths have gates of their own (move the paths to a host of their own)`,
  ],
  [
    `${people}, identityHeader: { user: X-User, groups: X-Groups }`,
    `${at}.groups: Access knows groups only if it logs people in through Authentik (set \`cloudflare.access.identityProvider\`, or remove \`groups\`)`,
  ],
  [
    `${people}, identityHeader: { user: X-User, groups: x-user }`,
    `${at}.groups: one header cannot carry both (write another name)`,
  ],
  [
    `${people}, identityHeader: { user: Cf-Access-Jwt-Assertion }`,
    `${at}.user: the header Cf-Access-Jwt-Assertion has another meaning (write a name such as X-User)`,
  ],
  [`${people}, identityHeader: { user: cookie }`, `${at}.user: the header cookie has another meaning`],
  [`${people}, identityHeader: { user: X_User }`, `${at}.user`],
])('%s is a mistake', (service, message) => {
  expect(mistakesOf(service)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
});
