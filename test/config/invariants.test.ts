import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileInvariants } from '../../src/config/invariants/invariants.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import { sampleText, sampleTree, type Tree, verdictOf } from './sample-file.ts';

interface Mutant {
  readonly codes: readonly string[];
  readonly because: string;
  readonly plant: (tree: Tree) => void;
}

const mutants: readonly Mutant[] = [
  {
    codes: ['G101'],
    because: 'two keys in one gate are two gates',
    plant: (tree) => {
      tree.services.docs.gate.cloudflare = { emails: ['me@example.dev'] };
    },
  },
  {
    codes: ['G101'],
    because: 'a path has one gate like a host',
    plant: (tree) => {
      tree.services.grafana.paths['/public/**'].serviceToken = { tokens: ['ci'] };
    },
  },
  {
    codes: ['G102'],
    because:
      'an address beside a guarded service is a way around it, which says that it is a second record too',
    plant: (tree) => {
      tree.dns['example.dev'].push({ name: 'grafana', type: 'A', content: '192.0.2.1' });
    },
  },
  {
    codes: ['G102'],
    because: 'a host with one guarded path is guarded',
    plant: (tree) => {
      tree.services.docs.paths = { '/admin/**': { cloudflare: { emails: ['me@example.dev'] } } };
      tree.dns['example.dev'].push({ name: 'docs.example.dev', type: 'CNAME', content: 'elsewhere.net' });
    },
  },
  {
    codes: ['G103'],
    because: 'people are sent to a login page that no service shows',
    plant: (tree) => {
      delete tree.services.auth;
      delete tree.authentik.service;
    },
  },
  {
    codes: ['G103'],
    because: 'of two login pages nobody knows which one people are sent to',
    plant: (tree) => {
      delete tree.authentik.service;
      tree.services.login = { host: 'login.example.dev', origin: 'traefik', gate: { identityProvider: {} } };
    },
  },
  {
    codes: ['G104'],
    because: 'Access logs people in by the host that this path is on',
    plant: (tree) => {
      tree.services.auth.paths = { '/if/admin/**': { cloudflare: { emails: ['me@example.dev'] } } };
    },
  },
  {
    codes: ['G104'],
    because: 'nor can Authentik ask on the way to its own login',
    plant: (tree) => {
      tree.services.auth.paths = { '/if/admin/**': { authentik: { groups: ['admins'] } } };
    },
  },
  {
    codes: ['G105'],
    because: 'the login page itself calls the API',
    plant: (tree) => {
      tree.services.auth.paths = { '/api/v3/**': { serviceToken: { tokens: ['ci'] } } };
    },
  },
  {
    codes: ['G105'],
    because: 'a subtree above covers the paths of every OIDC login too',
    plant: (tree) => {
      tree.services.auth.paths = { '/application/**': { serviceToken: { tokens: ['ci'] } } };
    },
  },
  {
    codes: ['G106'],
    because: 'an Access application without a person in its policies is for everybody',
    plant: (tree) => {
      tree.services.proxmox.gate.cloudflare = {};
    },
  },
  {
    codes: ['G106'],
    because: 'an application without bindings is for everybody',
    plant: (tree) => {
      tree.services.grafana.gate.authentik = {};
      tree.clients.api.groups = ['admins'];
    },
  },
  {
    codes: ['G106'],
    because: 'neither the gate nor its client names a group',
    plant: (tree) => {
      tree.clients.vault.groups = [];
    },
  },
  {
    codes: ['G106'],
    because: 'a client that is no gate lets people in all the same',
    plant: (tree) => {
      tree.clients.api.groups = [];
    },
  },
  {
    codes: ['G106'],
    because: 'the groups of a domain are those of its hosts',
    plant: (tree) => {
      tree.authentik.domains['example.org'] = {};
    },
  },
  {
    codes: ['G107'],
    because: 'an open door says why',
    plant: (tree) => {
      tree.services.docs.gate.public = {};
    },
  },
  {
    codes: ['G107'],
    because: 'an empty reason is none',
    plant: (tree) => {
      tree.services.docs.gate.public.reason = ' ';
    },
  },
  {
    codes: ['G107'],
    because: 'a rule that only logs lets everybody through',
    plant: (tree) => {
      tree.services.api.gate.jwt.action = 'log';
    },
  },
  {
    codes: ['G108'],
    because: 'four matchers do not agree on a slash at the end',
    plant: (tree) => {
      tree.services.docs.paths = { '/a/': { public: { reason: 'why' } } };
    },
  },
  {
    codes: ['G108'],
    because: 'the subtree covers the path itself',
    plant: (tree) => {
      tree.services.docs.paths = { '/a': { public: { reason: 'x' } }, '/a/**': { public: { reason: 'y' } } };
    },
  },
  {
    codes: ['G109'],
    because: 'a group that nothing names',
    plant: (tree) => {
      tree.groups.friends = {};
    },
  },
  {
    codes: ['G109', 'G109', 'G109', 'G109', 'G109', 'G109'],
    because: 'an origin, its tunnel, a token, an action, a domain and a scope that nothing names',
    plant: (tree) => {
      tree.origins.spare = { tunnel: 'homelab', url: 'http://spare.lan' };
      tree.cloudflare.tunnels.spare = {};
      tree.serviceTokens.spare = {};
      tree.actions.spare = { run: ['true'] };
      tree.authentik.domains['example.dev'] = { groups: ['family'] };
      tree.authentik.scopes = { spare: { expression: 'return {}' } };
    },
  },
  {
    codes: ['G109'],
    because: 'there is nothing that the way around leads around',
    plant: (tree) => {
      tree.services.proxmox.gate.cloudflare = { emails: ['me@example.dev'] };
      tree.cloudflare.access = { breakGlass: { emails: ['me@example.dev'], reason: 'Authentik is down' } };
    },
  },
  {
    codes: ['G113'],
    because: 'without a secret every call is as good as a signed one',
    plant: (tree) => {
      delete tree.services.hooks.gate.webhook.secret;
    },
  },
  {
    codes: ['G114'],
    because: 'the host is in no zone of the file',
    plant: (tree) => {
      tree.services.docs.host = 'docs.example.com';
    },
  },
  {
    codes: ['G114'],
    because: 'the zone of these records is not one of ours',
    plant: (tree) => {
      tree.dns['example.com'] = [];
    },
  },
  {
    codes: ['G114'],
    because: 'with two zones nobody knows which one is meant',
    plant: (tree) => {
      tree.services.docs.host = '@';
    },
  },
  {
    codes: ['G115'],
    because: 'one host is one service, whatever its case',
    plant: (tree) => {
      tree.services.docs.host = 'Vault.example.dev';
    },
  },
  {
    codes: ['G115'],
    because: 'name servers would take the whole name away from the service',
    plant: (tree) => {
      tree.dns['example.dev'].push({ name: 'docs', type: 'NS', content: 'ns.example.net' });
    },
  },
  {
    codes: ['G115'],
    because: 'browsers would follow an HTTPS record around the gate',
    plant: (tree) => {
      const data = { priority: 0, target: 'elsewhere.example.net', value: '' };
      tree.dns['example.dev'].push({ name: 'grafana', type: 'HTTPS', data });
    },
  },
  {
    codes: ['G116'],
    because: 'nobody would ask Authentik',
    plant: (tree) => {
      tree.services.grafana.origin = 'proxmox';
    },
  },
  {
    codes: ['G116'],
    because: 'at the origin somebody has to ask the daemon',
    plant: (tree) => {
      tree.services.api.gate.jwt.at = 'origin';
      tree.services.api.origin = 'proxmox';
    },
  },
  {
    codes: ['G116'],
    because: 'the shared key signs the tokens of every application',
    plant: (tree) => {
      delete tree.clients.api.signingKey;
    },
  },
  {
    codes: ['G116'],
    because: 'a server that speaks no HTTP sends nobody to a login',
    plant: (tree) => {
      tree.origins.shell = { tunnel: 'homelab', url: 'ssh://nas.lan:22' };
      tree.services.docs.origin = 'shell';
    },
  },
  {
    codes: ['G116'],
    because: 'a server that speaks no HTTP has no paths',
    plant: (tree) => {
      tree.origins.shell = { tunnel: 'homelab', url: 'ssh://nas.lan:22' };
      tree.services.shell = {
        ...{
          host: 'shell.example.dev',
          origin: 'shell',
          gate: { cloudflare: { emails: ['me@example.dev'] } },
        },
        paths: { '/open': { public: { reason: 'open' } } },
      };
    },
  },
  {
    codes: ['G117'],
    because: 'who is kept out of grafana comes in by docs',
    plant: (tree) => {
      tree.services.docs.hostHeader = 'grafana.example.dev';
    },
  },
  {
    codes: ['G117'],
    because: 'only the machine host of the identity provider is exempt',
    plant: (tree) => {
      tree.services.docs.hostHeader = 'auth.example.dev';
    },
  },
  {
    codes: ['G117'],
    because: 'the outpost hands requests to the origin, and another host leads there past it',
    plant: (tree) => {
      proxied(tree, 'homelab');
      delete tree.cloudflare.tunnels.other;
    },
  },
  {
    codes: ['G117'],
    because: 'the outpost asks by no tunnel, so that another one may lead to the same server',
    plant: (tree) => proxied(tree, 'other'),
  },
  {
    codes: ['G117'],
    because: 'a server that does not say that it tells hosts apart may show one application to all of them',
    plant: (tree) => openPve(tree),
  },
  {
    codes: ['G117'],
    because: 'what one tunnel leads to is one server, whatever its origins are called',
    plant: (tree) => {
      tree.origins.again = { tunnel: 'homelab', url: 'https://192.168.1.51:8006/' };
      openPve(tree).origin = 'again';
    },
  },
  {
    codes: ['G118'],
    because: 'the certificate covers one label',
    plant: (tree) => {
      tree.services.docs.host = 'a.docs.example.dev';
    },
  },
  {
    codes: ['G119'],
    because: 'Access does not ask Authentik',
    plant: (tree) => {
      delete tree.cloudflare.access.identityProvider;
      delete tree.cloudflare.access.breakGlass;
    },
  },
  {
    codes: ['G120'],
    because: 'whoever could mend Authentik may be shut out by it',
    plant: (tree) => {
      delete tree.cloudflare.access.breakGlass;
    },
  },
  {
    codes: ['G121'],
    because: 'no cloudflared can run a tunnel whose token nobody has',
    plant: (tree) => {
      tree.cloudflare.tunnels.homelab = { create: true };
    },
  },
  {
    codes: ['G103'],
    because: 'Access too sends people to the login page',
    plant: (tree) => {
      tree.services = { proxmox: tree.services.proxmox };
      delete tree.authentik.service;
      delete tree.authentik.domains;
      delete tree.origins.traefik;
      for (const section of ['serviceTokens', 'actions', 'clients']) delete tree[section];
      tree.clients = { vault: { redirectUris: ['https://vault.example.dev/callback'], groups: ['family'] } };
    },
  },
  {
    codes: ['G122'],
    because: 'the file opens a path that an assertion closes',
    plant: (tree) => {
      tree.expect = [{ url: 'https://grafana.example.dev/public/a', as: 'anonymous', verdict: 'login' }];
    },
  },
];

/** Adds a wiki behind the outpost, and another way to its server. */
function proxied(tree: Tree, tunnel: string): void {
  tree.cloudflare.tunnels.other = {};
  tree.origins.wiki = { tunnel: 'homelab', url: 'http://wiki.lan:80' };
  tree.origins.again = { tunnel, url: 'http://wiki.lan:80' };
  tree.services.wiki = {
    host: 'wiki.example.dev',
    origin: 'wiki',
    gate: { authentik: { mode: 'proxy', groups: ['family'] } },
  };
  tree.services.raw = {
    host: 'raw.example.dev',
    origin: 'again',
    hostHeader: 'wiki.example.dev',
    gate: { public: { reason: 'by mistake' } },
  };
}

/** Adds a second host of the server behind `proxmox`, open to everybody. */
function openPve(tree: Tree): Tree {
  const gate = { public: { reason: 'by mistake' } };
  tree.services.pve = { host: 'pve.example.dev', origin: 'proxmox', gate };
  return tree.services.pve;
}

const harmless: readonly { because: string; change: (tree: Tree) => void }[] = [
  {
    because: 'an Authentik that Access never asks shuts nobody out of Access',
    change: (tree) => {
      delete tree.cloudflare.access.breakGlass;
      tree.services.proxmox.gate = { public: { reason: 'nothing asks Access' } };
    },
  },
  {
    because: 'a client that is not the gate may name its groups itself, and everyone may be meant',
    change: (tree) => {
      const { redirectUris } = tree.clients.vault;
      tree.clients.vault = { redirectUris, everyone: { reason: 'the house is open' } };
      tree.services.proxmox.gate.cloudflare = { everyone: { reason: 'everybody has an account' } };
      tree.services.grafana.gate.authentik = { everyone: { reason: 'dashboards for all' } };
    },
  },
  {
    because: 'the groups of the gate count for its client',
    change: (tree) => {
      tree.services.vault.gate.authentik.groups = ['family'];
      tree.clients.vault.groups = [];
    },
  },
  {
    because: 'mail, text and certificate records stand beside a service',
    change: (tree) => {
      tree.dns['example.dev'].push(
        { name: 'grafana', type: 'TXT', content: 'note' },
        { name: 'grafana', type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example.net' } },
      );
    },
  },
  {
    because: 'an alias is said on purpose',
    change: (tree) => {
      tree.services.docs.hostHeader = 'grafana.example.dev';
      tree.services.docs.alias = { reason: 'the old name, read only' };
    },
  },
  {
    because: 'a router has an application of its own for each host',
    change: (tree) => {
      openPve(tree);
      tree.origins.proxmox.router = true;
    },
  },
  {
    because: 'one server is a router by whatever origin says so',
    change: (tree) => {
      openPve(tree);
      tree.origins.again = { tunnel: 'homelab', url: 'https://192.168.1.51:8006', forwardAuth: true };
      tree.services.grafana.origin = 'again';
    },
  },
  {
    because: 'hosts that one server answers alike may be meant',
    change: (tree) => {
      openPve(tree).alias = { reason: 'a read-only account' };
    },
  },
  {
    because: 'the daemon checks the calls of each of its hosts itself',
    change: (tree) => {
      tree.origins.daemon = { tunnel: 'homelab', url: 'http://gates.lan:8421' };
      tree.services.hooks.origin = 'daemon';
      tree.services.more = structuredClone(tree.services.hooks);
      tree.services.more.host = 'more.example.dev';
      tree.services.more.gate.webhook.actions = ['reconcile'];
    },
  },
  {
    because: 'two hosts with the same gate may share a backend, in whatever order its lists are written',
    change: (tree) => {
      tree.services.proxmox.gate.cloudflare.groups = ['admins', 'family'];
      tree.services.pve = structuredClone(tree.services.proxmox);
      tree.services.pve.gate.cloudflare.groups = ['family', 'admins'];
      tree.services.pve.host = 'pve.example.dev';
      tree.services.pve.hostHeader = 'proxmox.example.dev';
    },
  },
  {
    because: 'other paths of the login host may ask for a token',
    change: (tree) => {
      tree.services.auth.paths = { '/-/metrics': { serviceToken: { tokens: ['ci'] } } };
    },
  },
  {
    because: 'a browser is kept from nothing by an open path of the API',
    change: (tree) => {
      tree.services.auth.paths = { '/api/v3/root/config': { public: { reason: 'the login page reads it' } } };
    },
  },
  {
    because: 'keys that are not those of a client are not a matter of its signing key',
    change: (tree) => {
      tree.services.api.gate.jwt.keys = { url: 'https://keys.example.net/jwks' };
    },
  },
  {
    because: 'a tunnel that is made here may deliver its token',
    change: (tree) => {
      tree.cloudflare.tunnels.homelab = { create: true, deliver: [{ file: '/run/tunnel.env' }] };
    },
  },
  {
    because: 'one address behind two tunnels is two servers',
    change: (tree) => {
      proxied(tree, 'other');
      tree.services.wiki.gate = { cloudflare: { emails: ['me@example.dev'] } };
    },
  },
  {
    because: 'a rule that only logs may say why',
    change: (tree) => {
      Object.assign(tree.services.api.gate.jwt, { action: 'log', reason: 'first week' });
    },
  },
];

describe('file invariants', () => {
  it('pass the good file', () => {
    expect(verdictOf(sampleTree())).toEqual([]);
  });

  it.each(mutants)('$codes: $because', ({ codes, plant }) => {
    const tree = sampleTree();
    plant(tree);
    expect(verdictOf(tree)).toEqual(codes);
  });

  it('refuse a file with an error and accept one with a warning', () => {
    for (const { code, severity } of fileInvariants) {
      const mutant = mutants.find(({ codes }) => codes.includes(code));
      const tree = sampleTree();
      mutant?.plant(tree);
      expect(checkedConfig(JSON.stringify(tree)).ok, code).toBe(severity === 'warning');
    }
  });

  it.each(harmless)('accept: $because', ({ change }) => {
    const tree = sampleTree();
    change(tree);
    expect(verdictOf(tree)).toEqual([]);
  });

  it('each have a mutant', () => {
    const planted = new Set(mutants.flatMap(({ codes }) => codes));
    expect([...planted].sort()).toEqual(fileInvariants.map(({ code }) => code));
  });

  it('are each explained under their own heading', () => {
    const page = readFileSync('docs/invariants.md', 'utf8');
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(fileInvariants.map(({ code, title }) => `${code}: ${title}`));
  });

  it('say the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.constantFrom(...mutants), fc.infiniteStream(fc.nat()), (mutant, random) => {
        const tree = sampleTree();
        mutant.plant(tree);
        return verdictOf(shuffled(tree, random)).join() === verdictOf(tree).join();
      }),
      { numRuns: 60 },
    );
  });

  it('judge the valid entries even if others are invalid', () => {
    const tree = sampleTree();
    tree.services.broken = { hots: 'x' };
    tree.services.docs.gate.public = { reason: 3 };
    tree.services.vault.hostHeader = 'grafana.example.dev';
    tree.dns['example.dev'].unshift({ name: 'x' }, { name: 'proxmox', type: 'AAAA', content: '2001:db8::1' });
    const result = parseConfig(JSON.stringify(tree));
    const paths = result.ok ? [] : result.mistakes.map(({ code, path }) => `${code ?? ''} ${path}`).sort();
    expect(paths).toContain('G117 services.vault');
    expect(paths).toContain('G102 dns["example.dev"][1]');
    expect(paths).toContain('G107 services.docs.gate.public.reason');
    expect(paths).toContain(' services.broken.hots');
  });

  it('report a breach in the target of an alias once', () => {
    const text = sampleText.replace(
      'gate: { public: { reason: documentation } }',
      'gate: &g { cloudflare: {} }',
    );
    const result = parseConfig(
      text.replace('  api:\n', '  copy: { host: copy.example.dev, origin: traefik, gate: *g }\n  api:\n'),
    );
    expect(result.ok ? [] : result.mistakes.map(({ code }) => code)).toEqual(['G106']);
  });
});

function shuffled(value: Tree, random: Iterator<number>): Tree {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const keyed = Object.entries(value).map(([key, inner]) => ({
    key,
    inner,
    at: Number(random.next().value),
  }));
  keyed.sort((a, b) => a.at - b.at);
  return Object.fromEntries(keyed.map(({ key, inner }) => [key, shuffled(inner, random)]));
}
