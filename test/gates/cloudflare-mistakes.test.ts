import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { saidIn } from './said.ts';

const me = 'emails: [me@example.dev]';

/** The mistakes of a file with this gate. */
function saidOf(gate: string, top = '', access = ''): readonly string[] {
  return saidIn(
    parseConfig(`version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example${access} }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: app, gate: { cloudflare: ${gate} } }
${top}
`),
  );
}

const at = 'services.wiki.gate.cloudflare';

describe('a network', () => {
  const network = 'write an address such as 203.0.113.7, or a network such as 203.0.113.0/24';
  it.each([
    { range: '203.0.113.256', says: `203.0.113.256 is no network (${network})` },
    { range: '203.0.113', says: `203.0.113 is no network (${network})` },
    { range: '203.0.113.0/33', says: `203.0.113.0/33 is no network (${network})` },
    { range: '0.0.0.0/0', says: '0.0.0.0/0 contains every address (remove it)' },
    { range: '::/0', says: '::/0 contains every address (remove it)' },
    {
      range: '203.0.113.7/24',
      says: '203.0.113.7/24 is an address inside of a network (write 203.0.113.0/24)',
    },
    {
      range: '2001:db8:1::7/48',
      says: '2001:db8:1::7/48 is an address inside of a network (write 2001:db8:1::/48)',
    },
  ])('$range is refused, in a rule and in a list', ({ range, says }) => {
    for (const key of ['require', 'exclude'])
      expect(saidOf(`{ ${me}, ${key}: { networks: [198.51.100.1, "${range}"] } }`)).toEqual([
        `${at}.${key}.networks[1]: ${says}`,
      ]);
    expect(saidOf(`{ ${me}, exclude: { networks: [home] } }`, `networks: { home: ["${range}"] }`)).toEqual([
      `networks.home[0]: ${says}`,
    ]);
  });

  it.each(['203.0.113.7', '203.0.113.0/24', '203.0.113.7/32', '2001:db8:1::/48', '2001:db8::7'])(
    '%s is one',
    (range) => {
      expect(saidOf(`{ ${me}, require: { networks: ["${range}"] } }`)).toEqual([]);
    },
  );
});

describe('a country', () => {
  it.each([
    { code: 'UK', hint: 'write GB', because: 'the United Kingdom has another code' },
    ...['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ'].map((code) => ({
      code,
      hint: 'write a code of ISO 3166-1, such as FR for France',
      because: 'a union is none, nor is what only software uses',
    })),
    { code: 'XX', hint: 'write a code of ISO 3166-1, such as FR for France', because: 'nothing has it' },
  ])('$code is refused: $because', ({ code, hint }) => {
    for (const key of ['require', 'exclude'])
      expect(saidOf(`{ ${me}, ${key}: { countries: [FR, ${code}] } }`)).toEqual([
        `${at}.${key}.countries[1]: ${code} is no code of a country (${hint})`,
      ]);
  });

  it('is known by its code', () => {
    expect(saidOf(`{ ${me}, require: { countries: [FR, GB, US] } }`)).toEqual([]);
  });
});

describe('a gate of Access', () => {
  it.each([
    {
      gate: '{ require: { countries: [FR] } }',
      because: 'conditions admit nobody',
      said: [
        `${at}: this rule has conditions and admits nobody (add \`emails\`, \`domains\`, \`groups\`, \`people\` or \`tokens\`, or admit everybody who meets them with \`everyone: { reason: … }\`)`,
      ],
    },
    {
      gate: `{ anyOf: [{ ${me} }, { exclude: { countries: [FR] } }] }`,
      because: 'nor do exclusions, in any rule',
      said: [
        `${at}.anyOf[1]: this rule has conditions and admits nobody (add \`emails\`, \`domains\`, \`groups\`, \`people\` or \`tokens\`, or admit everybody who meets them with \`everyone: { reason: … }\`)`,
      ],
    },
    {
      gate: `{ anyOf: [{ ${me} }], tokens: [ci] }`,
      because: 'nobody could tell how the two go together',
      said: [`${at}.tokens: \`tokens\` stands beside \`anyOf\` (move it into the rules of \`anyOf\`)`],
    },
    {
      gate: `{ ${me}, tokens: [ci], require: { countries: [FR], authenticationMethod: mfa } }`,
      because: 'a machine logs in nowhere',
      said: [
        `${at}.require.authenticationMethod: a machine with a token has no login, so it cannot meet \`authenticationMethod\` (use \`anyOf\`, with a rule of their own for the tokens)`,
      ],
    },
    {
      gate: '{ tokens: [ci], require: { networks: [203.0.113.7], countries: [FR], certificate: true, commonNames: [ci] } }',
      because: 'a machine has an address and a certificate',
      said: [],
    },
    {
      gate: `{ tokens: [ci], isolate: true }`,
      because: 'a machine has no browser',
      said: [
        `${at}.isolate: \`isolate\` asks people, and this rule admits none (move it to a rule with \`emails\`, \`domains\`, \`groups\`, \`people\` or \`everyone\`)`,
      ],
    },
    {
      gate: `{ ${me}, approval: { approvers: [ada@example.dev], needed: 2 } }`,
      because: 'nobody could ever approve',
      said: [
        `${at}.approval.needed: 2 people must approve, and only 1 may (name more approvers, or write a smaller number)`,
      ],
    },
    {
      gate: `{ ${me}, approval: { approvers: [ada@example.dev], needed: 1 } }`,
      because: 'one may',
      said: [],
    },
    {
      gate: `{ ${me}, session: 730h, cors: { origins: ["https://a.example.dev"], maxAge: 24h } }`,
      because: 'limits count as allowed',
      said: [],
    },
    {
      gate: `{ ${me}, cors: { origins: ["https://a.example.dev"], maxAge: 25h } }`,
      because: 'browsers forget earlier',
      said: [
        `${at}.cors.maxAge: browsers keep an answer for at most a day, and not for 25h (write 24h or less)`,
      ],
    },
  ])('$gate: $because', ({ gate, said }) => {
    expect(saidOf(gate)).toEqual(said);
  });

  it.each(['require', 'exclude'])('in front of Authentik knows no other login method: %s', (key) => {
    const gate = `{ ${me}, ${key}: { identityProviders: [GitHub] } }`;
    expect(saidOf(gate)).toEqual([]);
    expect(saidOf(gate, '', ', identityProvider: authentik')).toEqual([
      `${at}.${key}.identityProviders: Access logs everybody in through Authentik here, so no other login method counts (remove it, or remove \`cloudflare.access.identityProvider\`)`,
    ]);
  });
});
