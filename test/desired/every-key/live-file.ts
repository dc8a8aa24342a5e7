import { generateKeyPairSync } from 'node:crypto';
import { reconcilers } from '../../../reconcilers/index.ts';
import { applyPlan } from '../../../src/apply/apply.ts';
import type { Config } from '../../../src/config/model/config.ts';
import { type Change, isPending } from '../../../src/core/change.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import type { World } from '../../../src/core/world.ts';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import { createWorld, type Memory } from '../../../src/observed/world.ts';
import type { PlanOptions } from '../../../src/plan/drafts/options.ts';
import { decidedChanges, makePlan } from '../../../src/plan/plan.ts';
import { survey } from '../../../src/run/survey.ts';
import { placeLdapOutpost } from '../../scenarios/homes/ldap-outpost.ts';
import { copyOf, type Disk, newDisk } from '../../scenarios/stage/disk.ts';
import { askAdmin, Hand } from '../../scenarios/stage/hand.ts';
import { failures, type TestWorld, testWorld } from '../../support/world.ts';

/** The systems after files were applied to them, one after the other. */
export class LiveFile {
  readonly #test: TestWorld;
  readonly #snapshot: Snapshot;
  readonly #disk: Disk;
  /** The objects that were read, by scope. */
  readonly #read = new Map<string, Memory>();

  private constructor(test: TestWorld, disk: Disk) {
    this.#test = test;
    this.#disk = disk;
    this.#snapshot = test.sandbox.snapshot();
  }

  /** Applies the file to systems that hold only the foreign objects that it names. */
  static async of(config: Config): Promise<LiveFile> {
    const test = await testWorld({
      reconcilers,
      zones: ['example.dev', 'example.net', 'example.org'],
      tunnel: 'second',
      plan: 'enterprise',
      callBudget: 100_000_000,
      unchecked: true,
    });
    await placeForeign(test);
    return new LiveFile(test, newDisk()).with(config);
  }

  /** The systems after another file was applied too. */
  async with(config: Config): Promise<LiveFile> {
    const { disk, failed } = await this.#apply(config);
    if (failed.length > 0) throw new Error(`The file was not applied: ${failed.join('; ')}`);
    return new LiveFile(this.#test, disk);
  }

  /** The changes that another file asks for. */
  async changes(config: Config): Promise<readonly Change[]> {
    this.#test.sandbox.restore(this.#snapshot);
    const disk = await copyOf(this.#disk);
    return changesOf(config, (scope) => {
      const key = JSON.stringify(scope);
      const memory = this.#read.get(key) ?? new Map();
      this.#read.set(key, memory);
      return worldOf(this.#test, disk, scope, memory);
    });
  }

  /** The changes that applying another file left undone, and those that it asks for once more. */
  async remains(config: Config): Promise<readonly string[]> {
    const { disk, failed } = await this.#apply(config);
    const again = await changesOf(config, (scope) => worldOf(this.#test, disk, scope));
    return [...failed, ...again.map(({ id, drift }) => `${id}: ${drift.map(({ field }) => field)}`)];
  }

  async #apply(config: Config): Promise<{ readonly disk: Disk; readonly failed: readonly string[] }> {
    this.#test.sandbox.restore(this.#snapshot);
    const disk = await copyOf(this.#disk);
    const { desired, observed, world } = await surveyOf(config, (scope) => worldOf(this.#test, disk, scope));
    const plan = makePlan(desired, observed, reconcilers, options);
    return { disk, failed: failures(await applyPlan(plan, reconcilers, world)) };
  }
}

const options: PlanOptions = {
  adopt: false,
  prune: true,
  limits: { prune: 1, change: 1, floor: 1000 },
  allow: [],
};

async function changesOf(config: Config, world: (scope: Scope) => World): Promise<readonly Change[]> {
  const { desired, observed } = await surveyOf(config, world);
  return decidedChanges(desired, observed, reconcilers, options).filter(isPending);
}

/** A survey without the checks of gates, since there is no visitor. */
async function surveyOf(config: Config, world: (scope: Scope) => World) {
  const found = await survey(config, { reconcilers, world });
  return { ...found, desired: { ...found.desired, proofs: [] } };
}

function worldOf(test: TestWorld, disk: Disk, scope: Scope, memory: Memory = new Map()): World {
  const { roster: _, ...parts } = test.pass();
  return createWorld({ ...parts, ...disk, scope, document: async () => ({ keys: [signingKey] }) }, memory);
}

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The only key of each issuer that the file names. */
const signingKey = { ...publicKey.export({ format: 'jwk' }), kid: 'first', use: 'sig', alg: 'ES256' };

const flows = {
  mfa: 'authorization',
  login: 'authorization',
  logout: 'invalidation',
  bind: 'authentication',
  unbind: 'invalidation',
};

const checksOfDevices = {
  disk: 'disk_encryption',
  firewall: 'firewall',
  'In WARP': 'warp',
  Gateway: 'gateway',
};

/** Makes the foreign objects that the full file and its other values name. */
async function placeForeign({ sandbox, edit }: TestWorld): Promise<void> {
  const hand = new Hand(sandbox);
  for (const username of ['ada', 'ben'])
    await hand.post('/core/users/', { username, name: username, groups: [] });
  for (const name of ['office', 'trusted'])
    await hand.post('/policies/expression/', { name, expression: 'return True' });
  const flowIds: Record<string, string> = {};
  for (const [name, designation] of Object.entries(flows)) {
    const flow = { name, slug: name, title: name, designation };
    flowIds[name] = ((await hand.post('/flows/instances/', flow)) as { readonly pk: string }).pk;
  }
  for (const common_name of ['ldap.example.dev', 'other.example.dev'])
    await hand.post('/crypto/certificatekeypairs/generate/', { common_name, validity_days: 365 });
  const { theirs } = await placeLdapOutpost(sandbox);
  await hand.post('/outposts/instances/', { name: 'other', type: 'ldap', providers: [theirs], config: {} });
  const proxy = (await hand.post('/providers/proxy/', {
    name: 'their proxy',
    mode: 'forward_single',
    external_host: 'https://theirs.example.com',
    authorization_flow: flowIds.login,
    invalidation_flow: flowIds.logout,
  })) as { readonly pk: number };
  await hand.post('/outposts/instances/', {
    name: 'outpost',
    type: 'proxy',
    providers: [proxy.pk],
    config: {},
  });
  const inAccount = (path: string, body: object) =>
    edit('POST', `/accounts/${sandbox.accountId}/${path}`, body);
  for (const name of ['GitHub', 'GitLab']) {
    const config = { client_id: 'c', client_secret: 's' };
    await inAccount('access/identity_providers', { name, type: 'github', config });
  }
  for (const [name, type] of Object.entries(checksOfDevices))
    await inAccount('devices/posture', { name, type });
  for (const name of ['media', 'tools']) await inAccount('access/tags', { name });
  const entitlements = ['approval', 'certificates', 'isolation', 'justification'];
  await askAdmin(sandbox, 'PUT', '/entitlements', { entitlements });
}
