import { expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { orderWithoutVain } from '../../../src/plan/order/in-vain.ts';
import { thing } from '../support/fakes.ts';

const kind = thing.kind;
const [a, b, c] = ['a.example.dev', 'b.example.dev', 'c.example.dev'];

function draft(id: string, doors: readonly DoorEffect[], extra: Partial<Draft> = {}): Draft {
  return {
    ...{ id, verb: 'update', reconciler: thing as AnyReconciler, address: { kind, key: id } },
    ...{ drift: [], doors, needs: [], ...extra },
  };
}

const check = (host: string) => draft(`check ${host}`, [{ host, step: 'prove' }], { verb: 'verify' });
const last = (host: string) => draft(`last ${host}`, [{ host, step: 'confirm' }], { verb: 'verify' });
const once = draft('purge', [{ host: a, step: 'purge' }], { verb: 'prune' });
const purge: Draft = { ...once, repeats: true };
const removal = (id: string, needs: readonly string[], host: string = a) =>
  draft(id, [{ host, step: 'unguard' }], { verb: 'prune', needs });

interface Row {
  readonly because: string;
  readonly drafts: readonly Draft[];
  readonly needs: readonly string[];
}

const rows: readonly Row[] = [
  {
    because: 'waits for the check that the removal at its host waits for',
    drafts: [purge, check(b), removal('gate', [`check ${b}`])],
    needs: [`check ${b}`],
  },
  {
    because: 'waits for the refused change that the removal at its host waits for',
    drafts: [purge, draft('no', [], { verb: 'refuse' }), removal('gate', ['no'])],
    needs: ['no'],
  },
  {
    because: 'waits for a check before what the removal needs',
    drafts: [purge, check(b), draft('link', [], { needs: [`check ${b}`] }), removal('gate', ['link'])],
    needs: [`check ${b}`],
  },
  {
    because: 'waits for nothing if one removal can be made at once',
    drafts: [purge, check(b), removal('gate', [`check ${b}`]), removal('other', [])],
    needs: [],
  },
  {
    because: 'waits for all that the removal with the fewest checks waits for',
    drafts: [
      ...[purge, check(a), check(b), check(c)],
      removal('gate', [`check ${b}`, `check ${c}`]),
      removal('other', [`check ${c}`]),
    ],
    needs: [`check ${a}`, `check ${c}`],
  },
  {
    because: 'does not wait for a check that comes after it',
    drafts: [purge, last(a), removal('gate', ['purge', `last ${a}`], b)],
    needs: [],
  },
  {
    because: 'waits for nothing if nothing needs it',
    drafts: [purge, check(b)],
    needs: [],
  },
  {
    because: 'waits only for the check of its host if no later run plans it again',
    drafts: [once, check(a), check(b), removal('gate', [`check ${b}`])],
    needs: [`check ${a}`],
  },
];

it.each(rows)('a purge $because', ({ drafts, needs }) => {
  const ordered = orderWithoutVain(drafts, [kind]);
  expect(ordered.find(({ draft: { id } }) => id === 'purge')?.needs).toEqual(needs);
});
