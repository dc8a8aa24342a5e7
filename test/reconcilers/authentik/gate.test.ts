import { beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../src/apply/apply.ts';
import { UnreachableError } from '../../../src/core/errors.ts';
import type { DesiredObject } from '../../../src/core/objects/object.ts';
import type { Wire, World } from '../../../src/core/world.ts';
import { AUTHENTIK_VERSIONS } from '../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../src/observed/world.ts';
import { failures, pending, type TestWorld, testWorld } from '../../support/world.ts';
import { authentikKinds, gateFor, listed, type Row } from './grafana.ts';

let test: TestWorld;
beforeEach(async () => {
  test = await testWorld({ reconcilers: authentikKinds, unchecked: true });
});

/** Applications with a login and without a binding, which admit everybody. */
async function openApplications(): Promise<readonly unknown[]> {
  const applications = await listed(test, '/core/applications/?superuser_full_list=true');
  const bindings = await listed(test, '/policies/bindings/?page_size=100');
  const guarded = new Set(bindings.filter(({ enabled }) => enabled).map(({ target }) => target));
  return applications.filter(({ pk, provider }) => provider !== null && !guarded.has(pk));
}

type Misfortune = 'kill' | 'lose-reply' | 'drop';

/** A world whose Authentik fails at one write, and which checks after each write for open applications. */
function failing(pass: World, at: number, misfortune: Misfortune, opened: unknown[]): World {
  const wire = pass.authentik;
  if (wire === undefined) throw new Error('the test world has no Authentik');
  let writes = 0;
  const dead = () => misfortune === 'kill' && writes >= at;
  const alive = async <T>(act: () => Promise<T>): Promise<T> => {
    if (dead()) throw new UnreachableError('the process is gone', { facts: { applied: 'no' } });
    return act();
  };
  const write = async <T>(act: () => Promise<T>): Promise<T> => {
    if (dead()) throw new UnreachableError('the process is gone', { facts: { applied: 'no' } });
    writes += 1;
    const hit = writes === at;
    if (hit && misfortune === 'drop') throw new UnreachableError('dropped', { facts: { applied: 'maybe' } });
    const reply = await act();
    opened.push(...(await openApplications()));
    if (hit) throw new UnreachableError('the reply was lost', { facts: { applied: 'maybe' } });
    return reply;
  };
  const authentik: Wire = {
    get: (path, query) => alive(() => wire.get(path, query)),
    list: (path, query) => alive(() => wire.list(path, query)),
    post: (path, body) => write(() => wire.post(path, body)),
    put: (path, body) => write(() => wire.put(path, body)),
    patch: (path, body) => write(() => wire.patch(path, body)),
    delete: (path) => write(() => wire.delete(path)),
  };
  return createWorld({ ...pass, authentik });
}

/** The state without ids and other values that differ from run to run. */
async function shape(): Promise<unknown> {
  const names = (rows: readonly Row[], ...fields: readonly string[]) =>
    rows.map((row) => fields.map((field) => String(row[field])).join(' ')).sort();
  const outposts = await listed(test, '/outposts/instances/');
  return {
    groups: names(await listed(test, '/core/groups/?page_size=100'), 'name'),
    providers: names(
      await listed(test, '/providers/all/?page_size=100'),
      'name',
      'assigned_application_slug',
    ),
    applications: names(await listed(test, '/core/applications/?superuser_full_list=true'), 'slug'),
    bindings: (await listed(test, '/policies/bindings/?page_size=100')).length,
    outposts: outposts.map(({ providers }) => (providers as readonly unknown[]).length),
  };
}

const stories: readonly {
  readonly name: string;
  readonly before: readonly DesiredObject[];
  readonly after: readonly DesiredObject[];
}[] = [
  { name: 'is made', before: [], after: gateFor('admins', 'family') },
  { name: 'goes', before: gateFor('admins', 'family'), after: [] },
  { name: 'admits others', before: gateFor('admins', 'family'), after: gateFor('guests') },
];

describe.each(stories)('a forward-auth gate that $name', ({ before, after }) => {
  it.each(['kill', 'lose-reply', 'drop'] as const)(
    'with %s at each write in turn converges, without duplicates, and opens no application',
    async (misfortune) => {
      expect(failures(await test.apply(before))).toEqual([]);
      const start = test.sandbox.snapshot();
      const first = test.lastCall();
      await test.apply(after);
      const writes = test.writes(first).length;
      const undisturbed = await shape();
      expect(writes).toBeGreaterThan(3);
      for (let at = 1; at <= writes; at += 1) {
        test.sandbox.restore(start);
        const opened: unknown[] = [];
        const world = failing(test.pass(), at, misfortune, opened);
        await applyPlan(await test.plan(after), authentikKinds, world);
        expect(await openApplications(), `${misfortune} at write ${at}`).toEqual([]);
        await test.apply(after);
        expect(pending(await test.plan(after)), `${misfortune} at write ${at}`).toEqual([]);
        expect(await shape(), `${misfortune} at write ${at}`).toEqual(undisturbed);
        expect(opened, `${misfortune} at write ${at}`).toEqual([]);
      }
    },
  );
});

describe('a forward-auth gate', () => {
  it.each(AUTHENTIK_VERSIONS)('is created, left alone and removed on %s', async (authentikVersion) => {
    test = await testWorld({ reconcilers: authentikKinds, authentikVersion });
    const wants = gateFor('admins', 'family');
    expect(failures(await test.apply(wants))).toEqual([]);
    const before = test.lastCall();
    expect(pending(await test.plan(wants))).toEqual([]);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(test.writes(before)).toEqual([]);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(pending(await test.plan([]))).toEqual([]);
    expect(test.authentikContract?.mistakes).toEqual([]);
  });

  it('costs one call for each list when there is nothing to do', async () => {
    await test.apply(gateFor('admins'));
    const before = test.lastCall();
    await test.plan(gateFor('admins'));
    const calls = test.sandbox.calls(before).map(({ path }) => path.replace(/\?.*/, ''));
    expect(calls.sort()).toEqual([
      '/api/v3/admin/version/',
      '/api/v3/core/applications/',
      '/api/v3/core/groups/',
      '/api/v3/crypto/certificatekeypairs/',
      '/api/v3/flows/instances/',
      '/api/v3/outposts/instances/',
      '/api/v3/policies/bindings/',
      '/api/v3/propertymappings/provider/scope/',
      '/api/v3/providers/oauth2/',
      '/api/v3/providers/proxy/',
    ]);
  });

  it('is unknown to a token that may read nothing, and nothing is written', async () => {
    const account = (await test.editAuthentik('POST', '/core/users/service_account/', {
      name: 'limited',
    })) as { user_pk: number };
    await test.editAuthentik('POST', '/core/tokens/', {
      identifier: 'limited',
      intent: 'api',
      user: account.user_pk,
      expiring: false,
    });
    const { key } = (await test.editAuthentik('GET', '/core/tokens/limited/view_key/')) as { key: string };
    test = await testWorld({ reconcilers: authentikKinds, sameSandbox: test.sandbox, authentikToken: key });
    const before = test.lastCall();
    const plan = await test.plan(gateFor('admins'));
    expect(plan.unknown.map(({ kind }) => kind)).toContain('authentik/group');
    expect(plan.unknown.map(({ reason }) => reason).join()).toContain('authentik_core.view_group');
    expect(failures(await test.carryOut(plan)).length).toBeGreaterThan(0);
    expect(test.writes(before)).toEqual([]);
  });
});
