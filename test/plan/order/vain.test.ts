import { describe, expect, it } from 'vitest';
import type { DoorEffect, DoorStep } from '../../../src/core/objects/door.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { orderWithoutVain } from '../../../src/plan/order/in-vain.ts';
import { order } from '../../../src/plan/order/order.ts';
import { phaseOf } from '../../../src/plan/order/phase.ts';
import { referenceEdges, useEdges } from '../../../src/plan/order/reference-edges.ts';
import { repeatedPurges } from '../../../src/plan/order/repeated-purges.ts';
import { draftOf } from '../support/drafts.ts';
import { live, thing } from '../support/fakes.ts';
import { livePanel, panel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';
const draft = (id: string, verb: Draft['verb'], more: Partial<Draft> = {}) =>
  draftOf(panel, { key: id, id, verb, ...more });
const at = (step: DoorStep, where = host, more: Partial<DoorEffect> = {}) => ({ host: where, step, ...more });
const refusal = draft('refusal', 'refuse');
const closing = draft('closing', 'update', { interim: host, doors: [at('close')] });
const closesAlso = draft('other closing', 'update', { interim: other, doors: [at('close', other)] });
const needsIn = (drafts: readonly Draft[], id = 'closing') =>
  orderWithoutVain(drafts, [panel.kind, thing.kind]).find(({ draft: one }) => one.id === id)?.needs;

describe('a closing for a time', () => {
  const opens = (doors: readonly DoorEffect[], more: Partial<Draft> = {}) =>
    draft('opening', 'update', { doors, needs: ['refusal'], ...more });

  it.each<[because: string, opening: Draft]>([
    ['a route', opens([at('guard', other), at('route')])],
    ['a name', opens([at('publish')])],
    ['a check', opens([at('prove')])],
    ['the removal of a cover', opens([at('unguard', host, { cover: true })])],
    ['what replaces a cover', opens([at('unguard')], { id: 'uncover cloudflare/panel:opening' })],
    ['a route of the domain', opens([at('route', '*.example.dev')])],
    ['a route of several hosts', opens([at('route', other), at('route', '*.example.dev')])],
    ['a later step of two', draft('opening', 'update', { doors: [at('route')], needs: ['between'] })],
  ])('waits for what is refused before its host opens again by %s', (_, opening) => {
    const between = draft('between', 'update', { needs: ['refusal'] });
    expect(needsIn([closing, refusal, between, opening, closesAlso])).toEqual(['refusal']);
    expect(needsIn([closing, refusal, between, opening, closesAlso], 'other closing')).toEqual(
      opening.doors.some(({ host: where, step }) => step === 'route' && where !== host) ? ['refusal'] : [],
    );
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nothing opens it again', [opens([at('guard')])]],
    ['another host opens', [opens([at('route', other)])]],
    ['another domain opens', [opens([at('route', '*.example.com')])]],
    ['only another closing follows', [opens([at('route')], { interim: host })]],
    ['nothing that it needs is refused', [draft('opening', 'update', { doors: [at('route')] })]],
  ])('waits for nothing if %s', (_, drafts) => {
    expect(needsIn([closing, refusal, ...drafts])).toEqual([]);
  });

  it('waits for an opening that is refused because it needs itself', () => {
    const around = draft('around', 'update', { needs: ['opening'] });
    const drafts = [closing, around, opens([at('route')], { needs: ['around'] })];
    expect(needsIn(drafts)).toEqual(['opening']);
    expect(needsIn(drafts, 'opening')).toEqual([]);
  });

  it('is not one if it is refused itself', () => {
    const refused = draft('closing', 'refuse', { interim: host, doors: [at('close')] });
    expect(needsIn([refused, refusal, opens([at('route')])])).toEqual([]);
  });

  it('waits for the checks of other hosts before its own opens, but for none that needs it', () => {
    const check = (id: string, where: string, more: Partial<Draft> = {}) =>
      draft(id, 'verify', { doors: [at('prove', where)], ...more });
    const opening = draft('opening', 'update', { doors: [at('prove')], needs: ['far', 'near', 'later'] });
    const both = [
      check('far', other),
      check('near', host),
      check('later', 'c.example.dev', { needs: ['closing'] }),
      check('unneeded', 'd.example.dev'),
    ];
    expect(needsIn([closing, opening, ...both])).toEqual(['far']);
    const again = draft('second', 'update', { interim: host, doors: [at('close')] });
    const all = [closing, again, opening, ...both];
    expect([needsIn(all), needsIn(all, 'second')]).toEqual([['far'], ['far', 'later']]);
    const wide = check('wide', 'e.example.dev', { doors: [at('prove', 'e.example.dev'), at('attest')] });
    expect(
      needsIn([closing, draft('opening', 'update', { doors: [at('route')], needs: ['wide'] }), wide]),
    ).toEqual([]);
  });
});

describe('a purge that the next run would repeat', () => {
  const ordered = (...drafts: readonly Draft[]) =>
    drafts.map((each) => ({ draft: each, phase: 'retire' as const, needs: each.needs, needReasons: [] }));
  const purge = (more: Partial<Draft> = {}) => draft('purge', 'prune', { repeats: true, ...more });
  const check = (id: string, needs: readonly string[] = []) => draft(id, 'verify', { needs });
  const waits = (...drafts: readonly Draft[]) => Object.fromEntries(repeatedPurges(ordered(...drafts)));

  it('waits for the checks and refusals of the change that waits for the fewest', () => {
    const many = draft('many', 'prune', { needs: ['purge', 'one', 'two'] });
    const few = draft('few', 'prune', { needs: ['purge', 'between', 'x', 'y'] });
    const between = draft('between', 'update', { needs: ['refused'] });
    const refused = draft('refused', 'refuse');
    expect(waits(purge(), check('one'), check('two'), refused, between, many, few)).toEqual({
      purge: ['refused'],
    });
    expect(
      waits(
        purge(),
        check('one'),
        check('two'),
        refused,
        many,
        draft('few', 'prune', { needs: ['purge', 'refused'] }),
      ),
    ).toEqual({ purge: ['refused'] });
    expect(waits(purge(), check('one'), check('two'), many)).toEqual({ purge: ['one', 'two'] });
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    [
      'something waits for no check',
      [
        purge(),
        check('one'),
        draft('a', 'prune', { needs: ['purge', 'one'] }),
        draft('b', 'prune', { needs: ['purge', 'c', 'd', 'e'] }),
      ],
    ],
    [
      'the check comes before it anyway',
      [purge({ needs: ['one'] }), check('one'), draft('a', 'prune', { needs: ['purge', 'one'] })],
    ],
    [
      'the check comes after it',
      [purge(), check('one', ['purge']), draft('a', 'prune', { needs: ['purge', 'one'] })],
    ],
    ['only a check needs it', [purge(), check('one'), check('two', ['purge', 'one'])]],
    ['nothing needs it', [purge(), check('one'), draft('a', 'prune', { needs: ['one'] })]],
    [
      'it would not be repeated',
      [draft('purge', 'prune'), check('one'), draft('a', 'prune', { needs: ['purge', 'one'] })],
    ],
  ])('waits for nothing if %s', (_, drafts) => {
    expect(waits(...drafts)).toEqual({});
  });

  it('counts what another purge waits for', () => {
    const second = draft('second', 'prune', { repeats: true });
    const last = draft('last', 'prune', { needs: ['purge', 'second', 'one'] });
    expect(waits(purge(), second, check('one'), last)).toEqual({ purge: ['one'], second: ['one'] });
    const chained = draft('second', 'prune', { repeats: true, needs: ['purge'] });
    expect(waits(purge(), chained, check('one'), last)).toEqual({ second: ['one'] });
  });
});

describe('the order of a plan', () => {
  const ids = (drafts: readonly Draft[]) =>
    order(drafts, [thing.kind, panel.kind]).map(({ draft: { id } }) => id);

  it('goes by phase, kind and id, with what is kept at the end', () => {
    const made = (id: string) => draftOf(thing, { verb: 'create', key: id, id, want: {} });
    const kept = draft('0 kept', 'keep', { doors: [at('close')] });
    expect(
      ids([
        kept,
        draft('c', 'update', { doors: [at('route')] }),
        draft('b', 'update'),
        made('z'),
        made('Z'),
        made('y'),
      ]),
    ).toEqual([...['Z', 'y', 'z', 'b', 'c', '0 kept']]);
    const [last] = order([kept], []);
    expect(last).toEqual({ draft: kept, phase: 'prepare', needs: [], needReasons: [] });
  });

  it('names the reasons for what comes first, of which a series is the least', () => {
    const first = draftOf(thing, { verb: 'create', key: 'b', id: 'b', want: {} });
    const second = draft('c', 'update', {
      needs: ['b', 'd', 'unknown'],
      leansOn: ['cloudflare/thing:b'],
      doors: [at('route')],
    });
    const door = draft('d', 'update', { doors: [at('guard')] });
    const found = order([second, first, door], []).find(({ draft: { id } }) => id === 'c');
    expect([found?.needs, found?.needReasons]).toEqual([
      ['b', 'd', 'unknown'],
      ['reference', 'series', 'series'],
    ]);
  });

  it('lets a refused change wait for nothing but its own series', () => {
    const refused = draft('refused', 'refuse', { doors: [at('route')], needs: ['series'] });
    const found = order(
      [refused, draft('guard', 'update', { doors: [at('guard')] }), draft('series', 'update')],
      [],
    );
    expect(found.find(({ draft: { id } }) => id === 'refused')?.needs).toEqual(['series']);
  });

  it('refuses changes that need each other, and only these', () => {
    const found = order(
      [
        draft('0', 'update'),
        draft('a', 'update', { needs: ['b'] }),
        draft('b', 'update', { needs: ['c'] }),
        draft('c', 'update', { needs: ['b'] }),
        draft('d', 'update', { needs: ['e'] }),
        draft('e', 'update', { needs: ['d'] }),
      ],
      [],
    );
    const because = (text: string) => `Bug in gates: this change needs itself. Please report it (${text})`;
    expect(found.map(({ draft: { id, verb, reason }, needs }) => [id, verb, reason, needs])).toEqual([
      ['0', 'update', undefined, []],
      ['b', 'refuse', because('b needs c needs b'), []],
      ['a', 'update', undefined, ['b']],
      ['c', 'refuse', because('b needs c needs b'), []],
      ['d', 'refuse', because('d needs e needs d'), []],
      ['e', 'refuse', because('d needs e needs d'), []],
    ]);
  });

  it('lets what takes a path from everybody pass a closing in vain, and one that waits for it', () => {
    const have = livePanel('p', { admits: ['all'], gone: [at('guard', host, { part: '/a' })] });
    const taking = draftOf(panel, {
      verb: 'prune',
      key: 'p',
      id: 'taking',
      have,
      doors: [at('guard', host, { part: '/a' })],
    });
    const close = draft('close', 'update', { doors: [at('close')] });
    const needs = (vain: readonly string[], closing = close) =>
      order([taking, closing], [], { vain: new Set(vain) }).find(({ draft: { id } }) => id === 'taking')
        ?.needs;
    expect([needs([]), needs(['close']), needs(['else'])]).toEqual([['close'], [], ['close']]);
    expect(needs([], { ...close, needs: ['taking'] }), 'a closing that waits for it').toEqual([]);
  });

  it('has a phase for each step, and for changes without one', () => {
    expect([
      phaseOf(draft('a', 'prune')),
      phaseOf(draft('a', 'update')),
      phaseOf(draft('a', 'prune', { doors: [at('unguard'), at('close')] })),
    ]).toEqual([...['clean', 'prepare', 'close']]);
  });
});

describe('what comes first because of references and uses', () => {
  const ours = (key: string, more: object = {}) => live(thing, key, { value: 'x' }, more);
  const item = (key: string, verb: Draft['verb'], more: Partial<Draft> = {}) =>
    draftOf(thing, { key, id: key, verb, ...more });

  it('is what is made, or cannot be made', () => {
    const needing = item('z', 'update', { leansOn: ['cloudflare/thing:a', 'cloudflare/thing:none'] });
    const found = (verb: Draft['verb'], want: object | undefined = {}) => [
      ...referenceEdges([item('a', verb, want === undefined ? {} : { want }), needing, item('y', 'update')]),
    ];
    for (const verb of ['create', 'replace', 'refuse'] as const)
      expect(found(verb)).toEqual([['z', 'a', 'reference']]);
    for (const verb of ['update', 'keep', 'adopt'] as const) expect(found(verb)).toEqual([]);
    expect([...referenceEdges([item('a', 'refuse'), needing])]).toEqual([]);
  });

  it('is what excludes something new', () => {
    const made = item('new', 'create', { want: {} });
    const old = item('old', 'prune', { have: ours('not-new') });
    const doors: Draft['doors'] = [{ host, step: 'unguard' }];
    expect([...useEdges([made, old, item('else', 'prune', { have: ours('else') })])]).toEqual([
      ['new', 'old', 'series'],
    ]);
    expect([...useEdges([{ ...made, doors }, old])]).toEqual([['new', 'old', 'series']]);
    expect([...useEdges([made, { ...old, doors }])]).toEqual([['new', 'old', 'series']]);
    for (const drafts of [
      [
        { ...made, doors },
        { ...old, doors },
      ],
      [{ ...made, verb: 'update' as const }, old],
      [made, { ...old, verb: 'update' as const }],
      [made, item('else', 'prune', { have: ours('else') })],
      [made],
    ])
      expect([...useEdges(drafts)]).toEqual([]);
  });

  it('is what releases, replaces or outlasts something that goes', () => {
    const used = item('used', 'prune', { have: ours('used') });
    const user = item('user', 'update', { have: ours('user', { uses: ['else', 'thing-used'] }) });
    expect([...useEdges([used, user, item('new', 'create')])]).toEqual([['used', 'user', 'use']]);
    expect([...useEdges([{ ...used, verb: 'update' }, user])]).toEqual([]);
    const whole = item('whole', 'create');
    const part = (verb: Draft['verb'], partOf = 'cloudflare/thing:whole') =>
      item('part', verb, { have: ours('part', { partOf }) });
    expect([...useEdges([whole, part('prune')])]).toEqual([['whole', 'part', 'part']]);
    expect([...useEdges([whole, part('update')])]).toEqual([['whole', 'part', 'part']]);
    for (const drafts of [
      [whole, part('keep')],
      [{ ...whole, verb: 'update' as const }, part('prune')],
      [whole, part('prune', 'cloudflare/thing:x')],
    ])
      expect([...useEdges(drafts)]).toEqual([]);
    const last = (verb: Draft['verb']) =>
      item('last', verb, {
        have: ours('last', { outlives: ['cloudflare/thing:x', 'cloudflare/thing:used'] }),
      });
    expect([...useEdges([used, last('prune')])]).toEqual([['last', 'used', 'outlasts']]);
    expect([...useEdges([used, last('update')])]).toEqual([]);
    expect([...useEdges([{ ...used, verb: 'update' }, last('prune')])]).toEqual([]);
  });
});
