import { describe, expect, it } from 'vitest';
import { expressionOf } from './go-expression.ts';
import { compileFile, find, keysOf } from './sample.ts';

const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }';
const byDomain = (name: string, host = `${name}.example.dev`) =>
  `${name}: { host: ${host}, origin: app, gate: { authentik: { mode: domain } } }`;
const domains = 'domains: { example.dev: { groups: [family] }, lan.example.dev: { groups: [admins] } }';
const top = `authentik: { url: "http://authentik.lan:9000", ${domains} }\ngroups: { admins: {}, family: {} }`;

describe('the login of a domain', () => {
  const services = [
    auth,
    byDomain('wiki'),
    byDomain('books'),
    byDomain('notes'),
    byDomain('nas', 'nas.lan.example.dev'),
    'grafana: { host: grafana.example.dev, origin: app, gate: { authentik: { groups: [admins] } } }',
    'docs: { host: docs.example.dev, origin: app, gate: { public: { reason: open } } }',
  ];
  const compiled = () => compileFile(services.join('\n'), top);

  it('is one for each domain, only for its own hosts, by name', () => {
    const desired = compiled();
    const provider = (slug: string) => find(desired, 'authentik/proxy-provider', slug)?.spec;
    expect(desired.refusals).toEqual([]);
    expect([...keysOf(desired, 'authentik/proxy-provider')].sort()).toEqual([
      'domain-example-dev',
      'domain-lan-example-dev',
      'grafana-example-dev',
    ]);
    expect(provider('domain-example-dev')).toMatchObject({
      mode: 'forward_domain',
      hosts: ['books.example.dev', 'notes.example.dev', 'wiki.example.dev'],
      cookieDomain: 'example.dev',
      externalHost: 'https://auth.example.dev',
      internalHost: '',
      internalHostTls: true,
    });
    expect(provider('domain-lan-example-dev')).toMatchObject({
      hosts: ['nas.lan.example.dev'],
      cookieDomain: 'lan.example.dev',
      externalHost: 'https://nas.lan.example.dev',
    });
    expect(find(desired, 'authentik/application', 'domain-example-dev')?.spec).toMatchObject({
      launchUrl: '',
    });
  });

  it('is expected by the proof of each of its hosts', () => {
    const expected = compiled()
      .proofs.filter(({ step }) => step === 'prove')
      .map(({ host, spec }) => [
        host,
        (spec as { readonly expect: { readonly callback?: string } }).expect.callback,
      ]);
    expect(Object.fromEntries(expected)).toEqual({
      'wiki.example.dev': 'auth.example.dev',
      'books.example.dev': 'auth.example.dev',
      'notes.example.dev': 'auth.example.dev',
      'nas.lan.example.dev': 'nas.lan.example.dev',
      'grafana.example.dev': 'grafana.example.dev',
    });
  });

  it('skips an exact path alone, and always skips what Access guards', () => {
    const paths =
      '{ /health: { public: { reason: open } }, /api/**: { serviceToken: { tokens: [ci, backup] } } }';
    const wiki = byDomain('wiki').replace(/ }$/, `, paths: ${paths} }`);
    const file = compileFile([auth, wiki, byDomain('nas', 'nas.lan.example.dev')].join('\n'), top);
    expect(file.refusals).toEqual([]);
    const spec = find(file, 'authentik/proxy-provider', 'domain-example-dev')?.spec ?? {};
    const { skipPathRegex = '' } = spec as { readonly skipPathRegex?: string };
    const rows = [
      ['/health', true],
      ['/health?full', true],
      ['/health/', false],
      ['/health/below', false],
      ['/Health', false],
      ['/api', true],
      ['/api/', true],
      ['/API/v1', true],
      ['/apis', false],
      ['/api/a%21', true],
      ['/api/a%41', true],
      ['/api/a%2e', false],
      ['/api/a%20', false],
      ['/api/a%', false],
      ['/api/a%2', false],
    ] as const;
    const lines = skipPathRegex.split('\n').map(expressionOf);
    const skips = (path: string) => lines.some((line) => line.test(`https://wiki.example.dev${path}`));
    expect(rows.map(([path]) => [path, skips(path)])).toEqual(rows);
  });
});
