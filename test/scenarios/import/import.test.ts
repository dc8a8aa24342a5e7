import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pendingIn } from '../adopting/adopted.ts';
import { handMadeHome } from '../homes/hand-made-home.ts';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { importedAfterApply } from './applied-file.ts';
import { importedFrom } from './imported.ts';

describe('importing a home that somebody made in the dashboards', () => {
  it('names every host with its gate, and the source of each', async () => {
    const { text, draft } = await importedFrom(await handMadeHome());
    expect(draft.leftovers).toEqual([]);
    expect(text).toMatchSnapshot();
  });

  it.each(['inline', 'reusable'] as const)(
    'leaves nothing to plan after adopt, with a policy that is %s',
    async (policy) => {
      const home = await handMadeHome({ policy });
      const { text } = await importedFrom(home);
      const run = await runCommand('adopt', { ...home, text }, undefined);
      expect(unfinished(run.report)).toEqual([]);
      expect(pendingIn(await runCommand('plan', { ...home, text }, undefined))).toEqual([]);
    },
  );
});

describe('importing an application that admits a user by name', () => {
  it('writes the user name, and leaves nothing to plan after adopt', async () => {
    const home = await handMadeHome();
    const byHand = (method: string, path: string, body?: unknown) =>
      home.edit('authentik', method, `/api/v3${path}`, body) as Promise<unknown>;
    const { pk: user } = (await byHand('POST', '/core/users/', { username: 'ada', name: 'Ada' })) as {
      pk: number;
    };
    const { results } = (await byHand('GET', '/policies/bindings/')) as { results: Bound[] };
    for (const { target } of results) await byHand('POST', '/policies/bindings/', { target, user, order: 7 });
    const { text, draft } = await importedFrom(home);
    expect(draft.leftovers).toEqual([]);
    expect(text.match(/users: \[ada\]/g)).toHaveLength(results.length);
    const run = await runCommand('adopt', { ...home, text }, undefined);
    expect(unfinished(run.report)).toEqual([]);
    expect(pendingIn(await runCommand('plan', { ...home, text }, undefined))).toEqual([]);
  });
});

describe('importing an application that asks policies too', () => {
  it.each([
    [{ policy_engine_mode: 'all' }, {}, []],
    [{}, {}, ['has a binding of a policy, which admits people by itself']],
    [
      { policy_engine_mode: 'all' },
      { failure_result: true },
      ['has a binding of a policy that admits people if it fails'],
    ],
  ] as const)('writes their names if all bindings are asked for: %o, %o', async (engine, more, left) => {
    const home = await handMadeHome();
    const byHand = (method: string, path: string, body?: unknown) =>
      home.edit('authentik', method, `/api/v3${path}`, body) as Promise<unknown>;
    const written = { name: 'office', expression: 'return is_office(request)' };
    const { pk: policy } = (await byHand('POST', '/policies/expression/', written)) as { pk: string };
    const { results } = (await byHand('GET', '/policies/bindings/')) as { results: Bound[] };
    for (const target of new Set(results.map((each) => each.target)))
      await byHand('POST', '/policies/bindings/', { target, policy, order: 7, ...more });
    const { results: apps } = (await byHand('GET', '/core/applications/?superuser_full_list=true')) as {
      results: { slug: string }[];
    };
    for (const { slug } of apps) await byHand('PATCH', `/core/applications/${slug}/`, engine);
    const { text, draft } = await importedFrom(home);
    for (const reason of left) expect(JSON.stringify(draft.leftovers)).toContain(reason);
    if (left.length > 0) return;
    expect(draft.leftovers).toEqual([]);
    expect(text).toContain('policies: [office]');
    const run = await runCommand('adopt', { ...home, text }, undefined);
    expect(unfinished(run.report)).toEqual([]);
    expect(pendingIn(await runCommand('plan', { ...home, text }, undefined))).toEqual([]);
  });
});

interface Bound {
  readonly target: string;
}

describe('importing what a random file made', () => {
  it.each(
    fc
      .sample(revision, { numRuns: 4, seed: 5 })
      .map((drawn, index) => ({ index, file: revised(emptyFile, drawn) })),
  )('admits the same at every door, and leaves nothing to plan after adopt: file $index', ({ file }) =>
    importedAfterApply(file),
  );
});
