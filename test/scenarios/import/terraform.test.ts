import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { importedFile } from '../../../src/import/checked-draft.ts';
import { ExistingFile } from '../../../src/import/existing/existing-file.ts';
import { ResourceLabels } from '../../../src/import/terraform/resource-labels.ts';
import { stateResources } from '../../../src/import/terraform/state-text.ts';
import { pendingIn } from '../adopting/adopted.ts';
import {
  accessHost,
  authentikHost,
  clientHost,
  type HandMade,
  handMadeHome,
} from '../homes/hand-made-home.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { readFrom } from './imported.ts';

const secret = 'MTIzNDU2Nzg5MGFiY2RlZg==';

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly module?: string;
  readonly instances: readonly Readonly<Record<string, unknown>>[];
}

/** A state in format 4, as the providers write it: `id` is the id of the API, for an application of Authentik its slug. */
function stateText(resources: readonly Entry[]): string {
  const written = resources.map(({ module, ...resource }) => ({
    ...(module !== undefined && { module }),
    mode: 'managed',
    ...resource,
    provider: `provider["registry.terraform.io/x/${resource.type.split('_')[0]}"]`,
  }));
  return JSON.stringify({
    version: 4,
    terraform_version: '1.10.6',
    serial: 41,
    lineage: '48103276-2426-c370-5942-d7217bbde618',
    outputs: { token: { value: secret, type: 'string', sensitive: true } },
    resources: written,
    check_results: null,
  });
}

/** The state of somebody who made the home with Terraform, with plain records besides. */
async function stateOf(home: HandMade, tokenAdmitted = false): Promise<string> {
  const { edit, sandbox } = home;
  const plain = [
    { type: 'MX', name: 'example.dev', content: 'mx1.example.net', priority: 10 },
    { type: 'MX', name: 'example.dev', content: 'mx2.example.net', priority: 20 },
    { type: 'TXT', name: 'example.dev', content: 'v=spf1 -all' },
    { type: 'A', name: 'old.example.dev', content: '192.0.2.9' },
  ];
  for (const record of plain)
    await edit('cloudflare', 'POST', `/zones/${sandbox.zones[0]?.id}/dns_records`, { ttl: 300, ...record });
  const token = await edit('cloudflare', 'POST', `/accounts/${sandbox.accountId}/access/service_tokens`, {
    name: 'Backups of the night',
  });
  if (tokenAdmitted) await admitToken(home, token.id);
  const { records, apps, policies, authentik } = await home.state();
  const all = records as readonly { readonly id: string; readonly name: string; readonly content?: string }[];
  const record = (name: string, content?: string) => ({
    schema_version: 3,
    attributes: {
      id: all.find((each) => each.name === name && (content ?? each.content) === each.content)?.id,
      zone_id: sandbox.zones[0]?.id,
      name,
    },
  });
  const attributes = (value: Readonly<Record<string, unknown>>) => [{ schema_version: 0, attributes: value }];
  const providerOf = (name: string) => authentik.providers.find((each) => each.name === name)?.pk;
  return stateText([
    {
      type: 'authentik_group',
      name: 'admins',
      instances: attributes({ id: authentik.groups.find(({ name }) => name === 'admins')?.pk }),
    },
    {
      type: 'cloudflare_record',
      name: 'mail',
      instances: [
        { index_key: 'second', ...record('example.dev', 'mx2.example.net') },
        { index_key: 'first', ...record('example.dev', 'mx1.example.net') },
      ],
    },
    {
      type: 'cloudflare_zero_trust_access_service_token',
      name: 'nightly_backup',
      instances: attributes({ id: token.id, client_id: 'a.access', client_secret: secret }),
    },
    { type: 'cloudflare_record', name: 'login', instances: [record('auth.example.dev')] },
    {
      module: 'module.apps',
      type: 'cloudflare_record',
      name: 'host',
      instances: [
        { index_key: 'charts', ...record(authentikHost) },
        { index_key: 'passwords', ...record(clientHost) },
      ],
    },
    {
      module: 'module.apps',
      type: 'authentik_provider_proxy',
      name: 'charts',
      instances: attributes({ id: String(providerOf('Provider for Grafana')) }),
    },
    {
      module: 'module.apps',
      type: 'authentik_application',
      name: 'charts',
      instances: attributes({ id: 'grafana', slug: 'grafana', uuid: '0' }),
    },
    {
      module: 'module.apps',
      type: 'authentik_provider_oauth2',
      name: 'passwords',
      instances: attributes({
        id: String(providerOf('Provider for Vaultwarden')),
        client_secret: secret,
      }),
    },
    {
      module: 'module.hypervisor["main"]',
      type: 'cloudflare_zero_trust_access_application',
      name: 'this',
      instances: attributes({ id: apps[0]?.id, name: 'Proxmox' }),
    },
    {
      module: 'module.hypervisor["main"]',
      type: 'cloudflare_zero_trust_access_policy',
      name: 'this',
      instances: attributes({ id: policies[0]?.id }),
    },
    {
      module: 'module.hypervisor["main"]',
      type: 'cloudflare_record',
      name: 'this',
      instances: [record(accessHost)],
    },
  ]);
}

/** Adds a policy to the only application that admits a service token. */
async function admitToken({ edit, state, sandbox }: HandMade, tokenId: string): Promise<void> {
  const access = `/accounts/${sandbox.accountId}/access`;
  const { id } = await edit('cloudflare', 'POST', `${access}/policies`, {
    name: 'Machines',
    decision: 'non_identity',
    include: [{ service_token: { token_id: tokenId } }],
  });
  const application = `${access}/apps/${(await state()).apps[0]?.id}`;
  const live = (await edit('cloudflare', 'GET', application)) as unknown as {
    readonly policies: readonly { readonly id: string }[];
  };
  const policies = [...live.policies.map((each) => each.id), id].map((each, index) => ({
    id: each,
    precedence: index + 1,
  }));
  await edit('cloudflare', 'PUT', application, { ...live, policies });
}

async function importedWith(home: HandMade, text: string, into?: string) {
  const { found, reach } = await readFrom(home);
  const labels = new ResourceLabels(stateResources(text));
  return importedFile({ ...found, labels }, reach, {}, into === undefined ? undefined : existingFile(into));
}

function existingFile(text: string): ExistingFile {
  const bytes = new TextEncoder().encode(text);
  const read = checkedConfig(bytes);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return new ExistingFile(bytes, read.parsed);
}

describe('importing with a Terraform state', () => {
  it('takes names, order and grouping from the state, and no secret', async () => {
    const home = await handMadeHome({ policy: 'reusable' });
    const { text, draft, mistakes } = await importedWith(home, await stateOf(home, true));
    expect({ left: draft.leftovers, mistakes }).toEqual({ left: [], mistakes: [] });
    expect(text).not.toContain(secret);
    expect(text).toMatchSnapshot();
    const read = checkedConfig(text);
    expect(read.ok && read.parsed.warnings).toEqual([]);
  });

  it('leaves nothing to plan after adopt', async () => {
    const home = await handMadeHome();
    const state = await stateOf(home);
    const { text } = await importedWith(home, state);
    const adopting = { ...home, text };
    const run = await runCommand('adopt', adopting, undefined);
    expect(unfinished(run.report)).toEqual([]);
    expect(pendingIn(await runCommand('plan', adopting, undefined))).toEqual([]);
  });

  it('marks a service token at adopt, and then says how gates gets to know its secret', async () => {
    const home = await handMadeHome({ policy: 'reusable' });
    const { text } = await importedWith(home, await stateOf(home, true));
    const adopting = { ...home, text };
    const tokens = () => JSON.parse(home.sandbox.snapshot()).serviceTokens;
    const [before] = tokens();
    const run = await runCommand('adopt', adopting, undefined);
    expect(unfinished(run.report)).toEqual([]);
    const { id, clientId, secret: first, expiresAt } = before;
    expect(tokens()).toContainEqual(
      expect.objectContaining({
        id,
        clientId,
        secret: first,
        expiresAt,
        name: expect.stringMatching(/^gates:home\//),
      }),
    );
    const left = pendingIn(await runCommand('plan', adopting, undefined));
    expect(left).toEqual([expect.stringMatching(/^refuse cloudflare\/service-token:.* `gates rotate /)]);
  });

  it('names what a file lacks in the same way', async () => {
    const home = await handMadeHome();
    const before = `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev] }
`;
    const { text } = await importedWith(home, await stateOf(home), before);
    expect(text).toMatch(/# cloudflare_record\.login\n {2}login:\n {4}host: auth\.example\.dev/);
    expect(text).toContain('  charts:\n    host: grafana.example.dev');
  });

  it('imports as without it if the state names nothing that is live', async () => {
    const home = await handMadeHome();
    const other = stateText([
      { type: 'cloudflare_record', name: 'x', instances: [{ attributes: { id: 'elsewhere' } }] },
    ]);
    const { found, reach } = await readFrom(home);
    const plain = importedFile(found, reach, {});
    expect((await importedWith(home, other)).text).toBe(plain.text);
  });
});
