import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { gate, live, name, route, want } from './support/fakes.ts';
import { frame, livePanel, type Panel, wantPanel } from './support/panel.ts';
import {
  because,
  host,
  liveGate,
  liveName,
  livePolicy,
  liveRoute,
  planText,
  policy,
  wantGate,
  wantName,
  wantRoute,
  wild,
} from './support/plan-text.ts';

const claiming = (claims: readonly string[], admits = ['me']): Panel => ({ admits, claims });

describe('releasing a destination', () => {
  it('happens within one kind, and from objects that change or go', () => {
    const wants = [
      wantPanel('a', claiming([])),
      wantPanel('b', claiming(['1'], ['you'])),
      wantPanel('stays', claiming(['2'])),
      wantPanel('too', claiming(['2', '3'])),
      want(gate, 'g', { host, admits: ['me'], claims: ['4'] }, { because }),
      wantPanel('c', claiming(['5'])),
      wantPanel('d', claiming(['7'])),
    ];
    const lives = [
      livePanel('a', claiming(['1', '4', '5', '8'])),
      livePanel('b', claiming(['1'])),
      livePanel('stays', claiming(['2'])),
      livePanel('goes', claiming(['7'])),
      livePanel('d', claiming([])),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: release cloudflare/panel:a panel-a | update | claims: ["1","4","5","8"] → ["4","8"] | want {"admits":["me"],"claims":["4","8"]} | have panel-a | reason: releases what b and c takes over | because: services.a
      prepare: create cloudflare/panel:c | create | after release cloudflare/panel:a panel-a | want {"admits":["me"],"claims":["5"]} | because: services.a
      prepare: create cloudflare/panel:too | create | want {"admits":["me"],"claims":["2","3"]} | because: services.a
      prepare: release cloudflare/panel:goes panel-goes | update | claims: ["7"] → [] | want {"admits":["me"],"claims":[]} | have panel-goes | reason: releases what d takes over
      prepare: update cloudflare/panel:a panel-a | update | after release cloudflare/panel:a panel-a | claims: ["1","4","5","8"] → [] | want {"admits":["me"],"claims":[]} | have panel-a | because: services.a
      prepare: update cloudflare/panel:b panel-b | update | after release cloudflare/panel:a panel-a | admits: ["me"] → ["you"] | want {"admits":["you"],"claims":["1"]} | have panel-b | because: services.a | foreseen: true
      prepare: update cloudflare/panel:d panel-d | update | after release cloudflare/panel:goes panel-goes | claims: [] → ["7"] | want {"admits":["me"],"claims":["7"]} | have panel-d | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | want {"host":"a.example.dev","admits":["me"],"claims":["4"]} | because: services.a
      clean: prune cloudflare/panel:goes panel-goes | prune | after release cloudflare/panel:goes panel-goes | have panel-goes
      kept prepare/stays/panel-stays
      known cloudflare/panel:a=panel-a cloudflare/panel:b=panel-b cloudflare/panel:d=panel-d cloudflare/panel:stays=panel-stays
      warning: of the file"
    `);
  });
  it('also happens for a kind without doors', () => {
    const wants = [want(frame, 'new', { admits: [], path: '/a' }, { because })];
    expect(
      planText({ wants, lives: [live(frame, 'old', { admits: [], path: '/a' })] }),
    ).toMatchInlineSnapshot(`
      "prepare: release cloudflare/frame:old frame-old | update | path: "/a" → "none" | want {"admits":[],"path":"none"} | have frame-old | reason: releases what new takes over
      prepare: create cloudflare/frame:new | create | after release cloudflare/frame:old frame-old | want {"admits":[],"path":"/a"} | because: services.a
      clean: prune cloudflare/frame:old frame-old | prune | after release cloudflare/frame:old frame-old | have frame-old
      warning: of the file"
    `);
  });
  it('does nothing when the taker is refused or kept', () => {
    const wants = [
      wantPanel('a', claiming([])),
      wantPanel('b', claiming(['1'])),
      wantPanel('c', claiming(['1'])),
    ];
    const lives = [
      livePanel('a', claiming(['1'])),
      livePanel('b', claiming(['1'])),
      livePanel('c', claiming([]), { owner: 'other' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: refuse cloudflare/panel:c panel-c | refuse | want {"admits":["me"],"claims":["1"]} | have panel-c | reason: it belongs to "other": change owner there, or leave it to that file | because: services.a
      prepare: update cloudflare/panel:a panel-a | update | claims: ["1"] → [] | want {"admits":["me"],"claims":[]} | have panel-a | because: services.a
      kept prepare/b/panel-b
      known cloudflare/panel:a=panel-a cloudflare/panel:b=panel-b cloudflare/panel:c=panel-c
      warning: of the file"
    `);
  });
  it('does not close a route first that only changes below a foreign wildcard', () => {
    const wants = [policy, wantGate(), wantRoute(), wantName()];
    const lives = [livePolicy, liveGate, liveRoute(host, 'homelab', 'before'), liveName(), wild];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "open: update cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | update · route a.example.dev via=homelab | to: "before" → "app" | want {"host":"a.example.dev","via":"homelab","to":"app"} | have route-homelab/a.example.dev | because: services.a
      kept prepare/policy/thing-policy prepare/g/gate-g prepare/a.example.dev/name-a.example.dev
      known cloudflare/gate:g=gate-g cloudflare/name:a.example.dev=name-a.example.dev cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy
      warning: of the file"
    `);
  });
  it('closes a new route first, and has it wait for its dependencies', () => {
    const routed = want(
      route,
      'r',
      { host, via: 'homelab', to: 'app', gate: ref('cloudflare/gate:g') as never },
      { because },
    );
    expect(
      planText({ wants: [policy, wantGate(), routed, want(name, 'n', { target: 'x' })], lives: [wild] }),
    ).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/name:n | create | want {"target":"x"} | because: services.n
      close: close cloudflare/route:r | create · close a.example.dev | want {"host":"a.example.dev","via":"homelab","to":"503"} | reason: answers 503 until its gate exists: something else would answer in its place | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after close cloudflare/route:r | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: update cloudflare/route:r route-r | update · route a.example.dev via=homelab | after close cloudflare/route:r | after create cloudflare/gate:g | to: "503" → "app" | gate: undefined → {"$ref":"cloudflare/gate:g","template":"{id}"} | want {"host":"a.example.dev","via":"homelab","to":"app","gate":{"$ref":"cloudflare/gate:g","template":"{id}"}} | have route-r | because: services.a
      warning: of the file"
    `);
  });
});
