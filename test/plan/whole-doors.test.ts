import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../src/core/objects/door.ts';
import type { GateCheck } from '../../src/core/objects/object.ts';
import { errand, gate, live, name, route, thing, want } from './support/fakes.ts';
import { frame, livePanel, type Panel, shutter, wantPanel } from './support/panel.ts';
import {
  because,
  host,
  livePolicy,
  liveProbe,
  planText,
  policy,
  probe,
  proof,
  wantName,
  wantRoute,
} from './support/plan-text.ts';

const other = 'b.example.dev';
const guards: readonly DoorEffect[] = [{ host, step: 'guard' }];
const spec = (more: Partial<Panel> = {}): Panel => ({ admits: ['me'], does: guards, ...more });
const goes = (...gone: readonly DoorEffect[]) => spec({ gone });
const flow = (value: string) => want(thing, 'flow', { value }, { because });
const liveFlow = live(thing, 'flow', { value: 'old' });
const login = 'cloudflare/panel:login' as const;
const part = { partOf: login };
const uses = { uses: ['thing-flow'] };
const elsewhere = { host: 'c.example.dev', step: 'unguard' } as const;
const first = { host, step: 'unguard', first: true } as const;

describe('a gate that answers before all others', () => {
  it('makes room if the file guards the host by another gate', () => {
    const lives = [livePanel('old', goes(first)), livePanel('else', goes({ ...first, host: other }))];
    expect(planText({ wants: [wantPanel('new', spec())], lives })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:new | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      prove: prune cloudflare/panel:old panel-old | prune · vacate a.example.dev | after create cloudflare/panel:new | have panel-old
      retire: prune cloudflare/panel:else panel-else | prune · unguard b.example.dev | have panel-else
      warning: of the file"
    `);
  });
  it('makes room if the host is checked, whatever guards it', () => {
    const attested: GateCheck = {
      ...proof,
      host: other,
      step: 'attest',
      address: { ...proof.address, key: other },
    };
    const lives = [livePanel('old', goes(first)), livePanel('else', goes({ ...first, host: other }))];
    const { cover: _, ...bare } = proof;
    const { cover: __, ...bareToo } = attested;
    expect(planText({ lives, proofs: [bare, bareToo] })).toMatchInlineSnapshot(`
      "guard: verify edge/sight:b.example.dev | verify · attest b.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | because: services.a
      prove: prune cloudflare/panel:old panel-old | prune · vacate a.example.dev | have panel-old
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after prune cloudflare/panel:old panel-old | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/panel:else panel-else | prune · unguard b.example.dev | after verify edge/sight:b.example.dev | have panel-else
      warning: of the file"
    `);
  });
  it('does not make room if it answers later, or does not go', () => {
    const { first: _, ...last } = first;
    const lives = [livePanel('last', goes(last)), livePanel('narrows', goes({ ...first, step: 'guard' }))];
    expect(planText({ wants: [wantPanel('new', spec())], lives })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:new | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      guard: prune cloudflare/panel:narrows panel-narrows | prune · guard a.example.dev | have panel-narrows
      retire: prune cloudflare/panel:last panel-last | prune · unguard a.example.dev | after create cloudflare/panel:new | after prune cloudflare/panel:narrows panel-narrows | have panel-last
      warning: of the file"
    `);
  });
  it('goes under a cover if it guarded the complete host', () => {
    const wants = [policy, probe, wantPanel('new', spec()), wantRoute(), wantName()];
    const lives = [
      livePolicy,
      liveProbe,
      livePanel('new', spec()),
      livePanel('old', goes(first)),
      live(route, `homelab/${host}`, { host, via: 'homelab', to: 'app' }),
      live(name, host, { host, target: 'homelab' }),
    ];
    expect(planText({ wants, lives, proofs: [proof] })).toMatchInlineSnapshot(`
      "close: cover cloudflare/keeper:a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","admits":["thing-probe"]} | reason: admits only our own probe until the gate has been checked | because: services.a | interim: a.example.dev
      prove: prune cloudflare/panel:old panel-old | prune · vacate a.example.dev | after cover cloudflare/keeper:a.example.dev | have panel-old
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/panel:old panel-old | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":true,"opened":false,"changed":true} | because: services.a
      retire: prune cloudflare/keeper:a.example.dev | prune · unguard a.example.dev cover=true | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/panel:old panel-old | after verify edge/sight:a.example.dev | reason: the cover: the gate has been checked | because: services.a
      retire: verify edge/sight:a.example.dev without its cover | verify · confirm a.example.dev | after cover cloudflare/keeper:a.example.dev | after prune cloudflare/keeper:a.example.dev | after prune cloudflare/panel:old panel-old | after verify edge/sight:a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | reason: once more, without the cover | because: services.a
      kept prepare/a.example.dev/name-a.example.dev prepare/new/panel-new prepare/homelab/a.example.dev/route-homelab/a.example.dev prepare/policy/thing-policy prepare/probe/thing-probe
      known cloudflare/name:a.example.dev=name-a.example.dev cloudflare/panel:new=panel-new cloudflare/route:homelab/a.example.dev=route-homelab/a.example.dev cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('goes without a cover if it guarded a path, or another host', () => {
    const wants = [
      policy,
      probe,
      wantPanel('new', spec({ does: [...guards, { host: other, step: 'guard' }] })),
    ];
    const lives = [
      livePolicy,
      liveProbe,
      livePanel('new', spec({ does: [...guards, { host: other, step: 'guard' }] })),
      livePanel('old', goes({ ...first, part: '/a' }, { ...first, host: other })),
    ];
    expect(planText({ wants, lives, proofs: [proof] })).toMatchInlineSnapshot(`
      "prove: prune cloudflare/panel:old panel-old | prune · vacate a.example.dev part=/a · vacate b.example.dev | have panel-old
      prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | after prune cloudflare/panel:old panel-old | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | because: services.a
      kept prepare/new/panel-new prepare/policy/thing-policy prepare/probe/thing-probe
      known cloudflare/panel:new=panel-new cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
  it('needs no cover if it does not go', () => {
    const does: readonly DoorEffect[] = [{ host, step: 'unguard' }];
    const wants = [policy, probe, wantPanel('more', { admits: ['me', 'you'], does })];
    const lives = [livePolicy, liveProbe, livePanel('more', { admits: ['me'], does })];
    expect(planText({ wants, lives, proofs: [proof] })).toMatchInlineSnapshot(`
      "prove: verify edge/sight:a.example.dev | verify · prove a.example.dev | want {"expect":{"$ref":"cloudflare/gate:g","template":"{id}"},"covered":false,"opened":false,"changed":true} | because: services.a
      retire: update cloudflare/panel:more panel-more | update · unguard a.example.dev | after verify edge/sight:a.example.dev | admits: ["me"] → ["me","you"] | want {"admits":["me","you"],"does":[{"host":"a.example.dev","step":"unguard"}]} | have panel-more | because: services.a | foreseen: true
      kept prepare/policy/thing-policy prepare/probe/thing-probe
      known cloudflare/panel:more=panel-more cloudflare/thing:policy=thing-policy cloudflare/thing:probe=thing-probe
      warning: of the file"
    `);
  });
});

describe('the parts of a login', () => {
  it('that exists are removed, repaired and created before the object that it uses changes', () => {
    const ofNone = { partOf: 'cloudflare/panel:none' as const };
    const wants = [
      flow('new'),
      wantPanel('login', spec(), {
        needs: [
          'cloudflare/panel:made',
          'cloudflare/panel:opened',
          'cloudflare/thing:plain',
          'cloudflare/panel:leans',
        ],
      }),
      wantPanel('mended', spec({ admits: ['you'] })),
      wantPanel('wider', spec({ admits: ['you'], does: [...guards, elsewhere] })),
      wantPanel('made', spec()),
      wantPanel('opened', spec({ does: [...guards, elsewhere] })),
      wantPanel('alone', spec()),
      wantPanel('leans', spec(), { needs: ['cloudflare/thing:flow'] }),
      want(thing, 'plain', { value: 'v' }, { because }),
    ];
    const lives = [
      liveFlow,
      livePanel('login', spec(), uses),
      livePanel('mended', spec(), part),
      livePanel('wider', spec({ does: [...guards, elsewhere] }), part),
      livePanel('gone', goes(...guards), part),
      livePanel('not narrower', goes(...guards, elsewhere), part),
      livePanel('of another', goes(...guards), ofNone),
      livePanel('of none', goes(...guards)),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:plain | create | want {"value":"v"} | because: services.a
      guard: update cloudflare/panel:mended panel-mended | update · guard a.example.dev | admits: ["me"] → ["you"] | want {"admits":["you"],"does":[{"host":"a.example.dev","step":"guard"}]} | have panel-mended | because: services.a | foreseen: true
      guard: prune cloudflare/panel:gone panel-gone | prune · guard a.example.dev | have panel-gone
      guard: create cloudflare/panel:made | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      prepare: update cloudflare/thing:flow thing-flow | update | after create cloudflare/panel:made | after prune cloudflare/panel:gone panel-gone | after update cloudflare/panel:mended panel-mended | value: "old" → "new" | want {"value":"new"} | have thing-flow | because: services.a
      guard: create cloudflare/panel:alone | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      guard: create cloudflare/panel:leans | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      guard: create cloudflare/panel:opened | create · guard a.example.dev · unguard c.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"},{"host":"c.example.dev","step":"unguard"}]} | because: services.a
      guard: prune cloudflare/panel:not narrower panel-not narrower | prune · guard a.example.dev · unguard c.example.dev | have panel-not narrower
      guard: prune cloudflare/panel:of another panel-of another | prune · guard a.example.dev | have panel-of another
      guard: prune cloudflare/panel:of none panel-of none | prune · guard a.example.dev | have panel-of none
      guard: update cloudflare/panel:wider panel-wider | update · guard a.example.dev · unguard c.example.dev | admits: ["me"] → ["you"] | want {"admits":["you"],"does":[{"host":"a.example.dev","step":"guard"},{"host":"c.example.dev","step":"unguard"}]} | have panel-wider | because: services.a | foreseen: true
      kept prepare/login/panel-login
      known cloudflare/panel:login=panel-login cloudflare/panel:mended=panel-mended cloudflare/panel:wider=panel-wider cloudflare/thing:flow=thing-flow
      warning: of the file"
    `);
  });
  it('that changes itself come before the change', () => {
    const wants = [
      flow('new'),
      wantPanel('login', spec({ admits: ['you'] }), { needs: ['cloudflare/panel:made'] }),
      wantPanel('made', spec()),
    ];
    const lives = [liveFlow, livePanel('login', spec(), uses), livePanel('gone', goes(...guards), part)];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: prune cloudflare/panel:gone panel-gone | prune · guard a.example.dev | have panel-gone
      guard: create cloudflare/panel:made | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      prepare: update cloudflare/thing:flow thing-flow | update | after create cloudflare/panel:made | after prune cloudflare/panel:gone panel-gone | value: "old" → "new" | want {"value":"new"} | have thing-flow | because: services.a
      guard: update cloudflare/panel:login panel-login | update · guard a.example.dev | after create cloudflare/panel:made | admits: ["me"] → ["you"] | want {"admits":["you"],"does":[{"host":"a.example.dev","step":"guard"}]} | have panel-login | because: services.a | foreseen: true
      known cloudflare/panel:login=panel-login cloudflare/thing:flow=thing-flow
      warning: of the file"
    `);
  });
  it('that is created anew or goes do not delay the object that it used', () => {
    const wants = [
      flow('new'),
      wantPanel('login', spec({ path: '/new' }), { needs: ['cloudflare/panel:made'] }),
      wantPanel('made', spec()),
    ];
    const lives = [
      liveFlow,
      livePanel('login', spec(), uses),
      livePanel('gone', goes(...guards), part),
      livePanel('other', goes(...guards), uses),
      livePanel('of other', goes(...guards), { partOf: 'cloudflare/panel:other' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: update cloudflare/thing:flow thing-flow | update | value: "old" → "new" | want {"value":"new"} | have thing-flow | because: services.a
      guard: create cloudflare/panel:made | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      guard: prune cloudflare/panel:gone panel-gone | prune · guard a.example.dev | have panel-gone
      guard: prune cloudflare/panel:of other panel-of other | prune · guard a.example.dev | have panel-of other
      guard: prune cloudflare/panel:other panel-other | prune · guard a.example.dev | have panel-other
      guard: replace cloudflare/panel:login panel-login | replace · guard a.example.dev | after create cloudflare/panel:made | path: undefined → "/new" | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}],"path":"/new"} | have panel-login | because: services.a
      known cloudflare/thing:flow=thing-flow
      warning: of the file"
    `);
  });
  it('have no effect on objects that stay, go or were not read', () => {
    const wants = [want(thing, 'kept', { value: 'old' }, { because }), wantPanel('login', spec())];
    const lives = [
      liveFlow,
      live(thing, 'kept', { value: 'old' }),
      livePanel('login', spec(), { uses: ['thing-flow', 'thing-kept', 'nothing'] }),
      livePanel('gone', goes(...guards), part),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: prune cloudflare/panel:gone panel-gone | prune · guard a.example.dev | have panel-gone
      kept prepare/login/panel-login prepare/kept/thing-kept
      known cloudflare/panel:login=panel-login cloudflare/thing:kept=thing-kept
      warning: of the file"
    `);
  });
  it('that cannot be read delay the object that it uses', () => {
    const wants = [
      flow('new'),
      want(
        gate,
        'login',
        { host, admits: ['me'] },
        { because, needs: ['cloudflare/panel:made', 'cloudflare/thing:next'] },
      ),
      want(thing, 'next', { value: 'v' }, { because, needs: ['cloudflare/panel:made'] }),
      wantPanel('made', spec()),
    ];
    const lives = [liveFlow, live(gate, 'login', { host, admits: ['me'] }, uses)];
    expect(planText({ wants, lives, blind: ['cloudflare/panel'] })).toMatchInlineSnapshot(`
      "guard: refuse cloudflare/panel:made | refuse · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | reason: live objects of kind cloudflare/panel could not be read: 403 | because: services.a
      prepare: create cloudflare/thing:next | create | after refuse cloudflare/panel:made | want {"value":"v"} | because: services.a
      prepare: update cloudflare/thing:flow thing-flow | update | after refuse cloudflare/panel:made | value: "old" → "new" | want {"value":"new"} | have thing-flow | because: services.a
      kept prepare/login/gate-login
      known cloudflare/gate:login=gate-login cloudflare/thing:flow=thing-flow
      warning: of the file"
    `);
  });
  it('without their own doors are ordered at the doors of an existing login', () => {
    const does: readonly DoorEffect[] = [...guards, { host: other, step: 'guard' }];
    const wants = [wantPanel('login', spec({ does }))];
    const lives = [
      livePanel('login', spec({ does })),
      livePanel('gone', spec(), part),
      livePanel('with its own', goes({ host: other, step: 'unguard' }), part),
      livePanel('of none', spec({ does: [] })),
      live(frame, 'f', { admits: [] }),
      live(frame, 'of login', { admits: [] }, part),
      live(frame, 'of none', { admits: [] }, { partOf: 'cloudflare/panel:none' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: prune cloudflare/panel:gone panel-gone | prune · guard a.example.dev · guard b.example.dev | have panel-gone
      guard: prune cloudflare/frame:of login frame-of login | prune · guard a.example.dev · guard b.example.dev | have frame-of login
      retire: prune cloudflare/panel:with its own panel-with its own | prune · unguard b.example.dev | after prune cloudflare/frame:of login frame-of login | after prune cloudflare/panel:gone panel-gone | have panel-with its own
      clean: prune cloudflare/panel:of none panel-of none | prune | have panel-of none
      clean: prune cloudflare/frame:f frame-f | prune | have frame-f
      clean: prune cloudflare/frame:of none frame-of none | prune | have frame-of none
      kept prepare/login/panel-login
      known cloudflare/panel:login=panel-login
      warning: of the file"
    `);
  });
});

describe('an object that outlives another', () => {
  it('goes after it, or in its usual turn if the other stays', () => {
    const outlives = { outlives: ['cloudflare/thing:long' as const, 'cloudflare/thing:stays' as const] };
    const wants = [
      want(thing, 'stays', { value: 'new' }, { because }),
      want(thing, 'changes', { value: 'new' }, { because }),
    ];
    const lives = [
      live(thing, 'a', { value: 'v' }, outlives),
      live(thing, 'b', { value: 'v' }),
      live(thing, 'changes', { value: 'v' }, outlives),
      live(thing, 'long', { value: 'v' }),
      live(thing, 'stays', { value: 'v' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: update cloudflare/thing:changes thing-changes | update | value: "v" → "new" | want {"value":"new"} | have thing-changes | because: services.a
      prepare: update cloudflare/thing:stays thing-stays | update | value: "v" → "new" | want {"value":"new"} | have thing-stays | because: services.a
      clean: prune cloudflare/thing:long thing-long | prune | have thing-long
      clean: prune cloudflare/thing:a thing-a | prune | after prune cloudflare/thing:long thing-long | have thing-a
      clean: prune cloudflare/thing:b thing-b | prune | have thing-b
      known cloudflare/thing:changes=thing-changes cloudflare/thing:stays=thing-stays
      warning: of the file"
    `);
  });
  it('stays if the other is refused, or cannot be read', () => {
    const lives = [
      live(thing, 'used', { value: 'v' }),
      live(gate, 'theirs', { host, admits: [] }, { owner: 'other', uses: ['thing-used'] }),
      live(errand, 'a', { value: 'v' }, { outlives: ['cloudflare/thing:used'] }),
      live(errand, 'b', { value: 'v' }, { outlives: ['cloudflare/name:n'] }),
      live(errand, 'c', { value: 'v' }, { outlives: ['cloudflare/thing:nothing'] }),
    ];
    expect(planText({ lives, blind: ['cloudflare/name'] })).toMatchInlineSnapshot(`
      "prepare: prune cloudflare/thing:used thing-used | refuse | have thing-used | reason: cloudflare/gate:theirs is not ours and still uses it
      prepare: prune cloudflare/errand:a errand-a | refuse | have errand-a | reason: it goes once cloudflare/thing:used is seen to be gone
      prepare: prune cloudflare/errand:b errand-b | refuse | have errand-b | reason: it goes once cloudflare/name:n is seen to be gone
      clean: prune cloudflare/errand:c errand-c | prune | have errand-c
      warning: of the file"
    `);
  });
});

describe('a change with dependencies', () => {
  it('waits for created, replaced and refused objects, and for nothing else', () => {
    const wants = [
      wantPanel('all', spec(), {
        needs: [
          'cloudflare/thing:made',
          'cloudflare/thing:anew',
          'cloudflare/thing:stubborn',
          'cloudflare/thing:changes',
          'cloudflare/thing:stays',
          'cloudflare/thing:unasked',
        ],
      }),
      want(thing, 'made', { value: 'v' }, { because }),
      want(thing, 'anew', { value: 'v', link: 'new' }, { because }),
      want(thing, 'stubborn', { value: 'v' }, { because }),
      want(thing, 'changes', { value: 'v' }, { because }),
      want(thing, 'stays', { value: 'v' }, { because }),
    ];
    const lives = [
      live(thing, 'anew', { value: 'v' }),
      live(thing, 'stubborn', { value: 'stubborn' }),
      live(thing, 'changes', { value: 'old' }),
      live(thing, 'stays', { value: 'v' }),
      live(thing, 'unasked', { value: 'v' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:made | create | want {"value":"v"} | because: services.a
      prepare: refuse cloudflare/thing:stubborn thing-stubborn | refuse | value: "stubborn" → "v" | want {"value":"v"} | have thing-stubborn | reason: it cannot be changed | because: services.a
      prepare: replace cloudflare/thing:anew thing-anew | replace | link: undefined → "new" | want {"value":"v","link":"new"} | have thing-anew | because: services.a
      prepare: update cloudflare/thing:changes thing-changes | update | value: "old" → "v" | want {"value":"v"} | have thing-changes | because: services.a
      guard: create cloudflare/panel:all | create · guard a.example.dev | after create cloudflare/thing:made | after refuse cloudflare/thing:stubborn thing-stubborn | after replace cloudflare/thing:anew thing-anew | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      clean: prune cloudflare/thing:unasked thing-unasked | prune | have thing-unasked
      kept prepare/stays/thing-stays
      known cloudflare/thing:changes=thing-changes cloudflare/thing:stays=thing-stays cloudflare/thing:stubborn=thing-stubborn
      warning: of the file"
    `);
  });
  it('at all hosts of a domain waits for every change there, except its own names', () => {
    const all = '*.example.dev';
    const below = '*.below.example.dev';
    const does: readonly DoorEffect[] = [
      { host: all, step: 'guard' },
      { host: other, step: 'publish' },
    ];
    const wants = [
      wantPanel('all', spec({ does })),
      want(shutter, 'below', { admits: [], does: [{ host: below, step: 'route' }] }, { because }),
      want(
        shutter,
        'deep',
        { admits: [], does: [{ host: 'x.below.example.dev', step: 'publish' }] },
        { because },
      ),
      want(shutter, 'a', { admits: [], does: [{ host, step: 'route' }] }, { because }),
      want(shutter, 'b', { admits: [], does: [{ host: other, step: 'route' }] }, { because }),
      want(shutter, 'c', { admits: [], does: [{ host: 'elsewhere.example', step: 'close' }] }, { because }),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "close: create cloudflare/shutter:c | create · close elsewhere.example | want {"admits":[],"does":[{"host":"elsewhere.example","step":"close"}]} | because: services.a
      open: create cloudflare/shutter:b | create · route b.example.dev | want {"admits":[],"does":[{"host":"b.example.dev","step":"route"}]} | because: services.a
      guard: create cloudflare/panel:all | create · guard *.example.dev · publish b.example.dev | after create cloudflare/shutter:b | want {"admits":["me"],"does":[{"host":"*.example.dev","step":"guard"},{"host":"b.example.dev","step":"publish"}]} | because: services.a
      open: create cloudflare/shutter:a | create · route a.example.dev | after create cloudflare/panel:all | want {"admits":[],"does":[{"host":"a.example.dev","step":"route"}]} | because: services.a
      open: create cloudflare/shutter:below | create · route *.below.example.dev | after create cloudflare/panel:all | want {"admits":[],"does":[{"host":"*.below.example.dev","step":"route"}]} | because: services.a
      open: create cloudflare/shutter:deep | create · publish x.below.example.dev | after create cloudflare/panel:all | after create cloudflare/shutter:below | want {"admits":[],"does":[{"host":"x.below.example.dev","step":"publish"}]} | because: services.a
      warning: of the file"
    `);
  });
  it('of the same step waits for inner paths, among gates only', () => {
    const both = (step: DoorEffect['step'], path: string) => spec({ does: [{ host, step, part: path }] });
    const wants = [
      wantPanel('1', both('guard', '/a')),
      wantPanel('2', both('guard', '/a/b')),
      wantPanel('3', both('guard', '/ab')),
      wantPanel('4', both('route', '/a')),
      wantPanel('5', both('route', '/a/b')),
      wantPanel('6', both('unguard', '/a')),
      wantPanel('7', both('unguard', '/a/b')),
      wantPanel('8', spec({ does: [{ host, step: 'unguard' }] })),
      wantPanel('9', spec()),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:2 | create · guard a.example.dev part=/a/b | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard","part":"/a/b"}]} | because: services.a
      guard: create cloudflare/panel:1 | create · guard a.example.dev part=/a | after create cloudflare/panel:2 | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard","part":"/a"}]} | because: services.a
      guard: create cloudflare/panel:3 | create · guard a.example.dev part=/ab | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard","part":"/ab"}]} | because: services.a
      guard: create cloudflare/panel:9 | create · guard a.example.dev | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"guard"}]} | because: services.a
      open: create cloudflare/panel:4 | create · route a.example.dev part=/a | after create cloudflare/panel:1 | after create cloudflare/panel:2 | after create cloudflare/panel:3 | after create cloudflare/panel:9 | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"route","part":"/a"}]} | because: services.a
      open: create cloudflare/panel:5 | create · route a.example.dev part=/a/b | after create cloudflare/panel:1 | after create cloudflare/panel:2 | after create cloudflare/panel:3 | after create cloudflare/panel:9 | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"route","part":"/a/b"}]} | because: services.a
      retire: create cloudflare/panel:6 | create · unguard a.example.dev part=/a | after create cloudflare/panel:1 | after create cloudflare/panel:2 | after create cloudflare/panel:3 | after create cloudflare/panel:4 | after create cloudflare/panel:5 | after create cloudflare/panel:9 | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"unguard","part":"/a"}]} | because: services.a
      retire: create cloudflare/panel:7 | create · unguard a.example.dev part=/a/b | after create cloudflare/panel:1 | after create cloudflare/panel:2 | after create cloudflare/panel:3 | after create cloudflare/panel:4 | after create cloudflare/panel:5 | after create cloudflare/panel:6 | after create cloudflare/panel:9 | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"unguard","part":"/a/b"}]} | because: services.a
      retire: create cloudflare/panel:8 | create · unguard a.example.dev | after create cloudflare/panel:1 | after create cloudflare/panel:2 | after create cloudflare/panel:3 | after create cloudflare/panel:4 | after create cloudflare/panel:5 | after create cloudflare/panel:9 | want {"admits":["me"],"does":[{"host":"a.example.dev","step":"unguard"}]} | because: services.a
      warning: of the file"
    `);
  });
});
