import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../src/core/objects/object.ts';
import { gate, live, route, thing, want } from './support/fakes.ts';
import { at, livePanel, type Panel, shutter, wantPanel } from './support/panel.ts';
import {
  because,
  host,
  liveCover,
  liveGate,
  liveName,
  livePolicy,
  liveRoute,
  opening,
  planText,
  proof,
  standingObjects,
  wantName,
  wantRoute,
} from './support/plan-text.ts';

const other = 'b.example.dev';
const claiming = (claims: readonly string[], admits = ['me']): Panel => ({ admits, claims });
const off = { prune: false };

describe('removing objects among others', () => {
  it('without pruning, under a leftover cover, first makes an open path ask', () => {
    const lives = [
      ...standingObjects,
      liveCover,
      live(gate, 'lets', { host, admits: [], path: '/a', lets: ['/a'] }),
      live(gate, 'asks', { host, admits: [], path: '/b', lets: [] }),
      live(gate, 'elsewhere', { host: other, admits: [], path: '/c', lets: ['/c'] }),
      livePanel('p', at('/d')),
    ];
    expect(planText({ wants: opening, lives, proofs: [proof], options: off })).toMatchInlineSnapshot(`
      "prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | want {"expect":"gate-g","covered":true,"opened":false,"changed":true} | because: services.a
      retire: close cloudflare/gate:lets gate-lets | update · unroute a.example.dev | after verify edge/sight:a.example.dev | lets: ["/a"] → [] | want {"host":"a.example.dev","admits":[],"path":"/a","lets":[]} | have gate-lets | reason: no longer admits anybody without a login: no file opens these paths, and gates removes the cover around them
      retire: prune cloudflare/keeper:a.example.dev keeper-a.example.dev | prune · unguard a.example.dev cover=true | after close cloudflare/gate:lets gate-lets | after verify edge/sight:a.example.dev | have keeper-a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after close cloudflare/gate:lets gate-lets | after prune cloudflare/keeper:a.example.dev keeper-a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file
      warning: reconcile.prune is off: 4 objects that the file no longer asks for are left as they are"
    `);
  });
  it('removes a retained object if its heir exists or is created, and otherwise not', () => {
    const stays = live(thing, 'stays', { value: 'keep me' });
    const heir = want(thing, 'heir', { value: 'heir' }, { because });
    const beside = (item: DesiredObject, ...lives: readonly Observed[]) =>
      planText({ wants: [item], lives: [stays, ...lives] });
    expect(beside(heir, live(thing, 'heir', { value: 'heir' }))).toMatchInlineSnapshot(`
      "clean: prune cloudflare/thing:stays thing-stays | prune | have thing-stays
      kept prepare/heir/thing-heir
      known cloudflare/thing:heir=thing-heir
      warning: of the file"
    `);
    expect(beside(heir)).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:heir | create | want {"value":"heir"} | because: services.a
      clean: prune cloudflare/thing:stays thing-stays | prune | have thing-stays
      warning: of the file"
    `);
    expect(beside(heir, live(thing, 'heir', { value: 'before' }))).toMatchInlineSnapshot(`
      "prepare: update cloudflare/thing:heir thing-heir | update | value: "before" → "heir" | want {"value":"heir"} | have thing-heir | because: services.a
      known cloudflare/thing:heir=thing-heir
      warning: of the file"
    `);
    expect(
      beside(want(shutter, 'heir', { admits: [], value: 'heir' } as never, { because })),
    ).toMatchInlineSnapshot(`
      "prepare: create cloudflare/shutter:heir | create | want {"admits":[],"value":"heir"} | because: services.a
      warning: of the file"
    `);
  });
  it('does not let an object of another kind replace a retained one', () => {
    const lives = [live(thing, 'not-new', { value: 'keep me' })];
    expect(
      planText({ wants: [want(gate, 'new', { host, admits: ['me'] }, { because })], lives }),
    ).toMatchInlineSnapshot(`
      "guard: create cloudflare/gate:new | create · guard a.example.dev | want {"host":"a.example.dev","admits":["me"]} | because: services.a
      warning: of the file"
    `);
  });
  it('removes an open object that cannot be closed, and first closes a route without a carrier', () => {
    const lives = [
      livePanel('open', { admits: [], gone: [{ host: other, step: 'unroute', live: true }] }),
      live(route, 'r', { host, to: 'app' } as never),
    ];
    expect(
      planText({ wants: [wantRoute(host, 'other'), wantName()], lives: [...lives, liveName()] }),
    ).toMatchInlineSnapshot(`
      "close: close cloudflare/route:r route-r | update · close a.example.dev | to: "app" → "503" | want {"host":"a.example.dev","to":"503"} | have route-r | reason: answers 503 before it is taken away
      open: create cloudflare/route:other/a.example.dev | create · route a.example.dev via=other | after close cloudflare/route:r route-r | want {"host":"a.example.dev","via":"other","to":"app"} | because: services.a
      retire: prune cloudflare/route:r route-r | prune · unroute a.example.dev via=undefined live=true | after close cloudflare/route:r route-r | after create cloudflare/route:other/a.example.dev | have route-r
      retire: prune cloudflare/panel:open panel-open | prune · unroute b.example.dev live=true | have panel-open
      kept prepare/a.example.dev/name-a.example.dev
      known cloudflare/name:a.example.dev=name-a.example.dev
      warning: of the file"
    `);
  });
  it('removes a gate despite foreign objects at its host, unless one is a route', () => {
    const theirs = {
      admits: [],
      gone: [
        { host, step: 'publish' as const, live: true },
        { host, step: 'unroute' as const, live: false },
      ],
    };
    expect(
      planText({ lives: [liveGate, livePolicy, livePanel('p', theirs, { owner: 'other' })] }),
    ).toMatchInlineSnapshot(`
      "retire: prune cloudflare/gate:g gate-g | prune · unguard a.example.dev | have gate-g
      clean: prune cloudflare/thing:policy thing-policy | prune | after prune cloudflare/gate:g gate-g | have thing-policy
      warning: of the file"
    `);
  });
  it('removes a used object when its users change, and keeps it with a remaining user', () => {
    const user = (key: string, spec: Panel, owner = 'home', more: object = {}) =>
      livePanel(key, spec, { owner, uses: [`thing-of ${key}`], ...more });
    const keys = ['kept', 'changed', 'anew', 'adopted', 'twin', 'waits'];
    const wants = [
      wantPanel('kept', claiming([])),
      wantPanel('changed', claiming([], ['you'])),
      wantPanel('anew', { ...claiming([]), path: '/new' }),
      wantPanel('adopted', claiming([], ['you'])),
      wantPanel('twin', claiming([])),
    ];
    const lives = [
      ...keys.map((key) => live(thing, `of ${key}`, { value: 'v' })),
      user('kept', claiming([])),
      user('changed', claiming([])),
      user('anew', claiming([])),
      livePanel('adopted', claiming([]), { owner: undefined, uses: ['thing-of adopted'] }),
      livePanel('twin', claiming([]), { createdAt: '2025' }),
      user('twin', claiming([]), 'home', { id: 'younger', createdAt: '2026' }),
    ];
    expect(planText({ wants, lives, options: { adopt: true } })).toMatchInlineSnapshot(`
      "prepare: adopt cloudflare/panel:adopted panel-adopted | adopt | admits: ["me"] → ["you"] | want {"admits":["you"],"claims":[]} | have panel-adopted | because: services.a
      prepare: replace cloudflare/panel:anew panel-anew | replace | path: undefined → "/new" | want {"admits":["me"],"claims":[],"path":"/new"} | have panel-anew | because: services.a
      prepare: update cloudflare/panel:changed panel-changed | update | admits: ["me"] → ["you"] | want {"admits":["you"],"claims":[]} | have panel-changed | because: services.a | foreseen: true
      clean: prune cloudflare/thing:of adopted thing-of adopted | prune | after adopt cloudflare/panel:adopted panel-adopted | have thing-of adopted
      clean: prune cloudflare/thing:of anew thing-of anew | prune | after replace cloudflare/panel:anew panel-anew | have thing-of anew
      clean: prune cloudflare/thing:of changed thing-of changed | prune | after update cloudflare/panel:changed panel-changed | have thing-of changed
      clean: prune cloudflare/panel:twin younger | prune | have younger | reason: the same object exists several times: one is kept
      clean: prune cloudflare/thing:of twin thing-of twin | prune | after prune cloudflare/panel:twin younger | have thing-of twin
      clean: prune cloudflare/thing:of waits thing-of waits | prune | have thing-of waits
      kept prepare/kept/panel-kept prepare/twin/panel-twin
      known cloudflare/panel:adopted=panel-adopted cloudflare/panel:changed=panel-changed cloudflare/panel:kept=panel-kept cloudflare/panel:twin=panel-twin
      warning: of the file"
    `);
  });
  it('reports the refusal of a gate even if our own objects use it', () => {
    const wants = [wantPanel('kept', claiming([]))];
    const lives = [
      liveGate,
      livePanel('kept', claiming([]), { uses: ['gate-g'] }),
      { ...liveRoute(), owner: 'other' },
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "retire: prune cloudflare/gate:g gate-g | refuse · unguard a.example.dev | have gate-g | reason: cloudflare/route:homelab/a.example.dev is not ours and still serves a.example.dev: remove it first
      kept prepare/kept/panel-kept
      known cloudflare/panel:kept=panel-kept
      warning: of the file"
    `);
  });
});
