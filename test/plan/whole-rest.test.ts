import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { sight } from './support/cover-fakes.ts';
import { gate, live, name, place, route, thing, want } from './support/fakes.ts';
import { livePanel, panel, wantPanel } from './support/panel.ts';
import {
  because,
  host,
  liveKeeper,
  livePolicy,
  opening,
  planOf,
  planText,
  policy,
  probe,
  proof,
  seen,
  standingObjects,
  wantGate,
  wantKeeper,
  wantName,
  wantRoute,
  without,
} from './support/plan-text.ts';

const off = { prune: false };
const adopting = { adopt: true };

describe('the complete plan for an existing object', () => {
  it('adopts unmarked objects, equal or different, but not mere dependencies or kinds without marks', () => {
    const nobody = { owner: undefined };
    const wants = [
      want(thing, 'equal', { value: 'v' }, { because }),
      want(thing, 'differs', { value: 'new' }, { because }),
      want(thing, 'leant on', {} as never, { because }),
      want(thing, 'ours', { value: 'v' }, { because }),
      want(sight, host, { finding: 'an open door' }, { because }),
    ];
    const lives = [
      live(thing, 'equal', { value: 'v' }, nobody),
      live(thing, 'differs', { value: 'old' }, nobody),
      live(thing, 'leant on', { value: 'v' }, nobody),
      live(thing, 'ours', { value: 'v' }),
      seen,
    ];
    expect(planText({ wants, lives, options: adopting })).toMatchInlineSnapshot(`
      "prepare: adopt cloudflare/thing:differs thing-differs | adopt | value: "old" → "new" | want {"value":"new"} | have thing-differs | because: services.a
      prepare: adopt cloudflare/thing:equal thing-equal | adopt | want {"value":"v"} | have thing-equal | because: services.a
      kept prepare/leant on/thing-leant on prepare/ours/thing-ours prepare/a.example.dev/sight-a.example.dev
      known cloudflare/thing:differs=thing-differs cloudflare/thing:equal=thing-equal cloudflare/thing:leant on=thing-leant on cloudflare/thing:ours=thing-ours edge/sight:a.example.dev=sight-a.example.dev
      warning: of the file"
    `);
  });
  it('adopts nothing without a request', () => {
    const wants = [want(thing, 'equal', { value: 'v' }, { because })];
    const lives = [live(thing, 'equal', { value: 'v' }, { owner: undefined })];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "kept prepare/equal/thing-equal
      known cloudflare/thing:equal=thing-equal
      warning: of the file"
    `);
  });
  it('handles objects that must exist, block another, or exist several times', () => {
    const wants = [
      want(thing, 'must', { value: 'v' }, { because, mustExist: 'make it by hand' }),
      want(place, 'looked up', { status: 'up' }, { because }),
      want(place, 'down', { status: 'up' }, { because }),
      want(thing, 'blocked', { value: 'v' }, { because }),
      want(thing, 'twice', { value: 'v' }, { because }),
      want(thing, 'mixed', { value: 'v' }, { because }),
      want(thing, 'unlike', { value: 'v' }, { because }),
    ];
    const lives = [
      live(place, 'down', { status: 'down' }),
      live(thing, 'not-blocked', { value: 'v' }, { owner: 'other' }),
      live(thing, 'twice', { value: 'v' }, { id: 'aged', createdAt: '2024' }),
      live(thing, 'twice', { value: 'v' }, { id: 'ageless' }),
      live(thing, 'mixed', { value: 'v' }, { id: 'm1' }),
      live(thing, 'mixed', { value: 'v' }, { id: 'm2', owner: undefined }),
      live(thing, 'unlike', { value: 'v' }, { id: 'u1' }),
      live(thing, 'unlike', { value: 'w' }, { id: 'u2' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: refuse cloudflare/place:down place-down | refuse | status: "down" → "up" | want {"status":"up"} | have place-down | reason: it is only looked up, and is not as the file says | because: services.a
      prepare: refuse cloudflare/place:looked up | refuse | want {"status":"up"} | reason: it does not exist | because: services.a
      prepare: refuse cloudflare/thing:blocked thing-not-blocked | refuse | want {"value":"v"} | have thing-not-blocked | reason: thing not-blocked (owned by "other") exists in its place: remove it, or take it out of the file | because: services.a
      prepare: refuse cloudflare/thing:mixed | refuse | want {"value":"v"} | reason: several live objects have this key: m1 (home), m2 (unmarked). Remove all but one | because: services.a
      prepare: refuse cloudflare/thing:must | refuse | want {"value":"v"} | reason: make it by hand | because: services.a
      clean: prune cloudflare/thing:twice ageless | prune | have ageless | reason: the same object exists several times: one is kept
      clean: prune cloudflare/thing:unlike u2 | prune | have u2 | reason: the same object exists several times: one is kept
      kept prepare/twice/aged prepare/unlike/u1
      known cloudflare/place:down=place-down cloudflare/thing:blocked=thing-not-blocked cloudflare/thing:twice=aged cloudflare/thing:unlike=u1
      warning: of the file"
    `);
  });
  it('updates a used object instead of replacing it', () => {
    const wants = [
      want(thing, 'used', { value: 'v', link: 'new' }, { because }),
      want(thing, 'unused', { value: 'v', link: 'new' }, { because }),
    ];
    const lives = [
      live(thing, 'used', { value: 'v' }),
      live(thing, 'unused', { value: 'v' }),
      live(gate, 'theirs', { host, admits: [] }, { owner: 'other', uses: ['thing-used'] }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: replace cloudflare/thing:unused thing-unused | replace | link: undefined → "new" | want {"value":"v","link":"new"} | have thing-unused | because: services.a
      prepare: update cloudflare/thing:used thing-used | update | link: undefined → "new" | want {"value":"v","link":"new"} | have thing-used | because: services.a
      known cloudflare/thing:used=thing-used
      warning: of the file"
    `);
  });
  it('reports first that it is foreign, even if a reference could not be read', () => {
    const named = (key: string) =>
      want(name, key, { host, target: ref('cloudflare/place:homelab') } as object, { because });
    const lives = [
      live(name, 'theirs', { host, target: 'x' }, { owner: 'other' }),
      live(name, 'ours', { host, target: 'x' }),
    ];
    expect(
      planText({ wants: [named('theirs'), named('ours'), named('new')], lives, blind: [place.kind] }),
    ).toMatchInlineSnapshot(`
      "open: refuse cloudflare/name:new | refuse · publish a.example.dev | want {"host":"a.example.dev","target":{"$ref":"cloudflare/place:homelab","template":"{id}"}} | reason: live objects of kind cloudflare/place could not be read: 403 | because: services.a
      open: refuse cloudflare/name:ours | refuse · publish a.example.dev | want {"host":"a.example.dev","target":{"$ref":"cloudflare/place:homelab","template":"{id}"}} | reason: live objects of kind cloudflare/place could not be read: 403 | because: services.a
      open: refuse cloudflare/name:theirs name-theirs | refuse · publish a.example.dev | want {"host":"a.example.dev","target":{"$ref":"cloudflare/place:homelab","template":"{id}"}} | have name-theirs | reason: it belongs to "other": change owner there, or leave it to that file | because: services.a
      known cloudflare/name:theirs=name-theirs
      warning: of the file"
    `);
  });
  it('leaves its claims to one of ours that stays, and only to that', () => {
    const spec = (...claims: readonly string[]) => ({ admits: ['me'], claims });
    const wants = [wantPanel('a', spec('1', '2', '3', '4')), wantPanel('b', spec('3'))];
    const lives = [
      livePanel('theirs', spec('1'), { owner: 'other' }),
      livePanel('ours', spec('2')),
      livePanel('b', spec('3')),
      live(gate, 'g', { host, admits: [], claims: ['4'] }),
    ];
    expect(planText({ wants, lives, options: off })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/panel:a | create | want {"admits":["me"],"claims":["1","3","4"]} | because: services.a
      kept prepare/b/panel-b
      known cloudflare/panel:b=panel-b
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
});

describe('the plan for one service', () => {
  it('has its objects and their dependencies, and no unrelated removals', () => {
    const wants = [
      policy,
      probe,
      wantGate(),
      want(thing, 'sub', { value: 'v' }, { because: 'services.a.paths' }),
      want(thing, 'other', { value: 'v' }, { because: 'services.ab' }),
      want(thing, 'shared', { value: 'v' }, { because: 'clients.c' }),
      want(
        thing,
        'leans',
        { value: 'v' },
        { because, needs: ['cloudflare/thing:shared', 'cloudflare/thing:none'] },
      ),
    ];
    const lives = [
      live(thing, 'gone', { value: 'v' }),
      livePanel('too', { admits: [], gone: [{ host, step: 'unguard' }] }),
    ];
    expect(planText({ wants, lives, options: { service: 'a' } })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:shared | create | want {"value":"v"} | because: clients.c
      prepare: create cloudflare/thing:leans | create | after create cloudflare/thing:shared | want {"value":"v"} | because: services.a
      prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/thing:sub | create | want {"value":"v"} | because: services.a.paths
      guard: create cloudflare/gate:g | create · guard a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      warning: of the file"
    `);
  });
  it('restricted to adoption contains what its services need besides', () => {
    const nobody = { owner: undefined };
    const wants = [
      want(thing, 'made', { value: 'v' }, { because }),
      want(thing, 'taken', { value: 'v' }, { because }),
      want(thing, 'leans', { value: 'v' }, { because, needs: ['cloudflare/thing:made'] }),
      want(thing, 'kept', { value: 'v' }, { because }),
    ];
    const lives = [
      live(thing, 'taken', { value: 'v' }, nobody),
      live(thing, 'leans', { value: 'v' }, nobody),
      live(thing, 'kept', { value: 'v' }),
    ];
    expect(planText({ wants, lives, options: { ...adopting, adoptOnly: true } })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:made | create | want {"value":"v"} | because: services.a
      prepare: adopt cloudflare/thing:leans thing-leans | adopt | after create cloudflare/thing:made | want {"value":"v"} | have thing-leans | because: services.a
      prepare: adopt cloudflare/thing:taken thing-taken | adopt | want {"value":"v"} | have thing-taken | because: services.a
      kept prepare/kept/thing-kept
      known cloudflare/thing:kept=thing-kept cloudflare/thing:leans=thing-leans cloudflare/thing:taken=thing-taken
      warning: of the file"
    `);
  });
});

describe('the complete plan, in other cases', () => {
  it('treats the gate around a nested path as outer, not as a sibling', () => {
    const outer = { host, admits: ['me'], path: '/p' };
    const wants = [
      want(gate, 'g', { ...outer, claims: ['/p/b/*'] }, { because }),
      want(gate, 'b', { ...outer, path: '/p/b' }, { because }),
    ];
    const lives = [
      live(gate, 'g', { ...outer, claims: ['/p/a/*'] }),
      live(gate, 'a', { ...outer, path: '/p/a' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: take cloudflare/gate:g gate-g | update · guard a.example.dev part=/p/b | claims: ["/p/a/*"] → ["/p/a/*","/p/b/*"] | want {"host":"a.example.dev","admits":["me"],"path":"/p","claims":["/p/a/*","/p/b/*"]} | have gate-g | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: create cloudflare/gate:b | create · divide a.example.dev part=/p/b | after take cloudflare/gate:g gate-g | want {"host":"a.example.dev","admits":["me"],"path":"/p/b"} | because: services.a
      retire: prune cloudflare/gate:a gate-a | prune · unguard a.example.dev part=/p/a | after create cloudflare/gate:b | after take cloudflare/gate:g gate-g | have gate-a
      retire: give cloudflare/gate:g gate-g | update · unguard a.example.dev part=/p/a | after create cloudflare/gate:b | after prune cloudflare/gate:a gate-a | after take cloudflare/gate:g gate-g | claims: ["/p/a/*"] → ["/p/b/*"] | want {"host":"a.example.dev","admits":["me"],"path":"/p","claims":["/p/b/*"]} | have gate-g | reason: releases what lies below the path: the file has no gate there any more | because: services.a
      known cloudflare/gate:g=gate-g
      warning: of the file"
    `);
  });
  it('checks a gate that stays if something else changes and the way there cannot', () => {
    const does = [{ host, step: 'guard' as const }];
    const wants = [...opening, wantPanel('p', { admits: ['you'], does })];
    const lives = [...without(route.kind), livePanel('p', { admits: ['me'], does })];
    expect(planText({ wants, lives, proofs: [proof], blind: [route.kind] })).toMatchInlineSnapshot(`
      "guard: update cloudflare/panel:p panel-p | update · guard a.example.dev | admits: ["me"] → ["you"] | want {"admits":["you"],"does":[{"host":"a.example.dev","step":"guard"}]} | have panel-p | because: services.a | foreseen: true
      open: refuse cloudflare/route:homelab/a.example.dev | refuse · route a.example.dev via=homelab | want {"host":"a.example.dev","via":"homelab","to":"app"} | reason: live objects of kind cloudflare/route could not be read: 403 | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after refuse cloudflare/route:homelab/a.example.dev | after update cloudflare/panel:p panel-p | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/panel:p=panel-p cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('checks without a cover if the object in the cover’s place exists and stays', () => {
    const wants = [
      policy,
      probe,
      wantGate({ admits: ['you'] }),
      wantRoute(),
      wantName(),
      { ...wantKeeper, spec: liveKeeper.spec as object },
    ];
    expect(
      planText({ wants, lives: [...standingObjects, liveKeeper], proofs: [proof] }),
    ).toMatchInlineSnapshot(`
      "guard: update cloudflare/gate:g gate-g | update · guard a.example.dev | admits: ["me"] → ["you"] | want {"host":"a.example.dev","admits":["you"],"policy":"thing-policy"} | have gate-g | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/keeper-a.example.dev prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/keeper:a.example.dev=keeper-a.example.dev cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('reports the finding of the last check', () => {
    const wants = [policy, probe, wantGate({ admits: ['you'] }), wantRoute(), wantName()];
    expect(planText({ wants, lives: [...standingObjects, seen], proofs: [proof] })).toMatchInlineSnapshot(`
      "guard: update cloudflare/gate:g gate-g | update · guard a.example.dev | admits: ["me"] → ["you"] | want {"host":"a.example.dev","admits":["you"],"policy":"thing-policy"} | have gate-g | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: the last time: an open door | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('keeps a name whose host has a remaining gate, which a foreign route still serves', () => {
    const wants = [want(gate, 'g', { host, admits: ['me'] }, { because })];
    const theirs = live(route, 'theirs', { host, via: 'homelab', to: 'app' }, { owner: 'other' });
    const lives = [live(gate, 'g', { host, admits: ['me'] }), live(name, 'n', { host, target: 'x' }), theirs];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "open: prune cloudflare/name:n name-n | refuse · publish a.example.dev live=true | have name-n | reason: cloudflare/route:theirs is not ours and still serves a.example.dev: remove it first
      kept prepare/g/gate-g
      known cloudflare/gate:g=gate-g
      warning: of the file"
    `);
  });
  it('counts leftovers without pruning: not dependencies, foreign objects, or objects without a door', () => {
    const gone = [{ host, step: 'unguard' as const }];
    const lives = [
      livePolicy,
      livePanel('one', { admits: [], gone }),
      livePanel('theirs', { admits: [], gone }, { owner: 'other' }),
      livePanel('asked', { admits: [], gone }),
      live(panel, 'no door', { admits: [] }),
    ];
    expect(
      planText({ wants: [wantPanel('asked', { admits: [] })], lives, options: off }),
    ).toMatchInlineSnapshot(`
      "kept prepare/asked/panel-asked
      known cloudflare/panel:asked=panel-asked
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
  it('names changes that wait for each other: those alone, not others that wait for them', () => {
    const needs = (key: string) => ({ because, needs: [`cloudflare/panel:${key}` as const] });
    const at = (path: string, step: 'guard' | 'route') => ({
      admits: [],
      does: [{ host, step, part: path }],
    });
    const wants = [
      wantPanel('a', { admits: [] }, needs('b')),
      wantPanel('b', at('/b', 'guard'), needs('c')),
      wantPanel('c', at('/c', 'route')),
    ];
    const text = 'create cloudflare/panel:b needs create cloudflare/panel:c needs create cloudflare/panel:b';
    const reason = `Bug in gates: this change needs itself. Please report it (${text})`;
    expect(planOf({ wants }).changes.map(({ id, verb, reason: why }) => [id, verb, why])).toEqual([
      ['create cloudflare/panel:b', 'refuse', reason],
      ['create cloudflare/panel:a', 'create', undefined],
      ['create cloudflare/panel:c', 'refuse', reason],
    ]);
  });
});
