import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { keeper } from './support/cover-fakes.ts';
import { gate, live, name, place, route, want } from './support/fakes.ts';
import {
  because,
  host,
  liveCover,
  liveGate,
  liveKeeper,
  liveName,
  livePolicy,
  liveProbe,
  liveRoute,
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

describe('the complete plan for a gate to be checked', () => {
  const lives = [liveProbe, livePolicy];
  it('opens its host under a cover', () => {
    expect(planText({ wants: opening, lives, proofs: [proof] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","admits":["me"],"policy":"thing-policy"} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/probe/thing-probe
      known cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('opens its host and creates the token of the probe', () => {
    expect(planText({ wants: opening, proofs: [proof] })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/thing:probe | create | want {"value":"probe"} | because: all
      close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | after create cloudflare/thing:policy | after create cloudflare/thing:probe | want {"host":"a.example.dev","admits":[{"$ref":"cloudflare/thing:probe","template":"{id}"}]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      warning: of the file"
    `);
  });
  it('routes its host elsewhere while its name exists', () => {
    const moved = [livePolicy, liveProbe, liveGate, liveRoute(host, 'homelab', 'app2'), liveName()];
    expect(planText({ wants: opening, lives: moved, proofs: [proof] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a | interim: a.example.dev
      open: update cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | update · route a.example.dev via=homelab | after cover cloudflare/keeper:a.example.dev | to: "app2" → "app" | want {"host":"a.example.dev","via":"homelab","to":"app"} | have route-homelab/a.example.dev | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after update cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | want {"expect":"gate-g","covered":true,"opened":true,"changed":true,"stands":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after update cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/keeper:a.example.dev | after update cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('adds only its missing name', () => {
    expect(planText({ wants: opening, lives: without(name.kind), proofs: [proof] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/name:a.example.dev | want {"expect":"gate-g","covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/name:a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/name:a.example.dev | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('creates it anew after a failed check', () => {
    const broken = [...without(gate.kind), seen];
    expect(planText({ wants: opening, lives: broken, proofs: [proof] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","admits":["me"],"policy":"thing-policy"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":false,"changed":true} | reason: the last time: an open door | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('checks an update without a cover', () => {
    const wants = [policy, probe, wantGate({ admits: ['you'] }), wantRoute(), wantName()];
    expect(planText({ wants, lives: standingObjects, proofs: [proof] })).toMatchInlineSnapshot(`
      "guard: update cloudflare/gate:g gate-g | update · guard a.example.dev | admits: ["me"] → ["you"] | want {"host":"a.example.dev","admits":["you"],"policy":"thing-policy"} | have gate-g | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('removes the leftover cover of an earlier run after the check', () => {
    expect(
      planText({ wants: opening, lives: [...standingObjects, liveCover], proofs: [proof] }),
    ).toMatchInlineSnapshot(`
      "prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | want {"expect":"gate-g","covered":true,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev keeper-a.example.dev | prune · unguard a.example.dev cover=true | after verify edge/sight:a.example.dev | have keeper-a.example.dev | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after prune cloudflare/keeper:a.example.dev keeper-a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('removes a leftover cover even without pruning', () => {
    const world = { wants: opening, lives: [...standingObjects, liveCover], proofs: [proof] };
    expect(planText({ ...world, options: { prune: false } })).toMatchInlineSnapshot(`
      "prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | want {"expect":"gate-g","covered":true,"opened":false,"changed":false} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev keeper-a.example.dev | prune · unguard a.example.dev cover=true | after verify edge/sight:a.example.dev | have keeper-a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after prune cloudflare/keeper:a.example.dev keeper-a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":false} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('replaces another gate, which lets the probe in and goes last', () => {
    expect(
      planText({ wants: opening, lives: [...standingObjects, liveKeeper], proofs: [proof] }),
    ).toMatchInlineSnapshot(`
      "guard: cover cloudflare/keeper:a.example.dev | update · change a.example.dev | admits: ["me"] → ["me","thing-probe"] | want {"host":"a.example.dev","admits":["me","thing-probe"]} | have keeper-a.example.dev | reason: admits the probe of gates until the new gate has been checked | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"expect":"gate-g","covered":true,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev keeper-a.example.dev | prune · unguard a.example.dev | after cover cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | have keeper-a.example.dev | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/keeper:a.example.dev keeper-a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('replaces another gate without pruning: that one stays', () => {
    const world = { wants: opening, lives: [...standingObjects, liveKeeper], proofs: [proof] };
    expect(planText({ ...world, options: { prune: false } })).toMatchInlineSnapshot(`
      "kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
  it('turns its cover into the object that the file asks for in its place', () => {
    expect(planText({ wants: [...opening, wantKeeper], lives, proofs: [proof] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","admits":["me"],"policy":"thing-policy"} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: uncover cloudflare/keeper:a.example.dev | update · unguard a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | host: undefined → "a.example.dev" | admits: undefined → ["me","you"] | want {"host":"a.example.dev","admits":["me","you"]} | reason: replaces the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after uncover cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/probe/thing-probe
      known cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('covers with an existing object that differs from the file', () => {
    expect(
      planText({ wants: [...opening, wantKeeper], lives: [...standingObjects, liveKeeper], proofs: [proof] }),
    ).toMatchInlineSnapshot(`
      "guard: cover cloudflare/keeper:a.example.dev | update · change a.example.dev | admits: ["me"] → ["me","thing-probe"] | want {"host":"a.example.dev","admits":["me","thing-probe"]} | have keeper-a.example.dev | reason: admits the probe of gates until the new gate has been checked | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"expect":"gate-g","covered":true,"opened":false,"changed":true} | because: services.a
      retire: uncover cloudflare/keeper:a.example.dev | update · unguard a.example.dev | after cover cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | host: "a.example.dev" → "a.example.dev" | admits: ["me"] → ["me","you"] | want {"host":"a.example.dev","admits":["me","you"]} | have keeper-a.example.dev | reason: replaces the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after uncover cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/keeper:a.example.dev=keeper-a.example.dev cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('has an object in the place of the cover that matches the file', () => {
    const kept = live(keeper, host, { host, admits: ['me', 'you'] });
    const world = { wants: [...opening, wantKeeper], proofs: [proof] };
    expect(planText({ ...world, lives: [...without(route.kind), kept] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | update · close a.example.dev | admits: ["me","you"] → ["thing-probe"] | want {"host":"a.example.dev","admits":["thing-probe"]} | have keeper-a.example.dev | reason: admits the probe of gates until the new gate has been checked | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/route:homelab/a.example.dev | want {"expect":"gate-g","covered":true,"opened":true,"changed":true} | because: services.a
      retire: uncover cloudflare/keeper:a.example.dev | update · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | host: "a.example.dev" → "a.example.dev" | admits: ["me","you"] → ["me","you"] | want {"host":"a.example.dev","admits":["me","you"]} | have keeper-a.example.dev | reason: replaces the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after uncover cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/keeper:a.example.dev=keeper-a.example.dev cloudflare/name:a.example.dev=name-a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
    expect(planText({ ...world, lives: [...standingObjects, kept] })).toMatchInlineSnapshot(`
      "kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/keeper-a.example.dev prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/keeper:a.example.dev=keeper-a.example.dev cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('refuses a foreign object in the cover’s place: it waits for the cover, and for nothing after the check', () => {
    const wants = [...opening, want(keeper, host, { host, admits: ['me'] })];
    const theirs = live(keeper, host, { host, admits: ['them'] }, { owner: 'work' });
    const goes = live(route, 'old', { host, via: 'other', to: 'app' });
    const plan = planText({ wants, lives: [...lives, theirs, goes], proofs: [proof] });
    expect(plan).toMatch(/^prove: verify .* \| after cover cloudflare\/keeper:a\.example\.dev \|/m);
    expect(plan).toMatch(/^guard: refuse cloudflare\/keeper:a\.example\.dev/m);
  });
  it('cannot read the kind of its cover, of which the file asks for one in its place', () => {
    const wants = [...opening, want(keeper, host, { host, admits: ['me'] })];
    const plan = planText({ wants, lives, proofs: [proof], blind: [keeper.kind] });
    const ids = plan.match(/^[a-z]+: (cover|refuse|uncover) [^ ]+/gm);
    expect(ids).toEqual([
      'close: cover cloudflare/keeper:a.example.dev',
      'guard: refuse cloudflare/keeper:a.example.dev',
    ]);
  });
  it('cannot read the kind of its cover', () => {
    expect(planText({ wants: opening, lives, proofs: [proof], blind: [keeper.kind] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | refuse · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: live objects of kind cloudflare/keeper could not be read: 403 | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | want {"host":"a.example.dev","admits":["me"],"policy":"thing-policy"} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":true,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after create cloudflare/gate:g | after create cloudflare/name:a.example.dev | after create cloudflare/route:homelab/a.example.dev | after prune cloudflare/keeper:a.example.dev | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/policy/thing-policy prepare/probe/thing-probe
      known cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('skips a check that a person skips, and removes a leftover cover', () => {
    const world = { wants: opening, lives: [...standingObjects, liveCover], proofs: [proof] };
    expect(planText({ ...world, options: { prune: false, unverified: [host] } })).toMatchInlineSnapshot(`
      "retire: prune cloudflare/keeper:a.example.dev keeper-a.example.dev | prune · unguard a.example.dev cover=true | have keeper-a.example.dev | reason: the cover: a person vouches for the gate | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file
      warning: a.example.dev is opened without a check, because of --unverified"
    `);
  });
  it('checks a gate for all hosts of a domain', () => {
    const wants = [
      policy,
      probe,
      wantGate({ host: '*.example.dev', admits: ['you'] }),
      wantRoute(),
      wantName(),
    ];
    const others = live(gate, 'g', { host: '*.example.dev', admits: ['me'], policy: 'thing-policy' });
    expect(
      planText({ wants, lives: [...without(gate.kind), others], proofs: [proof] }),
    ).toMatchInlineSnapshot(`
      "guard: update cloudflare/gate:g gate-g | update · guard *.example.dev | admits: ["me"] → ["you"] | want {"host":"*.example.dev","admits":["you"],"policy":"thing-policy"} | have gate-g | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | because: services.a
      kept prepare/policy/thing-policy prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('replaces a part of it under a cover, since that creates it anew', () => {
    const wants = [{ ...policy, spec: { value: 'me', link: 'new' } }, ...opening.slice(1)];
    const old = live(gate, 'g', { host, admits: ['me'], policy: 'thing-policy' });
    const ofPolicy = { ...proof, needs: ['cloudflare/thing:policy' as const] };
    expect(
      planText({ wants, lives: [...without(gate.kind), old], proofs: [ofPolicy] }),
    ).toMatchInlineSnapshot(`
      "prepare: replace cloudflare/thing:policy thing-policy | replace | link: undefined → "new" | want {"value":"me","link":"new"} | have thing-policy | because: services.a
      close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | after replace cloudflare/thing:policy thing-policy | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a
      guard: update cloudflare/gate:g gate-g | update · guard a.example.dev | after cover cloudflare/keeper:a.example.dev | after replace cloudflare/thing:policy thing-policy | policy: "thing-policy" → {"$ref":"cloudflare/thing:policy","template":"{id}"} | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | have gate-g | because: services.a
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after replace cloudflare/thing:policy thing-policy | after update cloudflare/gate:g gate-g | want {"expect":"gate-g","covered":true,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after update cloudflare/gate:g gate-g | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/keeper:a.example.dev | after replace cloudflare/thing:policy thing-policy | after update cloudflare/gate:g gate-g | after verify edge/sight:a.example.dev | want {"expect":"gate-g","covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/a.example.dev/name-a.example.dev prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('does not check a host whose only changes are refused', () => {
    const world = { wants: opening, proofs: [proof], blind: [route.kind] };
    expect(planText({ ...world, lives: without(route.kind) })).toMatchInlineSnapshot(`
      "open: refuse cloudflare/route:homelab/a.example.dev | refuse · route a.example.dev via=homelab | want {"host":"a.example.dev","via":"homelab","to":"app"} | reason: live objects of kind cloudflare/route could not be read: 403 | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev prepare/probe/thing-probe
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('keeps an open host without a cover if its name refers to something unreadable', () => {
    const target = ref('cloudflare/place:homelab');
    const named = want(name, host, { host, target } as object, { because });
    const wants = [policy, probe, wantGate(), wantRoute(), named];
    const { changes } = planOf({ wants, lives: standingObjects, proofs: [proof], blind: [place.kind] });
    expect(changes.filter(({ verb }) => verb !== 'keep').map(({ id }) => id)).toEqual([
      'refuse cloudflare/name:a.example.dev',
    ]);
  });
  it('rejects a check of an unknown kind', () => {
    const unknown = { ...proof, address: { kind: 'edge/nothing' as const, key: host } };
    expect(() => planText({ wants: opening, proofs: [unknown] })).toThrow(
      expect.objectContaining({
        message: 'No reconciler knows this kind',
        facts: { detail: 'edge/nothing' },
      }),
    );
  });
});
