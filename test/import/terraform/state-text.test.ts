import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GatesError } from '../../../src/core/errors.ts';
import { ResourceLabels } from '../../../src/import/terraform/resource-labels.ts';
import { stateResources } from '../../../src/import/terraform/state-text.ts';

const secret = 'c2VjcmV0LW9mLXRoZS10dW5uZWw=';

/** A state as `terraform state pull` prints it, with attributes that the documents of the providers name. */
const stored = {
  version: 4,
  terraform_version: '1.12.2',
  serial: 15,
  lineage: '48103276-2426-c370-5942-d7217bbde618',
  outputs: { tunnel_token: { value: secret, type: 'string', sensitive: true } },
  resources: [
    {
      mode: 'data',
      type: 'cloudflare_zone',
      name: 'main',
      provider: 'provider["registry.terraform.io/cloudflare/cloudflare"]',
      instances: [{ schema_version: 0, attributes: { id: '023e105f4ecef8ad9ca31a8372d0c353' } }],
    },
    {
      mode: 'managed',
      type: 'cloudflare_record',
      name: 'host',
      provider: 'provider["registry.terraform.io/cloudflare/cloudflare"]',
      instances: [
        {
          index_key: 'films',
          schema_version: 3,
          attributes: { id: '372e67954025e0ba6aaa6d586b9e0b59', type: 'CNAME', proxied: true },
          sensitive_attributes: [],
          private: 'eyJzY2hlbWFfdmVyc2lvbiI6IjMifQ==',
        },
        { index_key: 'photos', deposed: 'a1b2c3d4', schema_version: 3, attributes: { id: 'gone' } },
      ],
    },
    {
      module: 'module.site["wiki"]',
      mode: 'managed',
      type: 'cloudflare_zero_trust_tunnel_cloudflared',
      name: 'this',
      provider: 'provider["registry.terraform.io/cloudflare/cloudflare"]',
      instances: [{ index_key: 0, schema_version: 0, attributes: { id: 't', tunnel_secret: secret } }],
    },
    {
      mode: 'managed',
      type: 'authentik_provider_oauth2',
      name: 'vault',
      provider: 'provider["registry.terraform.io/goauthentik/authentik"]',
      instances: [{ schema_version: 0, attributes: { id: '7', client_secret: secret } }],
    },
    { mode: 'managed', type: 'authentik_group', name: 'new', instances: [{ attributes: { id: null } }] },
  ],
  check_results: null,
};

/** The same objects as `terraform show -json` prints them. */
const shown = {
  format_version: '1.0',
  terraform_version: '1.12.2',
  values: {
    outputs: { tunnel_token: { sensitive: true, value: secret, type: 'string' } },
    root_module: {
      resources: [
        { address: 'data.cloudflare_zone.main', mode: 'data', type: 'cloudflare_zone', name: 'main' },
        {
          address: 'cloudflare_record.host["films"]',
          mode: 'managed',
          type: 'cloudflare_record',
          name: 'host',
          index: 'films',
          schema_version: 3,
          values: { id: '372e67954025e0ba6aaa6d586b9e0b59' },
          sensitive_values: {},
        },
        {
          address: 'authentik_provider_oauth2.vault',
          mode: 'managed',
          type: 'authentik_provider_oauth2',
          name: 'vault',
          values: { id: '7', client_secret: secret },
        },
      ],
      child_modules: [
        {
          address: 'module.site["wiki"]',
          resources: [
            {
              address: 'module.site["wiki"].cloudflare_zero_trust_tunnel_cloudflared.this[0]',
              mode: 'managed',
              type: 'cloudflare_zero_trust_tunnel_cloudflared',
              name: 'this',
              index: 0,
              values: { id: 't', tunnel_secret: secret },
            },
          ],
        },
      ],
    },
  },
};

/** The message and the hint of the error. */
function errorOf(text: string): string {
  try {
    stateResources(text);
  } catch (error) {
    if (error instanceof GatesError) return `${error.message}. ${error.hint}`;
  }
  throw new Error('No error');
}

function changed(place: string, value: unknown): string {
  const copy = structuredClone(stored);
  const keys = place.split('.');
  const last = keys.pop() ?? '';
  const inner = keys.reduce<Record<string, unknown>>(
    (around, key) => around[key] as Record<string, unknown>,
    copy as unknown as Record<string, unknown>,
  );
  inner[last] = value;
  return JSON.stringify(copy);
}

describe('the objects of a state', () => {
  it('are the managed ones with an id, with nothing but type, name, module, key and id', () => {
    expect(stateResources(JSON.stringify(stored))).toEqual([
      {
        type: 'cloudflare_record',
        name: 'host',
        module: undefined,
        key: 'films',
        id: '372e67954025e0ba6aaa6d586b9e0b59',
      },
      {
        type: 'cloudflare_zero_trust_tunnel_cloudflared',
        name: 'this',
        module: 'module.site["wiki"]',
        key: 0,
        id: 't',
      },
      { type: 'authentik_provider_oauth2', name: 'vault', module: undefined, key: undefined, id: '7' },
    ]);
  });

  it('are the same in the output of `show -json`', () => {
    const both = [stored, shown].map((each) => stateResources(JSON.stringify(each)));
    expect(new Set(both[1])).toEqual(new Set(both[0]));
  });

  it.each([
    { version: 4, resources: [] },
    { version: 4 },
    { format_version: '1.0' },
    { format_version: '1.0', values: { root_module: {} } },
  ])('are none in an empty state: %j', (state) => {
    expect(stateResources(JSON.stringify(state))).toEqual([]);
  });
});

describe('what Terraform 1.15.5 has written', () => {
  const states = path.resolve(import.meta.dirname, 'states');
  it.each(['stored', 'shown'])('is read with module, name and key: %s', (name) => {
    const read = stateResources(readFileSync(path.join(states, `${name}.json`), 'utf8'));
    expect(read.map(({ id: _, type: __, ...names }) => names)).toEqual([
      { name: 'host', module: undefined, key: 'films' },
      { name: 'host', module: undefined, key: 'wiki.example.dev' },
      { name: 'mail', module: undefined, key: 0 },
      { name: 'mail', module: undefined, key: 1 },
      { name: 'this', module: 'module.site["photos"]', key: undefined },
    ]);
    expect(new Set(read.map(({ id }) => id)).size).toBe(5);
  });
});

describe('a state that import cannot use', () => {
  it.each([
    ['', 'The state is empty'],
    [`{\n  "version": 4,\n  "resources": [${secret}]\n}`, 'The state is no JSON at line 3, column 17'],
    ['{"a": 1,}', 'The state is no JSON at line 1, column 9'],
    ['{"a" 1}', 'The state is no JSON at line 1, column 6'],
    ['{"a": 1} {', 'The state is no JSON at line 1, column 10'],
    ['[1, 2}', 'The state is no JSON at line 1, column 6'],
    [JSON.stringify(stored, null, 2).slice(0, 90), 'The state is cut off at line 5, column 24'],
    [`{"a": "${secret}`, 'The state is cut off at line 1, column 36'],
    ['{"a": tru', 'The state is cut off at line 1, column 10'],
    ['[]', 'The state is unusable: the state is not an object'],
    ['{"version": 3, "modules": []}', 'The state has the format 3, and import reads format 4'],
    ['{"resources": []}', 'it has neither `version` nor `format_version`'],
    [
      `{"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "${secret}", "encryption_version": "v0"}`,
      'The state is encrypted. Use the output of `tofu state pull`',
    ],
    [changed('resources', {}), 'resources is not a list'],
    [changed('resources.1.instances', secret), 'resources[1].instances is not a list'],
    [changed('resources.1.instances.0', secret), 'resources[1].instances[0] is not an object'],
    [changed('resources.1.instances.0.attributes', [secret]), 'resources[1].instances[0].attributes is not'],
    [changed('resources.1.instances.0.index_key', [secret]), 'resources[1].instances[0].index_key is not a'],
    [changed('resources.1.type', 7), 'resources[1].type is not a text'],
    [changed('resources.1.name', null), 'resources[1].name is not a text'],
  ])('gets an error with the place, and without its content: %#', (text, expected) => {
    expect(errorOf(text)).toContain(expected);
    expect(errorOf(text)).not.toContain(secret.slice(0, 8));
  });
});

describe('the names of resources', () => {
  const named = (...resources: readonly [address: string, names: readonly string[]][]) => {
    const parsed = resources.map(([address], index) => {
      const [, module, type = '', name = '', key] =
        /^(?:(module\..*)\.)?([a-z0-9_]+)\.([a-z0-9_]+)(?:\[(.+)\])?$/.exec(address) ?? [];
      return { type, name, module, key: key === undefined ? undefined : JSON.parse(key), id: String(index) };
    });
    const labels = new ResourceLabels(parsed);
    for (const [index, [address, names]] of resources.entries()) {
      const kind = 'cloudflare/dns-record' as const;
      const record = {
        ...{ address: { kind, key: 'CNAME a' }, id: String(index), owner: undefined, spec: {} },
        ...{ attributes: {}, uses: [] },
      } as const;
      expect(labels.of(record)).toMatchObject({ address, names });
    }
  };

  it.each<[address: string, names: readonly string[]]>([
    ['cloudflare_record.proxmox', ['proxmox']],
    ['cloudflare_record.host["films"]', ['films', 'host-films']],
    ['cloudflare_record.host["films.example.dev"]', []],
    ['cloudflare_record.host[3]', []],
    ['module.films.cloudflare_dns_record.this', ['films', 'films-this']],
    ['module.films.cloudflare_dns_record.web', ['web', 'films-web']],
    ['module.media.module.site["films"].cloudflare_dns_record.this', ['films', 'films-this']],
    ['module.site["films.example.dev"].cloudflare_dns_record.this', ['site', 'site-this']],
    ['module.films["main"].cloudflare_dns_record.this', ['films', 'films-this']],
    ['cloudflare_record.films["main"]', ['films']],
    ['module.site[0].cloudflare_dns_record.this', ['site', 'site-this']],
  ])('%s', (address, names) => named([address, names]));

  it('are those of the module where several instances of it have the resource', () => {
    named(
      ['module.site["films"].cloudflare_dns_record.web', ['films', 'films-web']],
      ['module.site["wiki"].cloudflare_dns_record.web', ['wiki', 'wiki-web']],
    );
  });
});
