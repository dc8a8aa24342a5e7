import { describe, expect, it } from 'vitest';
import { admittedTexts } from '../../src/config/model/file-door.ts';
import { fileDoors } from '../../src/gates/file-doors.ts';
import { gateRow } from '../../src/gates/index.ts';
import { configOf } from '../desired/sample.ts';
import { serviceWith, top } from './rule-policies.ts';

describe('a rule in words', () => {
  it.each([
    { gate: '{ people: [friends] }', said: ['1 person', 'everyone with an address at example.org'] },
    {
      gate: '{ emails: [me@example.dev], tokens: [ci], require: { networks: [home, 198.51.100.0/24], countries: [FR] }, exclude: { emails: [you@example.dev] } }',
      said: [
        '1 person, only from 198.51.100.0/24 or home and from FR, except 1 person',
        'service token ci, only from 198.51.100.0/24 or home and from FR',
      ],
    },
    {
      gate: '{ everyone: { reason: all }, require: { devicePosture: [disk], warp: true, gateway: true, authenticationMethod: mfa, identityProviders: [GitHub], domains: [example.org] } }',
      said: [
        'everyone who can log in, only with an address at example.org and logged in by GitHub and logged in with mfa and with a device that passes disk and with WARP and through Gateway',
      ],
    },
    {
      gate: '{ people: [friends], tokens: [ci], approval: { approvers: [ada@example.dev, ben@example.dev] } }',
      said: [
        '1 person, only with the approval of 1 of 2 people',
        'everyone with an address at example.org, only with the approval of 1 of 2 people',
        'service token ci',
      ],
    },
    {
      gate: '{ emails: [me@example.dev], require: { countries: [FR] }, approval: { approvers: [ada@example.dev] } }',
      said: ['1 person, only from FR and with the approval of 1 person'],
    },
    {
      gate: '{ emails: [me@example.dev], exclude: { people: [friends], countries: [FR, BE] } }',
      said: ['1 person, except 1 person and with an address at example.org and from BE or FR'],
    },
  ])('says $said', ({ gate, said }) => {
    const [door] = fileDoors(configOf(serviceWith(gate), top));
    expect(admittedTexts(door?.admits ?? [], { addresses: false })).toEqual(said);
  });

  it('names each person of a list, and has no conditions if the file has none', () => {
    const [door] = fileDoors(configOf(serviceWith('{ emails: [me@example.dev] }'), top));
    expect(door?.admits).toEqual([{ sort: 'person', names: ['me@example.dev'] }]);
    const gate = '{ emails: [me@example.dev], exclude: { people: [friends] } }';
    const [other] = fileDoors(configOf(serviceWith(gate), top));
    expect(admittedTexts(other?.admits ?? [], { addresses: true })).toEqual([
      'me@example.dev, except ada@example.net and with an address at example.org',
    ]);
  });
});

describe('a rehearsal', () => {
  it.each([
    {
      gate: '{ emails: [me@example.dev], tokens: [ci] }',
      guard: { emails: ['me@example.dev'], groups: [], tokens: ['ci'] },
    },
    {
      gate: '{ people: [friends], tokens: [ci], require: { networks: [home], countries: [FR] }, exclude: { emails: [you@example.dev] } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ emails: ['ada@example.net'], domains: ['example.org'] }],
            require: [{ networks: ['2001:db8:1::/48', '203.0.113.7'] }, { countries: ['FR'] }],
            exclude: [{ emails: ['you@example.dev'] }],
          },
          {
            login: false,
            include: [{ tokens: ['ci'] }],
            require: [{ networks: ['2001:db8:1::/48', '203.0.113.7'] }, { countries: ['FR'] }],
            exclude: [],
          },
        ],
      },
    },
    {
      gate: '{ everyone: { reason: all }, tokens: [ci], approval: { approvers: [ada@example.dev] } }',
      guard: {
        emails: [],
        rules: [
          { include: [{ everyone: true }], require: [{ approved: true }], exclude: [] },
          { login: false, include: [{ tokens: ['ci'] }], require: [], exclude: [] },
        ],
      },
    },
    {
      gate: '{ everyone: { reason: all }, require: { warp: true, gateway: true, certificate: true, commonNames: [laptop] } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ everyone: true }],
            require: [{ warp: true }, { gateway: true }, { certificate: true }, { commonNames: ['laptop'] }],
            exclude: [],
          },
        ],
      },
    },
    {
      gate: '{ emails: [me@example.dev], exclude: { warp: true, networks: [198.51.100.1] } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ emails: ['me@example.dev'] }],
            require: [],
            exclude: [{ networks: ['198.51.100.1'], warp: true }],
          },
        ],
      },
    },
    {
      gate: '{ emails: [me@example.dev], tokens: [ci], exclude: { emails: [you@example.dev], countries: [FR], gateway: true, certificate: true } }',
      guard: {
        emails: [],
        rules: [
          {
            include: [{ emails: ['me@example.dev'] }],
            require: [],
            exclude: [{ emails: ['you@example.dev'], countries: ['FR'], gateway: true, certificate: true }],
          },
          {
            login: false,
            include: [{ tokens: ['ci'] }],
            require: [],
            exclude: [{ countries: ['FR'], certificate: true }],
          },
        ],
      },
    },
    {
      gate: '{ domains: [example.org] }',
      guard: { emails: [], rules: [{ include: [{ domains: ['example.org'] }], require: [], exclude: [] }] },
    },
    {
      gate: '{ anyOf: [{ emails: [me@example.dev] }, { tokens: [ci] }] }',
      guard: {
        emails: [],
        rules: [
          { include: [{ emails: ['me@example.dev'] }], require: [], exclude: [] },
          { login: false, include: [{ tokens: ['ci'] }], require: [], exclude: [] },
        ],
      },
    },
    {
      gate: '{ anyOf: [{ tokens: [ci] }, { tokens: [backup] }] }',
      guard: {
        rules: [
          { login: false, include: [{ tokens: ['ci'] }], require: [], exclude: [] },
          { login: false, include: [{ tokens: ['backup'] }], require: [], exclude: [] },
        ],
      },
    },
    { gate: '{ everyone: { reason: all }, tokens: [ci] }', guard: { people: true, tokens: ['ci'] } },
    {
      gate: '{ emails: [me@example.dev], justification: true, isolate: true }',
      guard: { emails: ['me@example.dev'], groups: [] },
    },
  ])('expects $guard', ({ gate, guard }) => {
    const config = configOf(serviceWith(gate), top);
    const { gate: normal } = [...config.services.values()][0] ?? {};
    expect(normal && gateRow(normal).guard(normal as never, 'app.example.dev', config)).toEqual(guard);
  });

  it.each([
    { gate: '{ groups: [admins] }', guard: { emails: ['ada@example.dev'], groups: ['admins'] } },
    {
      gate: '{ groups: [admins], require: { countries: [FR] } }',
      guard: {
        emails: ['ada@example.dev'],
        rules: [{ include: [{ groups: ['admins'] }], require: [{ countries: ['FR'] }], exclude: [] }],
      },
    },
    {
      gate: '{ tokens: [ci], require: { countries: [FR] } }',
      guard: {
        rules: [
          { login: false, include: [{ tokens: ['ci'] }], require: [{ countries: ['FR'] }], exclude: [] },
        ],
      },
    },
  ])('expects those who log in in an emergency, too, where people log in: $gate', ({ gate, guard }) => {
    const config = configOf(
      `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n${serviceWith(gate)}`,
      'authentik: { url: "http://authentik.lan:9000", service: auth }\ngroups: { admins: {} }',
      ', identityProvider: authentik, breakGlass: { emails: [ada@example.dev], reason: Authentik may be down }',
    );
    const normal = config.services.get('app')?.gate;
    expect(normal && gateRow(normal).guard(normal as never, 'app.example.dev', config)).toEqual(guard);
  });
});
