import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import { sampleTree } from '../config/sample-file.ts';

interface Assertion {
  readonly url: string;
  readonly as: 'anonymous' | Readonly<Record<string, unknown>>;
  readonly method?: string;
  readonly verdict: string;
}

/** The sample with assertions at its top level. */
function fileWith(
  assertions: readonly Assertion[],
  change: (tree: ReturnType<typeof sampleTree>) => void = () => {},
) {
  const tree = sampleTree();
  tree.expect = assertions;
  change(tree);
  return stringify(tree, { aliasDuplicateObjects: false });
}

function mistakesIn(text: string) {
  const read = checkedConfig(text);
  return read.ok ? read.parsed.warnings : read.mistakes;
}

const host = (name: string, path = '') => `https://${name}.example.dev${path}`;
const admin = { groups: ['admins'] };
const family = { groups: ['family'] };
const me = { email: 'me@example.dev' };
const ci = { token: 'ci' };

/** True assertions, each with a change that makes it false. */
const mutants: readonly (readonly [Assertion, Partial<Assertion>, because: string])[] = [
  [
    { url: host('auth'), as: 'anonymous', verdict: 'allow' },
    { verdict: 'login' },
    'the login page is for everybody',
  ],
  [{ url: host('auth-api'), as: ci, verdict: 'allow' }, { as: 'anonymous' }, 'the token is asked for'],
  [
    { url: host('auth-api'), as: 'anonymous', verdict: 'deny' },
    { verdict: 'login' },
    'nobody logs in to a token',
  ],
  [{ url: host('auth-api'), as: admin, verdict: 'deny' }, { as: ci }, 'the token opens'],
  [{ url: host('grafana'), as: 'anonymous', verdict: 'login' }, { verdict: 'allow' }, 'Authentik asks'],
  [{ url: host('grafana'), as: admin, verdict: 'allow' }, { as: family }, 'another group'],
  [{ url: host('grafana'), as: family, verdict: 'deny' }, { as: admin }, 'the group of the gate'],
  [
    { url: host('grafana'), as: family, verdict: 'deny' },
    { as: { groups: ['family', 'admins'] } },
    'one group is enough',
  ],
  [
    { url: host('grafana'), as: ci, verdict: 'deny' },
    { verdict: 'allow' },
    'Authentik knows no service tokens',
  ],
  [
    { url: host('grafana', '/api/health'), as: 'anonymous', verdict: 'allow' },
    { url: host('grafana', '/api/healthz') },
    'an exact path',
  ],
  [
    { url: host('grafana', '/publicity'), as: 'anonymous', verdict: 'login' },
    { url: host('grafana', '/public/x') },
    'a subtree',
  ],
  [
    { url: host('grafana', '/public'), as: 'anonymous', verdict: 'allow' },
    { verdict: 'deny' },
    'a subtree covers its own path',
  ],
  [
    { url: 'https://photos.example.org/', as: family, verdict: 'allow' },
    { as: admin },
    'the groups of the domain',
  ],
  [
    { url: 'https://photos.example.org/a', as: 'anonymous', verdict: 'login' },
    { verdict: 'allow' },
    'one login for the domain',
  ],
  [{ url: host('proxmox'), as: me, verdict: 'allow' }, { as: 'anonymous' }, 'the emergency address'],
  [{ url: host('proxmox'), as: admin, verdict: 'allow' }, { verdict: 'deny' }, 'the group at Access'],
  [{ url: host('proxmox'), as: family, verdict: 'deny' }, { as: admin }, 'the group at Access'],
  [{ url: host('proxmox'), as: ci, verdict: 'deny' }, { as: me }, 'a person and not a token'],
  [
    { url: host('proxmox'), as: 'anonymous', verdict: 'login' },
    { url: host('auth-api') },
    'a login and not a token',
  ],
  [{ url: host('docs'), as: 'anonymous', verdict: 'allow' }, { verdict: 'login' }, 'a public page'],
  [
    { url: host('docs'), as: 'anonymous', method: 'POST', verdict: 'allow' },
    { url: host('grafana') },
    'another host',
  ],
  [
    { url: host('api', '/v1/items'), as: 'anonymous', verdict: 'deny' },
    { verdict: 'login' },
    'a JWT is no login',
  ],
  [
    { url: host('api', '/v1/items'), as: admin, method: 'POST', verdict: 'deny' },
    { verdict: 'allow' },
    'no operation',
  ],
  [{ url: host('hooks', '/admin'), as: ci, verdict: 'deny' }, { verdict: 'allow' }, 'no path of a hook'],
];

describe('a true assertion', () => {
  it('causes neither a mistake nor a warning', () => {
    expect(mistakesIn(fileWith(mutants.map(([assertion]) => assertion)))).toEqual([]);
  });

  it('has the same verdict alone as among others, so that nothing is left out for it', () => {
    const all = mutants.flatMap(([assertion, change]) => [assertion, { ...assertion, ...change }]);
    const together = mistakesIn(fileWith(all)).map(({ message }) => message);
    const alone = all.flatMap((assertion) => mistakesIn(fileWith([assertion])).map(({ message }) => message));
    expect(alone).toEqual(together);
    expect(together.length).toBe(mutants.length);
  });

  it('has a mutant: at least twenty of them, for each sort of gate', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
    const hosts = new Set(mutants.map(([{ url }]) => new URL(url).host.split('.')[0]));
    expect([...hosts].sort()).toEqual([
      'api',
      'auth',
      'auth-api',
      'docs',
      'grafana',
      'hooks',
      'photos',
      'proxmox',
    ]);
  });

  it.each(mutants)('%j is a mistake after the change %j: %s', (assertion, change) => {
    const all = mutants.map(([each]) => (each === assertion ? { ...assertion, ...change } : each));
    const text = fileWith(all);
    const index = mutants.findIndex(([each]) => each === assertion);
    const mistakes = mistakesIn(text);
    expect(mistakes.map(({ code, severity, path }) => [code, severity, path])).toEqual([
      ['G122', 'error', `expect[${index}]`],
    ]);
    // The line of the mistake is that of the entry.
    const line = text.split('\n')[(mistakes[0]?.line ?? 0) - 1];
    expect(line).toContain(`url: ${{ ...assertion, ...change }.url}`);
  });
});

describe('a file with assertions', () => {
  const wrong = (plant: (tree: ReturnType<typeof sampleTree>) => void) =>
    mistakesIn(fileWith([], plant)).map(({ code, rule, severity, path, message }) => [
      severity,
      code ?? rule,
      path,
      message,
    ]);

  it('names the gate that decides, and its visitors', () => {
    const [mistake] = mistakesIn(
      fileWith([{ url: host('grafana', '/public/a'), as: 'anonymous', verdict: 'login' }]),
    );
    expect(mistake?.message).toBe(
      'login for an anonymous visitor at https://grafana.example.dev/public/a, but the visitor gets in without a login: the gate of services.grafana, path /public/** is None (public) and admits everyone',
    );
  });

  it.each([
    [host('vault'), 'anonymous', 'login', 'origin'],
    [
      host('grafana'),
      me,
      'allow',
      'visitor (has an account at Authentik), visitor (is in authentik/group:admins)',
    ],
    [host('docs', '/robots.txt'), 'anonymous', 'login', ''],
  ] as const)('is not confirmed about %s for %j %s unless the model can tell', (url, as, verdict, reason) => {
    const [mistake] = mistakesIn(fileWith([{ url, as, verdict }]));
    if (reason === '') expect(mistake?.severity).toBe('error');
    else
      expect([mistake?.severity, mistake?.message.split(': ').at(-1)]).toEqual([
        'warning',
        expect.stringContaining('unknown, because of'),
      ]);
    expect(mistake?.message).toContain(reason);
  });

  it('causes a warning about a host without a service, where its assertion holds only for that reason', () => {
    const assertion = { url: 'https://grafna.example.dev', as: 'anonymous', verdict: 'deny' } as const;
    expect(mistakesIn(fileWith([assertion])).map(({ code, severity }) => [code, severity])).toEqual([
      ['G122', 'warning'],
    ]);
    expect(mistakesIn(fileWith([{ ...assertion, url: 'https://www.example.dev' }]))).toEqual([]);
    expect(
      mistakesIn(fileWith([{ ...assertion, verdict: 'allow' }])).map(({ severity }) => severity),
    ).toEqual(['error']);
  });

  it('treats a path below a service as a path of its host', () => {
    const below = (entry: object) =>
      wrong((tree) => {
        tree.services.grafana.expect = [{ as: 'anonymous', verdict: 'login', ...entry }];
      }).map(([severity, code, path]) => [severity, code, path]);
    expect(below({ url: '/admin' })).toEqual([]);
    expect(below({ url: host('photos').replace('.dev', '.org') })).toEqual([]);
    expect(below({ url: '/public/a' })).toEqual([['error', 'G122', 'services.grafana.expect[0]']]);
  });

  it.each([
    [{ url: '/admin' }, 'wrong-value', 'expect[0].url'],
    [{ url: 'http://grafana.example.dev' }, 'wrong-value', 'expect[0].url'],
    [{ url: 'https://grafana.example.dev/a?b' }, 'wrong-value', 'expect[0].url'],
    [{ url: 'https://grafana.example.net' }, 'G114', 'expect[0].url'],
    [{ as: 'anyone' }, 'wrong-value', 'expect[0].as'],
    [{ as: {} }, 'one-key', 'expect[0].as'],
    [{ as: { email: 'me@example.dev', token: 'ci' } }, 'one-key', 'expect[0].as.token'],
    [{ as: { email: '*@example.dev' } }, 'wrong-value', 'expect[0].as.email'],
    [{ as: { groups: [] } }, 'wrong-value', 'expect[0].as.groups'],
    [{ as: { groups: ['guests'] } }, 'undeclared-name', 'expect[0].as.groups[0]'],
    [{ as: { token: 'cd' } }, 'undeclared-name', 'expect[0].as.token'],
    [{ method: 'get' }, 'wrong-value', 'expect[0].method'],
    [{ verdict: 'refuse' }, 'wrong-value', 'expect[0].verdict'],
    [{ verdict: undefined }, 'missing-key', 'expect[0].verdict'],
    [{ path: '/' }, 'unknown-key', 'expect[0].path'],
  ])('has a mistake when an assertion says %j', (change, rule, path) => {
    const found = wrong((tree) => {
      tree.expect = [{ url: host('grafana'), as: 'anonymous', verdict: 'login', ...change }];
    });
    expect(found.map(([, code, at]) => [code, at])).toEqual([[rule, path]]);
  });

  it('judges the other entries when an assertion is wrong', () => {
    const found = wrong((tree) => {
      tree.services.grafana.expect = [{ url: '/', as: 'nobody', verdict: 'login' }];
      tree.services.docs.gate = { cloudflare: {} };
    });
    expect(found.map(([, code]) => code).sort()).toEqual(['G106', 'wrong-value']);
  });
});
