import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { doorsIn } from './doors-in.ts';

const fileWith = (gate: string) => `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
serviceTokens: { ci: {} }
services: { wiki: { host: wiki.example.dev, origin: app, gate: { ${gate} } } }
`;

describe('a gate without its keys', () => {
  it.each([
    { gate: 'public: documentation', hint: 'write `public: { reason: documentation }`' },
    { gate: 'public: true', hint: 'write `public: { reason: … }`: say why everybody may come in' },
    { gate: 'serviceToken: ci', hint: 'write `serviceToken: { tokens: [ci] }`' },
    { gate: 'serviceToken: [ci, backup]', hint: 'write `serviceToken: { tokens: [ci, backup] }`' },
    { gate: 'cloudflare: me@example.dev', hint: 'write `cloudflare: { emails: [me@example.dev] }`' },
    { gate: 'cloudflare: [admins, family]', hint: 'write `cloudflare: { groups: [admins, family] }`' },
    { gate: 'authentik: admins', hint: 'write `authentik: { groups: [admins] }`' },
    {
      gate: 'webhook: reconcile',
      hint: 'write `webhook: { actions: [reconcile], secret: { env: NAME } }`',
    },
    { gate: 'serviceToken: [backup, 5]', hint: 'write `serviceToken: { tokens: [backup] }`' },
    { gate: 'serviceToken: [5]', hint: 'write `serviceToken: { tokens: [ci] }`' },
    { gate: 'serviceToken: "  "', hint: 'write `serviceToken: { tokens: [ci] }`' },
    { gate: 'serviceToken: 5', hint: 'write `serviceToken: { tokens: [ci] }`' },
  ])('is refused with the text to write: $gate', ({ gate, hint }) => {
    const read = parseConfig(fileWith(gate));
    expect(read.ok ? [] : read.mistakes.map((mistake) => mistake.hint)).toContain(hint);
  });
});

it.each([
  { gate: 'public: { reason: documentation }', shown: { name: 'None', how: 'public' } },
  { gate: 'serviceToken: { tokens: [ci] }', shown: { name: 'Cloudflare Access', how: 'service token' } },
  {
    gate: 'webhook: { actions: [reconcile], secret: { env: HOOK } }',
    shown: { name: 'Webhook', how: 'signed calls' },
  },
])('a door says how it is guarded: $gate', ({ gate, shown }) => {
  expect(doorsIn(fileWith(gate))[0]?.gate).toEqual(shown);
});
