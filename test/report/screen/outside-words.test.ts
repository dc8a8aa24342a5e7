import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import schema from '../../../schema/plan.schema.json' with { type: 'json' };
import { type AddressId, addressId } from '../../../src/core/objects/address.ts';
import type { Actor, Attribution, OutsideChange } from '../../../src/core/record/change-log.ts';
import { planDocument } from '../../../src/report/plan/plan-json.ts';
import { formatPlanMarkdown } from '../../../src/report/plan/plan-markdown.ts';
import { formatPlan } from '../../../src/report/plan/plan-text.ts';
import { kinds, live, planOf, thing, want } from '../../plan/support/fakes.ts';

const plan = planOf(
  [
    want(thing, 'one', { value: 'new' }),
    want(thing, 'two', { value: 'new' }),
    want(thing, 'gone', { value: 'v' }),
  ],
  [
    live(thing, 'one', { value: 'old' }),
    live(thing, 'two', { value: 'old' }),
    live(thing, 'added', { value: 'v' }),
    live(thing, 'other', { value: 'v' }),
  ],
);
const at = '2026-11-27T15:00:00.000Z';
const ann: Actor = { name: 'ann@example.dev', at: '2026-11-27T14:05:09.000Z', interface: 'dashboard' };
const ci: Actor = { name: 'the token "ci"', at: '2026-11-26T23:50:00.000Z', interface: 'API' };

function attribution(
  changes: Readonly<Record<string, OutsideChange>>,
  gaps: Attribution['gaps'] = [],
): Attribution {
  const found = Object.entries(changes).map(
    ([key, change]) => [addressId({ kind: thing.kind, key }) as AddressId, change] as const,
  );
  return { changes: new Map(found), gaps, at };
}

const text = (from: Attribution, verbose = false) =>
  formatPlan(plan, { color: false, kinds, doors: [], width: 200, verbose, attribution: from });

it.each([
  [{ how: 'changed', by: [ann] }, 'changed by ann@example.dev in the dashboard, 14:05 UTC today'],
  [
    { how: 'removed', by: [ann, ci] },
    'removed by ann@example.dev in the dashboard, 14:05 UTC today, or by the token "ci" over the API, 23:50 UTC yesterday',
  ],
  [
    { how: 'added', by: [{ name: 'bob', at: '2026-11-20T08:00:00Z' }] },
    'added by bob, 08:00 UTC on 2026-11-20',
  ],
  [{ how: 'changed', by: [] }, 'changed outside gates, not in the log'],
  [
    { how: 'changed', by: [{ ...ann, name: 'a\n\u001b[2Jb' }] },
    'changed by a··[2Jb in the dashboard, 14:05 UTC today',
  ],
] as const)('the words say who changed an object, and when: %j', (change, words) => {
  const lines = text(attribution({ one: change }), true).split('\n');
  expect(lines.map((line) => line.trim())).toContain(words);
});

it('the words combine common parts of an entry, and name the object where it differs', () => {
  const added = { how: 'added', by: [ann] } as const;
  const row = (from: Attribution, entry: string) =>
    text(from)
      .split('\n')
      .find((line) => line.includes(entry));
  const words = 'added by ann@example.dev in the dashboard, 14:05 UTC today';
  expect(row(attribution({ one: { ...added, how: 'changed' } }), 'services.one')).toBe(
    '  ~ services.one           thing (value); changed by ann@example.dev in the dashboard, 14:05 UTC today',
  );
  expect(row(attribution({ added, other: added }), 'no longer')).toBe(
    `  - no longer in the file  thing added, thing other; ${words}`,
  );
  expect(row(attribution({ added, other: { ...added, by: [] } }), 'no longer')).toBe(
    `  - no longer in the file  thing added, thing other; thing added ${words}; thing other added outside gates, not in the log`,
  );
  expect(row(attribution({}), 'no longer')).toBe('  - no longer in the file  thing added, thing other');
});

it('the words say in one line what is unknown', () => {
  const gaps = [{ system: 'cloudflare', reason: 'the token may not read the audit log' }] as const;
  const said = 'gates cannot tell who changed what at Cloudflare: the token may not read the audit log';
  expect(
    text(attribution({}, gaps))
      .split('\n')
      .filter((line) => line.includes('cannot tell')),
  ).toEqual([said]);
  const markdown = formatPlanMarkdown(plan, {
    ...{ doors: [], quiet: false, redact: (item) => item },
    attribution: attribution({ one: { how: 'changed', by: [ann] } }, gaps),
  });
  expect(markdown).toContain('**Who changed it**');
  expect(markdown).toContain('(services.one): changed by ann@example.dev in the dashboard, 14:05 UTC today');
  expect(markdown.replace(/\s+/g, ' ')).toContain(said);
});

it('the JSON follows its schema, and has an actor only if gates knows one', () => {
  const gaps = [{ system: 'authentik', reason: 'no answer' }] as const;
  const from = attribution({ one: { how: 'changed', by: [ann] }, two: { how: 'changed', by: [] } }, gaps);
  const document = JSON.parse(JSON.stringify(planDocument(plan, { attribution: from })));
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  const by = (key: string) =>
    document.changes.find(
      ({ address }: { readonly address: { readonly key: string } }) => address.key === key,
    ).by;
  expect(by('one')).toEqual([{ actor: ann.name, at: ann.at, interface: 'dashboard' }]);
  expect(by('two')).toEqual([]);
  expect(by('gone')).toBeUndefined();
  expect(document.unattributed).toEqual(gaps);
  // The plan is the same with and without actors.
  const { unattributed: _, ...rest } = document;
  const plain = rest.changes.map(({ by: __, ...change }: { readonly by?: unknown }) => change);
  expect({ ...rest, changes: plain }).toEqual(JSON.parse(JSON.stringify(planDocument(plan))));
});
