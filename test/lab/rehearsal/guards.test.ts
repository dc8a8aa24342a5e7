import { describe, expect, it } from 'vitest';
import { guardsOf } from '../../../src/lab/rehearsal/guards.ts';
import { configOf } from '../../desired/sample.ts';

const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';
const top = `authentik: { url: "http://authentik.lan:9000", domains: { example.dev: { groups: [family] } } }
groups: { admins: {}, family: {} }
clients: { vault: { redirectUris: ["https://a.example.dev/callback"], groups: [family] } }`;
const host = 'a.example.dev';

describe('the guards of a file', () => {
  it.each([
    { gate: '{ public: { reason: open } }', admit: { public: true } },
    { gate: '{ serviceToken: { tokens: [ci] } }', admit: { tokens: ['ci'] } },
    {
      gate: '{ cloudflare: { emails: [me@example.dev] } }',
      admit: { emails: ['me@example.dev'], groups: [] },
    },
    { gate: '{ cloudflare: { everyone: { reason: all } } }', admit: { people: true } },
    { gate: '{ authentik: { groups: [admins] } }', admit: { groups: ['admins'] } },
    { gate: '{ authentik: { mode: proxy, everyone: { reason: all } } }', admit: { people: true } },
    {
      gate: '{ authentik: { groups: [admins], users: [ada], flow: mfa } }',
      admit: {
        rules: [
          { include: [{ groups: ['admins'] }, { users: ['ada'] }], require: [{ passes: ['flow mfa'] }] },
        ],
      },
    },
    {
      gate: '{ authentik: { everyone: { reason: all }, flow: mfa, policies: [office] } }',
      admit: {
        rules: [
          {
            include: [{ everyone: true }],
            require: [{ passes: ['flow mfa'] }, { passes: ['policy office'] }],
          },
        ],
      },
    },
    { gate: '{ authentik: { mode: domain } }', admit: { groups: ['family'] } },
    { gate: '{ authentik: { mode: oidc, client: vault } }', admit: { public: true } },
  ])('admit at a host as its gate does: $gate', ({ gate, admit }) => {
    const config = configOf(`${auth}a: { host: ${host}, origin: app, gate: ${gate} }`, top);
    expect(guardsOf(config, []).filter((guard) => guard.host === host)).toEqual([{ host, admit }]);
  });

  it('include one for a path', () => {
    const paths = '/health: { public: { reason: uptime } }, /admin/**: { serviceToken: { tokens: [ci] } }';
    const gate = '{ cloudflare: { emails: [me@example.dev] } }';
    const config = configOf(`a: { host: ${host}, origin: app, gate: ${gate}, paths: { ${paths} } }`);
    expect(guardsOf(config, [])).toEqual([
      { host, admit: { emails: ['me@example.dev'], groups: [] } },
      { host, path: '/health', admit: { public: true } },
      { host, path: '/admin/**', admit: { tokens: ['ci'] } },
    ]);
  });

  it('for the login of a client admit its groups and those of the gates that name it', () => {
    const gate = '{ authentik: { mode: oidc, client: vault, groups: [admins] } }';
    const config = configOf(`${auth}a: { host: ${host}, origin: app, gate: ${gate} }`, top);
    expect(guardsOf(config, []).filter(({ client }) => client !== undefined)).toEqual([
      { host: 'vault.client.invalid', client: 'vault', admit: { groups: ['family', 'admins'] } },
    ]);
  });

  it('admit nobody at a host that leaves', () => {
    const config = configOf(`a: { host: ${host}, origin: app, gate: { public: { reason: open } } }`);
    expect(guardsOf(config, ['gone.example.dev']).at(-1)).toEqual({ host: 'gone.example.dev', admit: {} });
  });
});
