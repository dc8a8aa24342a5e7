import { generateKeyPairSync } from 'node:crypto';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { host } from '../moves/moves.ts';
import { type Row, settle } from '../random-files/neighbours.ts';
import { askAdmin } from './hand.ts';

/**
 * Foreign objects of every sort: those around random files, and WAF rules, token configurations, token rules, saved
 * operations and identity providers, of nobody and of another owner. All exist before our first object, except the
 * rules that are added behind ours.
 */
export class Strangers {
  readonly #sandbox: Sandbox;
  #known = new Map<string, ReadonlySet<string>>();

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  static async settle(sandbox: Sandbox): Promise<Strangers> {
    const nothing = { wildcard: 'none', catchAll: 'closed', accessForAll: false, accessOn: 'none' } as const;
    await settle(sandbox, { ...nothing, guests: true });
    const strangers = new Strangers(sandbox);
    await strangers.#settleEdge();
    strangers.#know();
    return strangers;
  }

  /** Adds WAF rules behind all existing ones, once. */
  async addRulesBehind(): Promise<void> {
    const [ruleset] = tablesOf(this.#sandbox).rulesets ?? [];
    const made = rules('behind').map(({ ref }) => ref);
    if (rulesIn(this.#sandbox).some(({ ref }) => made.includes(ref))) return;
    for (const rule of rules('behind')) await this.#edit('POST', `/rulesets/${ruleset?.id}/rules`, rule);
    const added = rulesIn(this.#sandbox).filter(({ ref }) => made.includes(ref));
    const known = this.#known.get('wafRules') ?? new Set();
    this.#known.set('wafRules', new Set([...known, ...added.map(idOf)]));
  }

  /** The owner of the host's token configuration, once there is one, also owns foreign operations there. */
  letGoOfOperations(): void {
    const { operations = [] } = tablesOf(this.#sandbox);
    const elsewhere = operations.filter((row) => row.host !== host).map(idOf);
    const known = this.#known.get('operations') ?? new Set();
    this.#known.set('operations', new Set(elsewhere.filter((id) => known.has(id))));
  }

  /** The current foreign objects, each list in its order. */
  get now(): Readonly<Record<string, readonly string[]>> {
    const tables = allOf(this.#sandbox);
    return Object.fromEntries(
      Object.entries(tables).map(([name, rows]) => {
        const known = this.#known.get(name) ?? new Set();
        return [name, rows.filter((row) => known.has(idOf(row))).map((row) => JSON.stringify(row))];
      }),
    );
  }

  #know(): void {
    const tables = Object.entries(allOf(this.#sandbox));
    this.#known = new Map(tables.map(([name, rows]) => [name, new Set(rows.map(idOf))]));
  }

  async #settleEdge(): Promise<void> {
    await this.#edit('PUT', '/rulesets/phases/http_request_firewall_custom/entrypoint', {
      rules: rules('before'),
    });
    const sources = ['http.request.headers["authorization"][0]'];
    const configurations: string[] = [];
    for (const [title, description] of [
      ['theirs', 'by hand'],
      ['gates work', 'gates:work/work.example.dev; keys of api'],
    ]) {
      const body = { title, description, token_type: 'JWT', token_sources: sources };
      const made = await this.#edit('POST', '/token_validation/config', {
        ...body,
        credentials: { keys: [publicKey(title as string)] },
      });
      configurations.push(String(made.id));
    }
    await this.#edit(
      'POST',
      '/api_gateway/operations',
      ['theirs.example.dev', 'work.example.dev', host].map((at) => ({
        method: 'GET',
        host: at,
        endpoint: '/theirs/{var1}',
      })),
    );
    await this.#edit(
      'POST',
      '/token_validation/rules/bulk',
      ['theirs.example.dev', 'work.example.dev', host].map((at, index) => ({
        ...{ title: `for ${at}`, action: 'log', enabled: true },
        description: at === 'work.example.dev' ? 'gates:work/work.example.dev' : '',
        expression: `is_jwt_valid("${configurations[index % 2]}")`,
        selector: { include: [{ host: [at] }] },
      })),
    );
    for (const name of ['GitHub', 'gates:work/access'])
      await this.#edit('POST', 'identity_providers', {
        name,
        type: 'github',
        config: { client_id: name, client_secret: 'theirs' },
      });
  }

  async #edit(method: string, path: string, body: unknown): Promise<Row> {
    const base = path.startsWith('/')
      ? `/zones/${this.#sandbox.zones[0]?.id}`
      : `/accounts/${this.#sandbox.accountId}/access/`;
    const edit = { actor: 'neighbour', system: 'cloudflare', method, path: `${base}${path}`, body };
    return ((await askAdmin(this.#sandbox, 'POST', '/edit', edit)) as { readonly result: Row }).result;
  }
}

/** Four rules: one blocks, one admits, one would also admit at ours, and one has another owner. */
function rules(where: string): readonly Row[] {
  const skip = { action: 'skip', action_parameters: { ruleset: 'current' } };
  return [
    { ref: `${where}_block`, action: 'block', expression: 'http.request.uri.path eq "/theirs"' },
    { ref: `${where}_skip`, ...skip, expression: 'ip.src in {198.51.100.0/24}' },
    { ref: `${where}_host`, ...skip, expression: 'http.host eq "theirs.example.dev"' },
    {
      ref: where === 'before' ? 'gates_work_fallthrough' : 'gates_work_audience',
      action: 'block',
      expression: '((lower(http.host) eq "work.example.dev") and cf.api_gateway.fallthrough_detected)',
    },
  ];
}

function publicKey(kid: string): object {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...pair.publicKey.export({ format: 'jwk' }), kid, alg: 'ES256' };
}

type Tables = Readonly<Record<string, readonly Row[]>> & {
  readonly authentik: Readonly<Record<string, readonly Row[]>>;
};

function tablesOf(sandbox: Sandbox): Tables {
  return JSON.parse(sandbox.snapshot()) as Tables;
}

function rulesIn(sandbox: Sandbox): readonly Row[] {
  return (tablesOf(sandbox).rulesets ?? []).flatMap(({ rules: inIt }) => inIt as readonly Row[]);
}

const rowsOfEach = [
  ...['records', 'apps', 'policies', 'tags', 'serviceTokens', 'identityProviders'],
  ...['tokenConfigurations', 'tokenRules', 'operations'],
];
const rowsOfAuthentik = [
  ...[
    'users',
    'groups',
    'applications',
    'providers',
    'bindings',
    'scopeMappings',
    'keyPairs',
    'flows',
    'brands',
  ],
];

/** Every list with foreign entries; of shared documents, the foreign part. */
function allOf(sandbox: Sandbox): Readonly<Record<string, readonly Row[]>> {
  const tables = tablesOf(sandbox);
  const outposts = tables.authentik.outposts ?? [];
  return {
    ...Object.fromEntries(rowsOfEach.map((name) => [name, tables[name] ?? []])),
    ...Object.fromEntries(rowsOfAuthentik.map((name) => [name, tables.authentik[name] ?? []])),
    wafRules: rulesIn(sandbox),
    ingressRules: (tables.tunnels ?? []).flatMap(({ versions }) => {
      const all = versions as readonly { readonly config: { readonly ingress: readonly Row[] } }[];
      return all.at(-1)?.config.ingress ?? [];
    }),
    outpostEntries: outposts.flatMap(({ name, providers }) =>
      (providers as readonly unknown[]).map((provider) => ({ id: `${name} ${provider}` })),
    ),
  };
}

/** The identity of a tunnel rule, which has no id, is its complete text. */
function idOf({ id, pk, name, ...row }: Row): string {
  return String(id ?? pk ?? name ?? JSON.stringify(row));
}
