import { describe, expect, it } from 'vitest';
import { outpostEntry } from '../../../../reconcilers/authentik/outpost/outpost-entry.ts';
import { outpostHost } from '../../../../reconcilers/authentik/outpost/outpost-host.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import {
  authentikKinds,
  foreignProxy,
  gateFor,
  listed,
  outpostAddress,
  outpostName,
  type Row,
} from '../grafana.ts';

const outposts = '/outposts/instances/';
const wants = gateFor('admins');

interface OutpostRow extends Row {
  readonly providers: readonly number[];
  readonly config: Readonly<Record<string, unknown>>;
}

async function embedded(test: TestWorld): Promise<OutpostRow> {
  const rows = (await listed(test, outposts)) as readonly OutpostRow[];
  const found = rows.find(({ name }) => name === outpostName);
  if (found === undefined) throw new Error('there is no embedded outpost');
  return found;
}

async function addByHand(test: TestWorld, ...pks: readonly unknown[]): Promise<void> {
  const { pk, providers } = await embedded(test);
  await test.editAuthentik('PATCH', `${outposts}${pk}/`, { providers: [...providers, ...pks] });
}

contract({
  reconciler: outpostEntry,
  reconcilers: authentikKinds,
  collection: outposts,
  desired: () => wants,
  // An entry exists or not, so no field can drift.
  drifts: [],
  async crowd(test, count) {
    const pks: unknown[] = [];
    for (let n = 1; n <= count; n += 1) pks.push((await foreignProxy(test, `theirs${n}`)).pk);
    await addByHand(test, ...pks);
    return '/providers/proxy/?page_size=100';
  },
  remove: async ({ spec }, test) => {
    const { pk, providers } = await embedded(test);
    const left = providers.filter((provider) => String(provider) !== spec.provider);
    return test.editAuthentik('PATCH', `${outposts}${pk}/`, { providers: left });
  },
  unmarked: true,
});

it('a new entry waits for the hosts that leave the login: its provider would answer there', () => {
  const hosts = ['a.example.dev'];
  const want = { outpost: 'o', provider: '1', hosts, behind: [...hosts, 'b.example.dev'] };
  expect(
    outpostEntry.doors?.(want, undefined, { kind: 'authentik/outpost-entry', key: 'domain-example-dev' }),
  ).toEqual([
    { host: 'a.example.dev', step: 'change' },
    { host: 'b.example.dev', step: 'unguard' },
  ]);
});

contract({
  reconciler: outpostHost,
  reconcilers: [outpostHost],
  collection: outposts,
  desired: () => [outpostAddress],
  drifts: [
    {
      field: 'host',
      edit: async (_have, test) => {
        const { pk, config } = await embedded(test);
        const changed = { ...config, authentik_host: '' };
        return test.editAuthentik('PATCH', `${outposts}${pk}/`, { config: changed });
      },
    },
  ],
  async crowd(test, count) {
    const { pk } = await foreignProxy(test, 'wiki');
    for (let n = 1; n <= count; n += 1) {
      const body = { name: `theirs ${n}`, type: 'proxy', providers: [pk], config: {} };
      await test.editAuthentik('POST', outposts, body);
    }
    return `${outposts}?name__icontains=theirs&page_size=100`;
  },
  remove: async () => {},
  lasting: true,
  unmarked: true,
});

describe('a provider in an outpost', () => {
  it('is added next to foreign ones, and removed without them', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const { pk } = await foreignProxy(test, 'wiki');
    await addByHand(test, pk);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect((await embedded(test)).providers).toHaveLength(2);
    expect(failures(await test.apply([]))).toEqual([]);
    expect((await embedded(test)).providers).toEqual([pk]);
  });

  it('is written again when somebody else wrote the list in between', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const { pk } = await foreignProxy(test, 'wiki');
    const plan = await test.plan(wants);
    const entries = plan.changes.filter(({ address }) => address.kind === 'authentik/outpost-entry');
    await test.carryOut({ ...plan, changes: plan.changes.filter((change) => !entries.includes(change)) });
    const world = test.pass();
    const wire = world.authentik;
    if (wire === undefined) throw new Error('the test world has no Authentik');
    let meddled = false;
    const patch = async (path: string, body?: unknown) => {
      const reply = await wire.patch(path, body);
      // Another writer read the list earlier and writes it now.
      if (!meddled) await test.editAuthentik('PATCH', path, { providers: [pk] });
      meddled = true;
      return reply;
    };
    const [made] = (await listed(
      test,
      '/providers/proxy/?name__iexact=gates:home/grafana',
    )) as readonly Row[];
    const { pk: outpostPk } = await embedded(test);
    const want = { outpost: String(outpostPk), provider: String(made?.pk), hosts: [] };
    const change = { id: 'c', verb: 'create' as const, want, have: undefined, drift: [] };
    const address = { kind: 'authentik/outpost-entry', key: 'grafana' } as const;
    const outcomes = await outpostEntry.write?.([{ ...change, address }], {
      ...world,
      authentik: { ...wire, patch },
    });
    expect(failures(outcomes ?? [])).toEqual([]);
    expect([...(await embedded(test)).providers].sort()).toEqual([pk, made?.pk].sort());
  });

  it('is reported when somebody else keeps writing', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(wants);
    const { pk, providers } = await embedded(test);
    const world = test.pass();
    const wire = world.authentik;
    if (wire === undefined) throw new Error('the test world has no Authentik');
    const have = (await test.read(outpostEntry))[0];
    if (have === undefined) throw new Error('the entry was not made');
    const patch = async () => ({ pk, providers });
    const change = {
      id: 'p',
      verb: 'prune' as const,
      want: undefined,
      have,
      drift: [],
      address: have.address,
    };
    const outcomes = await outpostEntry.write?.([change], { ...world, authentik: { ...wire, patch } });
    expect(failures(outcomes ?? [])).toEqual([expect.stringContaining('keeps writing')]);
  });

  it('is removed from any other outpost, unless that would then serve nothing', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    await test.apply(wants);
    const [made] = await listed(test, '/providers/proxy/');
    const { pk: theirs } = await foreignProxy(test, 'wiki');
    const outpost = { type: 'proxy', config: {} };
    await test.editAuthentik('POST', outposts, { ...outpost, name: 'alone', providers: [made?.pk] });
    await test.editAuthentik('POST', outposts, { ...outpost, name: 'both', providers: [made?.pk, theirs] });
    expect(pending(await test.plan(wants)).map(({ id }) => id.replace(/ provider .*/, ''))).toEqual([
      'prune authentik/outpost-entry:both/grafana',
    ]);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(pending(await test.plan([]))).toEqual([]);
  });
});

describe('the public address of an outpost', () => {
  const setByHand = async (test: TestWorld, host: string) => {
    const { pk, config } = await embedded(test);
    const changed = { ...config, authentik_host: host };
    await test.editAuthentik('PATCH', `${outposts}${pk}/`, { config: changed });
  };
  const reconcilers = [outpostHost];

  it('is set, and other settings stay', async () => {
    const test = await testWorld({ reconcilers });
    const before = (await embedded(test)).config;
    expect(failures(await test.apply([outpostAddress]))).toEqual([]);
    expect((await embedded(test)).config).toEqual({ ...before, authentik_host: 'https://auth.example.dev' });
  });

  it('replaces the API’s own', async () => {
    const test = await testWorld({ reconcilers });
    await setByHand(test, `${test.sandbox.urls.authentik}/`);
    expect(failures(await test.apply([outpostAddress]))).toEqual([]);
    expect(pending(await test.plan([outpostAddress]))).toEqual([]);
  });

  it('belongs to a person if it leads elsewhere, until it is adopted', async () => {
    const test = await testWorld({ reconcilers });
    await setByHand(test, 'https://sso.example.com');
    const [change] = pending(await test.plan([outpostAddress]));
    expect(change).toMatchObject({ verb: 'refuse', reason: expect.stringContaining('gates adopt') });
    expect(failures(await test.apply([outpostAddress], { adopt: true }))).toEqual([]);
    expect(pending(await test.plan([outpostAddress]))).toEqual([]);
  });

  it.each([
    { beside: 0, verb: 'update', because: 'every login that goes there is ours' },
    { beside: 1, verb: 'refuse', because: 'somebody else logs people in there too' },
  ])('changed by hand, with $beside foreign logins: $verb', async ({ beside, verb, because }) => {
    const test = await testWorld({ reconcilers: authentikKinds });
    expect(failures(await test.apply(wants))).toEqual([]);
    if (beside > 0) await addByHand(test, (await foreignProxy(test, 'wiki')).pk);
    await setByHand(test, 'https://elsewhere.example.net');
    expect(pending(await test.plan(wants)), because).toMatchObject([
      { verb, address: { kind: 'authentik/outpost-host' } },
    ]);
  });

  it('is the same with a final slash', async () => {
    const test = await testWorld({ reconcilers });
    await setByHand(test, 'https://auth.example.dev/');
    expect(pending(await test.plan([outpostAddress]))).toEqual([]);
  });

  it('of an outpost that does not exist is refused', async () => {
    const test = await testWorld({ reconcilers });
    const missing = { ...outpostAddress, address: { ...outpostAddress.address, key: 'none' } };
    expect(pending(await test.plan([missing]))).toMatchObject([
      { verb: 'refuse', reason: 'there is no such outpost' },
    ]);
  });
});
