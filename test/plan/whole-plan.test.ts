import { describe, expect, it } from 'vitest';
import { UnsafeError } from '../../src/core/errors.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { errand, gate, live, name, place, route, thing, want } from './support/fakes.ts';
import {
  because,
  host,
  liveGate,
  liveName,
  livePolicy,
  liveRoute,
  opening,
  planOf,
  planText,
  policy,
  standingObjects,
  wantName,
  wantRoute,
  wild,
} from './support/plan-text.ts';

describe('the complete plan', () => {
  it('opens a host', () => {
    expect(planText({ wants: opening })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/thing:probe | create | want {"value":"probe"} | because: all
      guard: create cloudflare/gate:g | create · guard a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after create cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after create cloudflare/gate:g | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      warning: of the file"
    `);
  });
  it('opens a host below a foreign wildcard: closed first', () => {
    expect(planText({ wants: opening, lives: [wild] })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: create cloudflare/thing:probe | create | want {"value":"probe"} | because: all
      close: close cloudflare/route:homelab/a.example.dev | create · close a.example.dev | want {"host":"a.example.dev","via":"homelab","to":"503"} | reason: answers 503 until its gate exists: something else would answer in its place | because: services.a
      guard: create cloudflare/gate:g | create · guard a.example.dev | after close cloudflare/route:homelab/a.example.dev | after create cloudflare/thing:policy | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | because: services.a
      open: update cloudflare/route:homelab/a.example.dev route-r | update · route a.example.dev via=homelab | after close cloudflare/route:homelab/a.example.dev | after create cloudflare/gate:g | to: "503" → "app" | want {"host":"a.example.dev","via":"homelab","to":"app"} | have route-r | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after close cloudflare/route:homelab/a.example.dev | after create cloudflare/gate:g | after update cloudflare/route:homelab/a.example.dev route-r | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      warning: of the file"
    `);
  });
  it('opens a public host below a foreign wildcard: nobody is to be kept out', () => {
    expect(planText({ wants: [wantRoute(), wantName()], lives: [wild] })).toMatchInlineSnapshot(`
      "open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after create cloudflare/route:homelab/a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      warning: of the file"
    `);
  });
  it('removes a host: 503, then its name and rule, then its gate, and the objects that the gate used', () => {
    expect(planText({ lives: standingObjects })).toMatchInlineSnapshot(`
      "close: close cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | update · close a.example.dev | to: "app" → "503" | want {"host":"a.example.dev","via":"homelab","to":"503"} | have route-homelab/a.example.dev | reason: answers 503 before it is taken away
      close: prune cloudflare/name:a.example.dev name-a.example.dev | prune · close a.example.dev live=true | have name-a.example.dev
      retire: prune cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | prune · unroute a.example.dev via=homelab live=true | after close cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | after prune cloudflare/name:a.example.dev name-a.example.dev | have route-homelab/a.example.dev
      retire: prune cloudflare/gate:g gate-g | prune · unguard a.example.dev | after close cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | after prune cloudflare/name:a.example.dev name-a.example.dev | after prune cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | have gate-g
      clean: prune cloudflare/thing:policy thing-policy | prune | after prune cloudflare/gate:g gate-g | have thing-policy
      clean: prune cloudflare/thing:probe thing-probe | prune | have thing-probe
      warning: of the file"
    `);
  });
  it('removes a host below a wildcard: its rule stays, closed', () => {
    const at = 'wild.example.dev';
    expect(planText({ lives: [liveRoute(at, 'homelab', 'stays'), liveName(at)] })).toMatchInlineSnapshot(`
      "close: close cloudflare/route:homelab/wild.example.dev route-homelab/wild.example.dev | update · close wild.example.dev | to: "stays" → "503" | want {"host":"wild.example.dev","via":"homelab","to":"503"} | have route-homelab/wild.example.dev | reason: answers 503 for good: what stands behind it would answer instead
      close: prune cloudflare/name:wild.example.dev name-wild.example.dev | prune · close wild.example.dev live=true | have name-wild.example.dev
      warning: of the file"
    `);
  });
  it('keeps a retained object unless another takes its place', () => {
    const lives = [
      live(thing, 'not-new', { value: 'keep me' }),
      live(thing, 'not-other', { value: 'keep me' }),
    ];
    expect(planText({ wants: [want(thing, 'new', { value: 'v' })], lives })).toMatchInlineSnapshot(`
      "clean: prune cloudflare/thing:not-new thing-not-new | prune | have thing-not-new
      prepare: create cloudflare/thing:new | create | after prune cloudflare/thing:not-new thing-not-new | want {"value":"v"} | because: services.new
      warning: of the file"
    `);
  });
  it('removes parts of a remaining gate: it narrows at once, the last part is exchanged, despite foreign routes', () => {
    const wants = [want(gate, 'all', { host, admits: ['me'] })];
    const part = { host: '*.example.dev', partOf: 'all' };
    const lives = [
      live(gate, 'all', { host, admits: ['me'] }),
      live(gate, 'you', { ...part, admits: ['you'] }),
      live(gate, 'last', { ...part, admits: [] }),
      live(route, 'theirs', { host: part.host, via: 'homelab', to: 'theirs' }, { owner: undefined }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: prune cloudflare/gate:you gate-you | prune · guard *.example.dev | have gate-you
      guard: prune cloudflare/gate:last gate-last | prune · change a.example.dev | after prune cloudflare/gate:you gate-you | have gate-last
      kept prepare/all/gate-all
      known cloudflare/gate:all=gate-all
      warning: of the file"
    `);
  });
  it('moves a host to another carrier: nothing is closed in between', () => {
    const wants = [wantRoute(host, 'other'), wantName()];
    expect(planText({ wants, lives: [liveRoute(), liveName()] })).toMatchInlineSnapshot(`
      "open: create cloudflare/route:other/a.example.dev | create · route a.example.dev via=other | want {"host":"a.example.dev","via":"other","to":"app"} | because: services.a
      retire: prune cloudflare/route:homelab/a.example.dev route-homelab/a.example.dev | prune · unroute a.example.dev via=homelab live=true | after create cloudflare/route:other/a.example.dev | have route-homelab/a.example.dev
      kept prepare/a.example.dev/name-a.example.dev
      known cloudflare/name:a.example.dev=name-a.example.dev
      warning: of the file"
    `);
  });
  it('moves a host to another carrier below a wildcard: its old rule is closed last', () => {
    const at = 'wild.example.dev';
    const wants = [wantRoute(at, 'other'), wantName(at)];
    expect(
      planText({ wants, lives: [liveRoute(at, 'homelab', 'stays'), liveName(at)] }),
    ).toMatchInlineSnapshot(`
      "open: create cloudflare/route:other/wild.example.dev | create · route wild.example.dev via=other | want {"host":"wild.example.dev","via":"other","to":"app"} | because: services.a
      retire: close cloudflare/route:homelab/wild.example.dev route-homelab/wild.example.dev | update · unroute wild.example.dev via=homelab | after create cloudflare/route:other/wild.example.dev | to: "stays" → "503" | want {"host":"wild.example.dev","via":"homelab","to":"503"} | have route-homelab/wild.example.dev | reason: answers 503 for good: what stands behind it would answer instead
      kept prepare/wild.example.dev/name-wild.example.dev
      known cloudflare/name:wild.example.dev=name-wild.example.dev
      warning: of the file"
    `);
  });
  it('moves a claim from one gate to another', () => {
    const wants = [
      want(gate, 'g', { host, admits: ['me', 'you'], claims: ['/'] }, { because }),
      want(gate, 'h', { host, admits: ['you'], claims: ['/a'] }),
      want(gate, 'i', { host, admits: ['us'], claims: ['/b'] }),
    ];
    const lives = [live(gate, 'g', { host, admits: ['me'], claims: ['/', '/a', '/b'] })];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: release cloudflare/gate:g gate-g | update · guard a.example.dev | claims: ["/","/a","/b"] → ["/"] | want {"host":"a.example.dev","admits":["me"],"claims":["/"]} | have gate-g | reason: releases what h and i takes over | because: services.a
      guard: create cloudflare/gate:h | create · guard a.example.dev | after release cloudflare/gate:g gate-g | want {"host":"a.example.dev","admits":["you"],"claims":["/a"]} | because: services.h
      guard: create cloudflare/gate:i | create · guard a.example.dev | after release cloudflare/gate:g gate-g | want {"host":"a.example.dev","admits":["us"],"claims":["/b"]} | because: services.i
      retire: update cloudflare/gate:g gate-g | update · unguard a.example.dev | after create cloudflare/gate:h | after create cloudflare/gate:i | after release cloudflare/gate:g gate-g | admits: ["me"] → ["me","you"] | claims: ["/","/a","/b"] → ["/"] | want {"host":"a.example.dev","admits":["me","you"],"claims":["/"]} | have gate-g | because: services.a
      known cloudflare/gate:g=gate-g
      warning: of the file"
    `);
  });
  it('moves a claim from a leaving gate, and changes nothing else of another', () => {
    const wants = [want(gate, 'h', { host, admits: ['you'], claims: ['/a'] })];
    const lives = [
      live(gate, 'g', { host, admits: ['me'], claims: ['/a'] }),
      live(gate, 'k', { host, admits: ['me'], claims: ['/k'] }, { owner: 'work' }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: release cloudflare/gate:g gate-g | update · guard a.example.dev | claims: ["/a"] → [] | want {"host":"a.example.dev","admits":["me"],"claims":[]} | have gate-g | reason: releases what h takes over
      guard: create cloudflare/gate:h | create · guard a.example.dev | after release cloudflare/gate:g gate-g | want {"host":"a.example.dev","admits":["you"],"claims":["/a"]} | because: services.h
      retire: prune cloudflare/gate:g gate-g | prune · unguard a.example.dev | after create cloudflare/gate:h | after release cloudflare/gate:g gate-g | have gate-g
      warning: of the file"
    `);
  });
  it('opens all hosts of a domain: a step at each of them and at no other', () => {
    const wants = [
      want(gate, 'all', { host: '*.example.dev', admits: ['me'] }),
      wantRoute(),
      wantRoute('b.example.dev'),
      wantRoute('elsewhere.org'),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "guard: create cloudflare/gate:all | create · guard *.example.dev | want {"host":"*.example.dev","admits":["me"]} | because: services.all
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after create cloudflare/gate:all | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/route:homelab/b.example.dev | create · route b.example.dev via=homelab | after create cloudflare/gate:all | want {"host":"b.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/route:homelab/elsewhere.org | create · route elsewhere.org via=homelab | want {"host":"elsewhere.org","via":"homelab","to":"app"} | because: services.a
      warning: of the file"
    `);
  });
});

describe('the complete plan leaves out a change', () => {
  it('because kinds could not be read', () => {
    const wants = [policy, wantName()];
    const lives = [liveName('b.example.dev'), live(thing, 'old', { value: 'old' }), liveGate];
    expect(planText({ wants, lives, blind: [route.kind] })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      prepare: prune cloudflare/thing:old thing-old | refuse | have thing-old | reason: cloudflare/route could not be read: one may still use it
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      open: prune cloudflare/name:b.example.dev name-b.example.dev | refuse · publish b.example.dev live=true | have name-b.example.dev | reason: cloudflare/route could not be read: something may still serve b.example.dev
      retire: prune cloudflare/gate:g gate-g | prune · unguard a.example.dev | after create cloudflare/name:a.example.dev | have gate-g
      warning: of the file"
    `);
    expect(planText({ wants, lives, blind: [place.kind] })).toMatchInlineSnapshot(`
      "prepare: create cloudflare/thing:policy | create | want {"value":"me"} | because: services.a
      close: prune cloudflare/name:b.example.dev name-b.example.dev | prune · close b.example.dev live=true | have name-b.example.dev
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      retire: prune cloudflare/gate:g gate-g | prune · unguard a.example.dev | after create cloudflare/name:a.example.dev | have gate-g
      clean: prune cloudflare/thing:old thing-old | prune | have thing-old
      warning: of the file"
    `);
  });
  it('because its kind could not be read: changes that refer to it wait', () => {
    expect(planText({ wants: opening, blind: [thing.kind] })).toMatchInlineSnapshot(`
      "prepare: refuse cloudflare/thing:policy | refuse | want {"value":"me"} | reason: live objects of kind cloudflare/thing could not be read: 403 | because: services.a
      prepare: refuse cloudflare/thing:probe | refuse | want {"value":"probe"} | reason: live objects of kind cloudflare/thing could not be read: 403 | because: all
      guard: refuse cloudflare/gate:g | refuse · guard a.example.dev | want {"host":"a.example.dev","admits":["me"],"policy":{"$ref":"cloudflare/thing:policy","template":"{id}"}} | reason: live objects of kind cloudflare/thing could not be read: 403 | because: services.a
      open: create cloudflare/route:homelab/a.example.dev | create · route a.example.dev via=homelab | after refuse cloudflare/gate:g | want {"host":"a.example.dev","via":"homelab","to":"app"} | because: services.a
      open: create cloudflare/name:a.example.dev | create · publish a.example.dev | after create cloudflare/route:homelab/a.example.dev | after refuse cloudflare/gate:g | want {"host":"a.example.dev","target":"homelab"} | because: services.a
      warning: of the file"
    `);
  });
  it('because a foreign object still uses or serves it', () => {
    const lives = [
      livePolicy,
      live(gate, 'theirs', { host: 'b.example.dev', admits: [] }, { owner: 'work', uses: ['thing-policy'] }),
      liveName('c.example.dev'),
      live(route, 'c', { host: 'c.example.dev', via: 'homelab', to: 'app' }, { owner: 'work' }),
      liveName('d.example.dev'),
      live(route, 'd', { host: 'd.example.dev', via: 'homelab', to: '503' }, { owner: 'work' }),
    ];
    expect(planText({ lives })).toMatchInlineSnapshot(`
      "prepare: prune cloudflare/thing:policy thing-policy | refuse | have thing-policy | reason: cloudflare/gate:theirs is not ours and still uses it
      close: prune cloudflare/name:d.example.dev name-d.example.dev | prune · close d.example.dev live=true | have name-d.example.dev
      open: prune cloudflare/name:c.example.dev name-c.example.dev | refuse · publish c.example.dev live=true | have name-c.example.dev | reason: cloudflare/route:c is not ours and still serves c.example.dev: remove it first
      warning: of the file"
    `);
  });
  it('because the file refuses the service, or pruning is off', () => {
    const refusals = [{ service: 'a', host, reason: 'it cannot be built' }];
    const lives = [...standingObjects, live(errand, 'end', { value: 'end', link: host })];
    expect(planText({ lives, refusals })).toMatchInlineSnapshot(`
      "prepare: refuse cloudflare/service:a.example.dev | refuse | reason: it cannot be built | because: services.a
      guard: prune cloudflare/errand:end errand-end | prune · guard a.example.dev | have errand-end
      clean: prune cloudflare/thing:probe thing-probe | prune | have thing-probe
      warning: of the file"
    `);
    expect(planText({ lives, options: { prune: false } })).toMatchInlineSnapshot(`
      "guard: prune cloudflare/errand:end errand-end | prune · guard a.example.dev | have errand-end
      warning: of the file
      warning: reconcile.prune is off: 3 objects that the file no longer asks for are left as they are"
    `);
    expect(planText({ lives: [livePolicy], options: { prune: false } })).toMatchInlineSnapshot(
      `"warning: of the file"`,
    );
  });
  it('because the file refuses the service: but a part of a gate that it asks for elsewhere goes', () => {
    const refusals = [{ service: 'a', host, reason: 'it cannot be built' }];
    const wants = [want(gate, 'all', { host: 'b.example.dev', admits: ['me'] })];
    const part = { host: '*.example.dev', admits: ['you'] };
    const lives = [
      live(gate, 'all', { host: 'b.example.dev', admits: ['me'] }),
      live(gate, 'goes', { ...part, partOf: 'all' }),
      live(gate, 'stays', { ...part, partOf: 'nothing' }),
    ];
    expect(planText({ wants, lives, refusals })).toMatchInlineSnapshot(`
      "prepare: refuse cloudflare/service:a.example.dev | refuse | reason: it cannot be built | because: services.a
      guard: prune cloudflare/gate:goes gate-goes | prune · guard *.example.dev | have gate-goes
      kept prepare/all/gate-all
      known cloudflare/gate:all=gate-all
      warning: of the file"
    `);
  });
  it('because the changes exceed the limits', () => {
    const names = ['0', '1', '2', '3', '4', '5', '6'];
    const limits = { prune: 0.5, change: 0.5, floor: 2 };
    const plain = (target: string) => names.slice(0, 4).map((key) => live(name, key, { target }));
    const wants = names.slice(0, 4).map((key) => want(name, key, { target: 'new' }));
    expect(planText({ wants, lives: plain('old'), options: { limits } })).toMatchInlineSnapshot(`
      "prepare: update cloudflare/name:0 name-0 | refuse | target: "old" → "new" | want {"target":"new"} | have name-0 | reason: this would rewrite 4 of 4, over the limit of 50 %: \`gates apply --allow change\` does it, or a commit that ends in \`Gates-Allow: change\` | because: services.0
      prepare: update cloudflare/name:1 name-1 | refuse | target: "old" → "new" | want {"target":"new"} | have name-1 | reason: this would rewrite 4 of 4, over the limit of 50 %: \`gates apply --allow change\` does it, or a commit that ends in \`Gates-Allow: change\` | because: services.1
      prepare: update cloudflare/name:2 name-2 | refuse | target: "old" → "new" | want {"target":"new"} | have name-2 | reason: this would rewrite 4 of 4, over the limit of 50 %: \`gates apply --allow change\` does it, or a commit that ends in \`Gates-Allow: change\` | because: services.2
      prepare: update cloudflare/name:3 name-3 | refuse | target: "old" → "new" | want {"target":"new"} | have name-3 | reason: this would rewrite 4 of 4, over the limit of 50 %: \`gates apply --allow change\` does it, or a commit that ends in \`Gates-Allow: change\` | because: services.3
      known cloudflare/name:0=name-0 cloudflare/name:1=name-1 cloudflare/name:2=name-2 cloudflare/name:3=name-3
      warning: of the file"
    `);
    expect(planText({ lives: plain('old'), options: { limits } })).toMatchInlineSnapshot(`
      "prepare: prune cloudflare/name:0 name-0 | refuse | have name-0 | reason: this would remove 4 of 4, over the limit of 50 %: \`gates apply --allow prune\` does it, or a commit that ends in \`Gates-Allow: prune\`
      prepare: prune cloudflare/name:1 name-1 | refuse | have name-1 | reason: this would remove 4 of 4, over the limit of 50 %: \`gates apply --allow prune\` does it, or a commit that ends in \`Gates-Allow: prune\`
      prepare: prune cloudflare/name:2 name-2 | refuse | have name-2 | reason: this would remove 4 of 4, over the limit of 50 %: \`gates apply --allow prune\` does it, or a commit that ends in \`Gates-Allow: prune\`
      prepare: prune cloudflare/name:3 name-3 | refuse | have name-3 | reason: this would remove 4 of 4, over the limit of 50 %: \`gates apply --allow prune\` does it, or a commit that ends in \`Gates-Allow: prune\`
      warning: of the file"
    `);
    const half = [...plain('old'), ...names.slice(4).map((key) => live(name, key, { target: 'new' }))];
    const kept = names.slice(2).map((key) => want(name, key, { target: 'new' }));
    expect(planText({ wants: kept, lives: half, options: { limits } })).toMatchInlineSnapshot(`
      "prepare: update cloudflare/name:2 name-2 | update | target: "old" → "new" | want {"target":"new"} | have name-2 | because: services.2
      prepare: update cloudflare/name:3 name-3 | update | target: "old" → "new" | want {"target":"new"} | have name-3 | because: services.3
      clean: prune cloudflare/name:0 name-0 | prune | have name-0
      clean: prune cloudflare/name:1 name-1 | prune | have name-1
      kept prepare/4/name-4 prepare/5/name-5 prepare/6/name-6
      known cloudflare/name:2=name-2 cloudflare/name:3=name-3 cloudflare/name:4=name-4 cloudflare/name:5=name-5 cloudflare/name:6=name-6
      warning: of the file"
    `);
  });
  it('because the adoptions exceed the limits', () => {
    const limits = { prune: 0.5, change: 0.5, floor: 1 };
    const wants = ['0', '1', '2'].map((key) => want(name, key, { target: 'new' }));
    const strange = ['0', '1'].map((key) => live(name, key, { target: 'old' }, { owner: undefined }));
    const lives = [...strange, live(name, '2', { target: 'new' })];
    const { changes } = planOf({ wants, lives, options: { limits, adopt: true } });
    expect(changes.map(({ id, verb }) => [id, verb])).toEqual([
      ['adopt cloudflare/name:0 name-0', 'refuse'],
      ['adopt cloudflare/name:1 name-1', 'refuse'],
      ['keep cloudflare/name:2 name-2', 'keep'],
    ]);
  });
  it('because it is foreign, which disabled pruning does not report', () => {
    const lives = [live(name, 'theirs', { host, target: 'x' }, { owner: 'work' })];
    expect(planText({ lives, options: { prune: false } })).toMatchInlineSnapshot(`"warning: of the file"`);
  });
  it('because it is in no zone of the file', () => {
    expect(planText({ lives: [liveName('example.org'), liveName('example.dev')] })).toMatchInlineSnapshot(`
      "close: prune cloudflare/name:example.dev name-example.dev | prune · close example.dev live=true | have name-example.dev
      close: prune cloudflare/name:example.org name-example.org | refuse · close example.org live=true | have name-example.org | reason: example.org is in no zone of the file: \`gates apply --allow prune\` removes it
      warning: of the file"
    `);
  });
  it('because the same object exists several times', () => {
    const twin = (id: string, createdAt?: string, value = 'me') =>
      live(thing, 'policy', { value }, { id, ...(createdAt !== undefined && { createdAt }) });
    const lives = [twin('c'), twin('b', '2026-02-01'), twin('a', '2026-03-01'), twin('d', '2026-01-01')];
    expect(planText({ wants: [policy], lives })).toMatchInlineSnapshot(`
      "clean: prune cloudflare/thing:policy a | prune | have a | reason: the same object exists several times: one is kept
      clean: prune cloudflare/thing:policy b | prune | have b | reason: the same object exists several times: one is kept
      clean: prune cloudflare/thing:policy c | prune | have c | reason: the same object exists several times: one is kept
      kept prepare/policy/d
      known cloudflare/thing:policy=d
      warning: of the file"
    `);
    expect(planText({ wants: [policy], lives: [twin('b'), twin('a')] })).toMatchInlineSnapshot(`
      "clean: prune cloudflare/thing:policy b | prune | have b | reason: the same object exists several times: one is kept
      kept prepare/policy/a
      known cloudflare/thing:policy=a
      warning: of the file"
    `);
    expect(
      planText({ wants: [policy], lives: [twin('b'), twin('a', undefined, 'you')] }),
    ).toMatchInlineSnapshot(`
      "clean: prune cloudflare/thing:policy a | prune | have a | reason: the same object exists several times: one is kept
      kept prepare/policy/b
      known cloudflare/thing:policy=b
      warning: of the file"
    `);
  });
});

describe('a contradictory plan', () => {
  const circle = [
    want(thing, 'a', { value: 'a', link: ref('cloudflare/thing:b') }),
    want(thing, 'b', { value: 'b', link: ref('cloudflare/thing:a') }),
  ];
  it.each([
    { wants: circle, detail: 'address', because: 'objects that refer to each other cannot be made' },
    {
      wants: [want({ ...thing, kind: 'cloudflare/nothing' }, 'x', { value: 'x' })],
      detail: 'address',
      because: 'nobody could write it',
    },
  ])('is an error that names the object: $because', ({ wants, detail }) => {
    const plan = () => planOf({ wants });
    expect(plan).toThrow(UnsafeError);
    expect(plan).toThrow(
      expect.objectContaining({ facts: { [detail]: expect.stringMatching(/^cloudflare/) } }),
    );
  });
  it('refuses the changes that wait for each other, and names them', () => {
    const lives = [
      live(gate, 'a', { host: 'a.example.dev', admits: ['me'] }, { uses: ['gate-b'] }),
      live(gate, 'b', { host: 'b.example.dev', admits: ['me'] }, { uses: ['gate-a'] }),
      live(route, 'r', { host: 'b.example.dev', via: 'homelab', to: '503' }),
    ];
    const text =
      'prune cloudflare/gate:a gate-a needs prune cloudflare/gate:b gate-b needs prune cloudflare/gate:a gate-a';
    const reason = `Bug in gates: this change needs itself. Please report it (${text})`;
    expect(planOf({ lives }).changes.map(({ id, verb, reason: why }) => [id, verb, why])).toEqual([
      ['prune cloudflare/gate:a gate-a', 'refuse', reason],
      ['prune cloudflare/gate:b gate-b', 'refuse', reason],
      ['prune cloudflare/route:r route-r', 'prune', undefined],
    ]);
  });
});
