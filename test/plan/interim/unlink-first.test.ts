import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { losesPeople, unlinkFirst } from '../../../src/plan/interim/unlink-first.ts';
import { draftOf, knownOf } from '../support/drafts.ts';

const host = 'a.example.dev';

interface Part {
  readonly value: string;
}

const kindOf = (name: string, more: Partial<Reconciler<Part>>) =>
  ({ kind: `cloudflare/${name}`, title: name, observe: async () => [], ...more }) as Reconciler<Part>;
const parent = kindOf('parent', { login: { enlarges: [] } });
const part = kindOf('part', { login: { negated: ({ value }) => value === 'negated' } });
const loginAt = (at: string) =>
  kindOf('login', {
    login: { unlinked: () => ({ value: 'nobody' }) },
    doors: (want) => [{ host: at, step: want === undefined ? 'unguard' : 'guard' }],
  });
const login = loginAt('*.example.dev');
const kinds = [parent, part, login] as unknown as readonly AnyReconciler[];

const liveOf = ({ kind }: Reconciler<Part>, value: string, more: Partial<Observed> = {}): Observed => ({
  ...{ address: { kind, key: 'x' }, id: `${kind} x`, owner: 'home', spec: { value } },
  ...{ attributes: {}, uses: [], ...more },
});

const taking = draftOf(parent, { key: 'x', verb: 'prune', have: liveOf(parent, '') });
const partOf = 'cloudflare/login:x' as never;
const repair = (more: Partial<Draft> = {}, value = 'negated') => {
  const doors: readonly DoorEffect[] = [{ host, step: 'change' }];
  return draftOf(part, { key: 'x', verb: 'update', have: liveOf(part, value, { partOf }), doors, ...more });
};
/** The removal of the part, with this one to outlive its login or another one beside it. */
const removed = (...outlives: readonly never[]) =>
  repair({ verb: 'prune', have: liveOf(part, 'negated', { partOf, outlives }), id: 'removed' });
const kept = (more: Partial<Draft> = {}, owner = 'home') => {
  const have = liveOf(login, 'people', { owner });
  return draftOf(login, { key: 'x', verb: 'keep', have, want: { value: 'people' }, ...more });
};

/** Each step, with its effects and with what it needs. */
function stepsOf(drafts: readonly Draft[]): readonly string[] {
  return unlinkFirst(knownOf(kinds, {}), drafts).map(({ id, doors, needs }) => {
    const effects = doors.map(({ step }) => step).join();
    return `${id}${effects && `: ${effects}`}${needs.length === 0 ? '' : ` after ${needs.join(', ')}`}`;
  });
}

const close = 'close cloudflare/login:x cloudflare/login x';
const mended = 'update cloudflare/part:x cloudflare/part x';
const taken = 'prune cloudflare/parent:x cloudflare/parent x';

describe('a login of which somebody negated a part', () => {
  it('admits nobody while a group loses people, until the part is repaired', () => {
    expect(stepsOf([kept(), repair(), taking])).toEqual([
      `${close}: close`,
      `update cloudflare/login:x cloudflare/login x: guard after ${close}, ${taken}, ${mended}`,
      `${mended}: guard after ${close}`,
      `${taken} after ${close}`,
    ]);
  });

  it('closes for the service or client of which it is the login', () => {
    const [first] = unlinkFirst(knownOf(kinds, {}), [kept({ because: 'clients.vault' }), repair(), taking]);
    expect(first).toMatchObject({ id: close, because: 'clients.vault' });
  });

  it('is removed after that too', () => {
    const doors: readonly DoorEffect[] = [{ host, step: 'unguard' }];
    const { want: _, ...gone } = kept({ verb: 'prune', id: 'gone', doors });
    expect(stepsOf([gone, repair(), taking])[1]).toBe(`gone: unguard after ${close}, ${taken}, ${mended}`);
  });

  it('loses the part first if that only goes, and others stay', () => {
    expect(stepsOf([kept(), removed(), taking])).toEqual([
      'keep cloudflare/login:x cloudflare/login x',
      'removed: change',
      `${taken} after removed`,
    ]);
    expect(stepsOf([kept(), removed(partOf), taking])[0]).toBe(`${close}: close`);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['no group loses people', [kept(), repair()]],
    ['the part is not negated', [kept(), repair({}, 'people'), taking]],
    ['the part stays', [kept(), repair({ verb: 'refuse' }), taking]],
    ['it is refused', [kept({ verb: 'refuse' }), repair(), taking]],
    ['it belongs to others', [kept({}, 'others'), repair(), taking]],
    ['it guards one host', [{ ...kept(), reconciler: loginAt(host) as AnyReconciler }, repair(), taking]],
    ['it does not exist yet', [draftOf(login, { key: 'x', verb: 'create' }), repair(), taking]],
    ['a group gets people', [kept(), repair(), draftOf(parent, { key: 'x', verb: 'create' })]],
  ])('stays as it is if %s', (_, drafts) => {
    expect(unlinkFirst(knownOf(kinds, {}), drafts)).toEqual(drafts);
  });
});

describe('a host with a login of which somebody negated a part', () => {
  it('needs a cover while a group loses people', () => {
    expect(losesPeople(host, [repair(), taking])).toBe(true);
    expect(losesPeople(host, [removed(partOf), taking])).toBe(true);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['no group loses people', [repair()]],
    ['the part is not negated', [repair({}, 'people'), taking]],
    [
      'the part is one of its domain',
      [repair({ doors: [{ host: '*.example.dev', step: 'change' }] }), taking],
    ],
    ['the part only goes, and others stay', [removed(), taking]],
    ['nothing is repaired', [taking]],
  ])('needs none if %s', (_, drafts) => {
    expect(losesPeople(host, drafts)).toBe(false);
  });
});
