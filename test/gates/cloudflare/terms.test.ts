import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { fileDoors } from '../../../src/gates/file-doors.ts';
import { compileFile, configOf, find } from '../../desired/sample.ts';
import { policiesFor, serviceWith, top } from '../rule-policies.ts';

function gateOf(gate: string) {
  return configOf(serviceWith(gate), top).services.get('app')?.gate;
}

describe('the terms of a gate of Access', () => {
  it.each([
    {
      gate: '{ people: [friends], exclude: { networks: [home] } }',
      terms: {
        visitors: 'people',
        login: 'access',
        tokens: [],
        lists: { people: ['friends'], networks: ['home'] },
      },
    },
    {
      gate: '{ emails: [me@example.dev], exclude: { people: [friends] } }',
      terms: { visitors: 'people', login: 'access', lists: { people: ['friends'], networks: [] } },
    },
    {
      gate: '{ tokens: [ci], require: { networks: [home] } }',
      terms: {
        visitors: 'machines',
        login: undefined,
        tokens: ['ci'],
        lists: { people: [], networks: ['home'] },
      },
    },
    {
      gate: '{ anyOf: [{ tokens: [ci] }, { emails: [me@example.dev] }, { tokens: [ci, backup] }] }',
      terms: { visitors: 'people', login: 'access', tokens: ['backup', 'ci'], everyone: undefined },
    },
    {
      gate: '{ anyOf: [{ tokens: [ci] }, { everyone: { reason: all } }] }',
      terms: { visitors: 'people', everyone: { reason: 'all' }, admitsByGroup: false },
    },
  ])('say who comes and which lists they need: $gate', ({ gate, terms }) => {
    const found = gateOf(gate);
    expect({ ...found, tokens: [...(found?.tokens ?? [])].sort() }).toMatchObject(terms);
  });

  it('say whether Authentik alone decides: only if every person comes by a group', () => {
    const by = (gate: string) =>
      configOf(
        `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n${serviceWith(gate)}`,
        'authentik: { url: "http://authentik.lan:9000", service: auth }\ngroups: { admins: {} }',
        ', identityProvider: authentik',
      ).services.get('app')?.gate.admitsByGroup;
    expect(by('{ groups: [admins] }')).toBe(true);
    expect(by('{ groups: [admins], emails: [me@example.dev] }')).toBe(false);
  });

  it('do not depend on the order of lists', () => {
    expect(
      gateOf('{ tokens: [backup, ci], require: { networks: [home, 198.51.100.1], countries: [FR, BE] } }'),
    ).toEqual(
      gateOf('{ tokens: [ci, backup], require: { networks: [198.51.100.1, home], countries: [BE, FR] } }'),
    );
  });

  it('name each condition', () => {
    const require = '{ warp: true, gateway: true, certificate: true }';
    const [door] = fileDoors(configOf(serviceWith(`{ emails: [me@example.dev], require: ${require} }`), top));
    expect(door?.admits[0]?.only).toEqual(
      ['warp', 'gateway', 'certificate'].map((sort) => ({ sort, names: [sort] })),
    );
  });
});

describe('the policies of a gate of Access', () => {
  it('ask for a reason in the words of the file', () => {
    const [[, policy] = []] = policiesFor('{ emails: [me@example.dev], justification: { prompt: Why? } }');
    expect(policy?.justification).toBe('Why?');
  });

  it('have names of their own, also those of machines and of one rule of several', () => {
    const require = 'require: { countries: [FR, BE], networks: [home] }';
    expect(policiesFor(`{ tokens: [ci, backup], ${require} }`).map(([key]) => key)).toEqual([
      'app.example.dev tokens',
      'app.example.dev tokens part 2',
      'app.example.dev tokens part 3',
      'app.example.dev tokens part 4',
    ]);
    const people = `{ emails: [me@example.dev, you@example.dev], require: { countries: [FR, BE] } }`;
    expect(policiesFor(`{ anyOf: [${people}, { tokens: [ci] }] }`).map(([key]) => key)).toEqual([
      'app.example.dev rule 1',
      'app.example.dev rule 1 part 2',
      'app.example.dev rule 2 tokens',
    ]);
  });

  it('may be twenty', () => {
    const addresses = Array.from({ length: 9 }, (_, n) => `a${n}@x.dev`).join();
    const limits = 'countries: [FR, BE, DE, ES, IT], networks: [home, 198.51.100.1, 198.51.100.2]';
    expect(policiesFor(`{ emails: [${addresses}], require: { ${limits} } }`)).toHaveLength(20);
  });
});

describe('the application of a gate of Access', () => {
  it('tells browsers how long an answer to a preflight holds', () => {
    const cors = 'cors: { origins: ["https://a.example.org"], maxAge: 10m }';
    const { objects } = compileFile(serviceWith(`{ emails: [me@example.dev], ${cors} }`), top);
    expect(
      objects.find(({ address }) => address.kind === 'cloudflare/access-application')?.spec,
    ).toMatchObject({
      cors: { maxAge: 600 },
    });
  });

  it('has the login of Authentik if one of its rules admits people', () => {
    const besidePolicies = (gate: string) => {
      const application = find(
        compileFile(
          `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n${serviceWith(gate)}`,
          'authentik: { url: "http://authentik.lan:9000", service: auth }',
          ', identityProvider: authentik',
        ),
        'access-application',
        'app.example.dev',
      );
      return { ...(application?.spec as object), policies: [] };
    };
    const people = besidePolicies('{ emails: [me@example.dev] }');
    expect(besidePolicies('{ anyOf: [{ emails: [me@example.dev] }, { tokens: [ci] }] }')).toEqual(people);
    expect(besidePolicies('{ tokens: [ci] }')).not.toEqual(people);
  });
});

describe('a file with a gate of Access', () => {
  const mistakes = (service: string) => {
    const read = parseConfig(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services: { wiki: { host: wiki.example.dev, origin: app, ${service} } }
`);
    return read.ok ? [] : read.mistakes.map(({ path }) => path);
  };

  it('may have everything but people and conditions beside the list of its rules', () => {
    const rules =
      'anyOf: [{ emails: [me@example.dev] }, { everyone: { reason: all }, require: { countries: [FR] } }]';
    const cors = 'cors: { origins: ["https://a.example.org"] }';
    const beside = `session: 8h, appearance: { tags: [media] }, cookie: { sameSite: lax }, ${cors}`;
    expect(mistakes(`gate: { cloudflare: { ${rules}, ${beside} } }`)).toEqual([]);
  });

  it.each([
    {
      service: 'gate: { cloudflare: { emails: [me@example.dev], require: { countries: [5] } } }',
      at: /countries/,
    },
    {
      service: 'gate: { cloudflare: { emails: [me@example.dev], exclude: { networks: [5] } } }',
      at: /networks/,
    },
    { service: 'identityHeader: { user: X-User }', at: /^services\.wiki\.gate$/ },
  ])('has one mistake where one is made: $service', ({ service, at }) => {
    expect(mistakes(service)).toEqual([expect.stringMatching(at)]);
  });
});
