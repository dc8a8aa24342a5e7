import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { type WorkerSpec, worker, workerCode } from '../../../../reconcilers/cloudflare/worker/worker.ts';
import { type WorkerRouteSpec, workerRoute } from '../../../../reconcilers/cloudflare/worker/worker-route.ts';
import { workerName } from '../../../../reconcilers/cloudflare/worker/workers-wire.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { type Linked, ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';

const reconcilers = [account, zone, worker, workerRoute];
const scope = { workerZones: ['example.dev'] };
const host = 'app.example.dev';
const name = workerName('home', host);
const place = { host, zone: 'example.dev', zoneId: ref('cloudflare/zone:example.dev') };

function script(changes: Partial<WorkerSpec> = {}): DesiredObject {
  const spec: Linked<WorkerSpec> = {
    ...place,
    ...workerCode,
    ...{ team: 'example.cloudflareaccess.com', audience: 'aud', userHeader: 'X-User', groupsHeader: '' },
    ...changes,
  };
  return { address: { kind: 'cloudflare/worker', key: name }, spec, because: 'services.app' };
}

const route: DesiredObject = {
  address: { kind: 'cloudflare/worker-route', key: `${host}/*` },
  spec: { ...place, script: name, failsOpen: false } satisfies Linked<WorkerRouteSpec>,
  needs: [`cloudflare/worker:${name}`],
  because: 'services.app',
};

const lookup: DesiredObject = {
  address: { kind: 'cloudflare/zone', key: 'example.dev' },
  spec: { status: 'active' },
  mustExist: 'add the zone',
  because: 'cloudflare.zones',
};
const all = [lookup, script(), route];

async function made(): Promise<TestWorld> {
  const test = await testWorld({ reconcilers, scope });
  expect(failures(await test.apply(all))).toEqual([]);
  return test;
}

describe('a Worker and its route', () => {
  it('are read back as they were written, and the second run writes nothing', async () => {
    const test = await made();
    const last = test.lastCall();
    expect(pending(await test.plan(all))).toEqual([]);
    await test.apply(all);
    expect(test.writes(last)).toEqual([]);
    expect((await test.read(workerRoute)).map(({ owner, spec }) => [owner, spec.failsOpen])).toEqual([
      ['home', false],
    ]);
  });

  it.each([
    ['userHeader', { userHeader: 'X-Other' }],
    ['groupsHeader', { groupsHeader: 'X-Groups' }],
    ['audience', { audience: 'another' }],
    ['team', { team: 'other.cloudflareaccess.com' }],
  ])('the Worker is uploaded again for another %s', async (field, changes) => {
    const test = await made();
    const wants = [lookup, script(changes), route];
    expect(
      pending(await test.plan(wants)).map(({ verb, drift }) => [verb, drift.map(({ field }) => field)]),
    ).toEqual([['update', [field]]]);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
  });

  it('the Worker is uploaded again where somebody else has uploaded another script', async () => {
    const test = await made();
    const state = JSON.parse(test.sandbox.snapshot());
    state.workerScripts[0].etag = 'another';
    test.sandbox.restore(JSON.stringify(state) as ReturnType<typeof test.sandbox.snapshot>);
    expect(
      pending(await test.plan(all)).map(({ verb, drift }) => [verb, drift.map(({ field }) => field)]),
    ).toEqual([['update', ['code']]]);
    expect(failures(await test.apply(all))).toEqual([]);
    expect(pending(await test.plan(all))).toEqual([]);
  });

  it('a route that fails open is repaired', async () => {
    const test = await made();
    const [have] = await test.read(workerRoute);
    const path = `/zones/${test.sandbox.zones[0]?.id}/workers/routes/${have?.id}`;
    await test.edit('PUT', path, { pattern: `${host}/*`, script: name, request_limit_fail_open: true });
    expect(pending(await test.plan(all)).map(({ drift }) => drift.map(({ field }) => field))).toEqual([
      ['failsOpen'],
    ]);
    expect(failures(await test.apply(all))).toEqual([]);
    expect(pending(await test.plan(all))).toEqual([]);
  });

  it('a route without the field is not believed', async () => {
    const test = await testWorld({ reconcilers, scope });
    const body = {
      success: true,
      errors: [],
      messages: [],
      result: { id: 'r', pattern: `${host}/*`, script: name },
    };
    await test.fault({
      fault: 'status',
      status: 200,
      body,
      match: { method: 'GET', path: '/zones/*/workers/routes/*' },
    });
    expect(failures(await test.apply(all)).join()).toContain(
      'Cloudflare does not show the Workers route as gates sent it',
    );
  });

  it.each(['drop', 'lose-reply', 'crash'] as const)(
    'are there after a write that failed (%s), once each',
    async (fault) => {
      for (const path of ['/accounts/*/workers/scripts/*', '/zones/*/workers/routes']) {
        const test = await testWorld({ reconcilers, scope });
        for (const method of ['PUT', 'POST']) await test.fault({ fault, match: { method, path }, times: 1 });
        await test.apply(all);
        await test.apply(all);
        expect(pending(await test.plan(all))).toEqual([]);
        expect([(await test.read(worker)).length, (await test.read(workerRoute)).length]).toEqual([1, 1]);
      }
    },
  );

  it('go together, the route first, and are found when no file asks for them any more', async () => {
    const test = await made();
    const idle = { ...test, pass: test.pass };
    const outcomes = await idle.apply([lookup]);
    expect([failures(outcomes), outcomes.map(({ address }) => address.kind)]).toEqual([
      [],
      ['cloudflare/worker-route', 'cloudflare/worker'],
    ]);
    expect(JSON.parse(test.sandbox.snapshot()).workerScripts).toEqual([]);
  });

  it('of another owner are foreign', async () => {
    const test = await made();
    expect((await test.read(workerRoute, 'office')).map(({ owner }) => owner)).toEqual([undefined]);
    expect(await test.plan([lookup], { owner: 'office' })).toMatchObject({ changes: [{ verb: 'keep' }] });
  });
});

describe('the name of a Worker', () => {
  it('has at most 63 characters, and is another one for each owner and host', () => {
    const hosts = [
      'a-b.example.dev',
      'a.b.example.dev',
      `${'x'.repeat(60)}.example.dev`,
      `${'x'.repeat(61)}.example.dev`,
    ];
    const names = ['home', 'home-2'].flatMap((owner) => hosts.map((each) => workerName(owner, each)));
    expect(new Set(names).size).toBe(names.length);
    for (const each of names) expect(each).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
  });
});
