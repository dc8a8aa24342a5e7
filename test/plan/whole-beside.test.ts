import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../src/core/objects/door.ts';
import type { GateCheck, Observed } from '../../src/core/objects/object.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { gate, live, route } from './support/fakes.ts';
import { at, livePanel, type Panel, panel, shutter, wantPanel } from './support/panel.ts';
import {
  host,
  liveProbe,
  opening,
  planOf,
  planText,
  policy,
  probe,
  proof,
  standingObjects,
  wantGate,
  wantName,
  wantRoute,
  without,
} from './support/plan-text.ts';

const other = 'b.example.dev';
const guards: readonly DoorEffect[] = [{ host, step: 'guard' }];
const claiming = (claims: readonly string[], admits = ['me']): Panel => ({ admits, claims });
const off = { prune: false };

describe('a cover with other objects of its kind', () => {
  const probed = { admits: [ref('cloudflare/thing:probe')], does: guards };
  const byPanel = (kind: string, spec: object = probed): GateCheck => ({
    ...proof,
    needs: ['cloudflare/gate:g', 'cloudflare/thing:policy'],
    cover: { address: { kind: kind as 'cloudflare/panel', key: host }, spec, because: 'the cover' },
  });
  const beside = [
    livePanel('ours', at('/ours', { does: [], gone: [] })),
    livePanel('theirs', at('/theirs'), { owner: 'other' }),
    live(shutter, 'other', at('/shutter')),
  ];
  it('that is created considers our existing and desired objects, and no others', () => {
    const wants = [...opening, wantPanel('new', at('/new', { does: [] }))];
    expect(
      planText({ wants, lives: beside, proofs: [byPanel(panel.kind)], options: off }),
    ).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/thing:probe | create | want {"value":"probe"} | because: all
      prepare: create cloudflare/panel:new | create | want {"admits":["me"],"path":"/new","does":[],"gone":[{"host":"a.example.dev","step":"unguard","part":"/new"}]} | because: services.a
      close: cover cloudflare/panel:a.example.dev | create · close a.example.dev | after create cloudflare/thing:probe | want {"admits":[{"$ref":"cloudflare/thing:probe","template":"{id}"}],"does":[{"host":"a.example.dev","step":"guard"}],"claims":["/ours/*","/new/*"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/panel:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | after prune cloudflare/panel:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
  it('leaves what it had as a gate to a new one, even if nothing is removed', () => {
    const wants = [...opening, wantPanel('new', { ...claiming(['/a/*', '/b/*']), does: [] })];
    const made = (...lives: readonly Observed[]) =>
      planOf({ wants, lives, proofs: [byPanel(panel.kind)], options: off }).changes.find(
        ({ id }) => id === 'create cloudflare/panel:new',
      )?.want;
    const before = livePanel(host, { ...claiming(['/a/*']), does: guards });
    expect(made(before, liveProbe)).toMatchObject({ claims: ['/a/*', '/b/*'] });
    const stays = livePanel('stays', { ...claiming(['/b/*']), does: [] });
    expect(made(before, stays, liveProbe)).toMatchObject({ claims: ['/a/*'] });
  });
  it('may have been one of our objects until then', () => {
    const wants = [...opening, wantPanel('new', at('/new', { does: [] }))];
    const lives = [...beside, livePanel(host, { admits: ['me'], does: guards }), liveProbe];
    expect(planText({ wants, lives, proofs: [byPanel(panel.kind)], options: off })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/panel:new | create | want {"admits":["me"],"path":"/new","does":[],"gone":[{"host":"a.example.dev","step":"unguard","part":"/new"}]} | because: services.a
      close: cover cloudflare/panel:a.example.dev | update · close a.example.dev | admits: ["me"] → ["thing-probe"] | claims: undefined → ["/ours/*","/new/*"] | want {"admits":["thing-probe"],"does":[{"host":"a.example.dev","step":"guard"}],"claims":["/ours/*","/new/*"]} | have panel-a.example.dev | reason: admits the probe of gates until the new gate has been checked | because: services.a | foreseen: true
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/panel:a.example.dev panel-a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | have panel-a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/panel:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | after prune cloudflare/panel:a.example.dev panel-a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/probe/thing-probe
      known cloudflare/thing:probe=thing-probe
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
  it('may be of a kind that considers no others', () => {
    expect(
      planText({ wants: opening, lives: beside, proofs: [byPanel(shutter.kind)], options: off }),
    ).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/thing:probe | create | want {"value":"probe"} | because: all
      close: cover cloudflare/shutter:a.example.dev | create · close a.example.dev | after create cloudflare/thing:probe | want {"admits":[{"$ref":"cloudflare/thing:probe","template":"{id}"}],"does":[{"host":"a.example.dev","step":"guard"}]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/shutter:a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/shutter:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/shutter:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/shutter:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/shutter:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/shutter:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/shutter:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | after prune cloudflare/shutter:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
});

describe('the check of a gate', () => {
  const two: GateCheck = { ...proof, needs: ['cloudflare/gate:g', 'cloudflare/thing:policy'] };
  it('in a watch has nothing else to do', () => {
    expect(
      planText({ wants: opening, lives: standingObjects, proofs: [proof], options: { watch: true } }),
    ).toMatchInlineSnapshot(`
      "prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":false,"watched":true} | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('covers a changed gate even if its way cannot change', () => {
    const wants = [policy, probe, wantGate({ admits: ['you'] }), wantRoute(), wantName()];
    const lives = without(route.kind);
    expect(planText({ wants, lives, proofs: [two], blind: [route.kind] })).toMatchInlineSnapshot(`
      "open: refuse cloudflare/route:homelab/a.example.dev | refuse · route a.example.dev via=homelab | want {"host":"a.example.dev","via":"homelab","to":"app"} | reason: live objects of kind cloudflare/route could not be read: 403 | because: services.a
      close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | after refuse cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a | interim: a.example.dev
      guard: update cloudflare/gate:g gate-g | update · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | admits: ["me"] → ["you"] | want {"host":"a.example.dev","admits":["you"],"policy":"thing-policy"} | have gate-g | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after refuse cloudflare/route:homelab/a.example.dev | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":true,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after refuse cloudflare/route:homelab/a.example.dev | after update cloudflare/gate:g gate-g | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/keeper:a.example.dev | after update cloudflare/gate:g gate-g | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('covers a host at which something else cannot be changed', () => {
    const wants = [
      policy,
      probe,
      wantGate({ admits: ['you'] }),
      wantRoute(),
      wantName(),
      wantPanel('p', {
        admits: ['me'],
        does: [
          { host, step: 'guard' },
          { host: other, step: 'route' },
        ],
      }),
    ];
    expect(
      planText({ wants, lives: standingObjects, proofs: [two], blind: [panel.kind] }),
    ).toMatchInlineSnapshot(`
      "guard: update cloudflare/gate:g gate-g | update · guard a.example.dev | admits: ["me"] → ["you"] | want {"host":"a.example.dev","admits":["you"],"policy":"thing-policy"} | have gate-g | because: services.a
      guard: refuse cloudflare/panel:p | refuse · guard a.example.dev · route b.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"},{"host":"b.example.dev","step":"route"}]} | reason: live objects of kind cloudflare/panel could not be read: 403 | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after refuse cloudflare/panel:p | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('with two parts, one of them new, happens under a cover', () => {
    const wants = [policy, probe, wantGate(), wantRoute(), wantName()];
    expect(planText({ wants, lives: without(gate.kind), proofs: [two] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","admits":["me"],"policy":"thing-policy"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('covers a host that is opened by an object with further effects', () => {
    const does: readonly DoorEffect[] = [
      { host: other, step: 'guard' },
      { host, step: 'route' },
      { host: other, step: 'route' },
    ];
    const wants = [...opening, wantPanel('p', { admits: ['me'], does })];
    expect(planText({ wants, lives: standingObjects, proofs: [two] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a | interim: a.example.dev
      guard: create cloudflare/panel:p | create · guard b.example.dev · route a.example.dev · route b.example.dev | after cover cloudflare/keeper:a.example.dev | want {"admits":["me"],"does":[{"host":"b.example.dev","step":"guard"},{"host":"a.example.dev","step":"route"},{"host":"b.example.dev","step":"route"}]} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/panel:p | want {"expect":"gate-g","covered":true,"opened":true,"changed":true,"stands":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/panel:p | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/panel:p | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
});
