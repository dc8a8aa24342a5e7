import { describe, expect, it } from 'vitest';
import { gate, live, route, want } from './support/fakes.ts';
import { at, frame, livePanel, shutter, wantPanel } from './support/panel.ts';
import { because, host, planText } from './support/plan-text.ts';

const other = 'b.example.dev';
/** A panel around all paths of the host. */
const around = (claims: readonly string[], admits = ['me']) => ({
  admits,
  claims,
  does: [{ host, step: 'guard' as const }],
  gone: [{ host, step: 'unguard' as const }],
});
const keep = { prune: false };

describe('an outer gate', () => {
  it('takes paths below a new inner one, changes, and releases paths below another', () => {
    const wants = [
      wantPanel('g', around(['/b/*'], ['you'])),
      wantPanel('b', at('/b')),
      wantPanel('bb', at('/b/longer')),
    ];
    const lives = [
      livePanel('g', around(['/a/*'])),
      livePanel('a', at('/a')),
      livePanel('aa', at('/a/longer')),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: take cloudflare/panel:g panel-g | update · guard a.example.dev part=/b/longer | claims: ["/a/*"] → ["/a/*","/b/*"] | want {"admits":["me"],"claims":["/a/*","/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: update cloudflare/panel:g panel-g | update · guard a.example.dev | after take cloudflare/panel:g panel-g | admits: ["me"] → ["you"] | want {"admits":["you"],"claims":["/a/*","/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | because: services.a | foreseen: true
      guard: create cloudflare/panel:bb | create · divide a.example.dev part=/b/longer | after take cloudflare/panel:g panel-g | after update cloudflare/panel:g panel-g | want {"admits":["me"],"path":"/b/longer","does":[{"host":"a.example.dev","step":"guard","part":"/b/longer"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b/longer"}]} | because: services.a
      guard: create cloudflare/panel:b | create · divide a.example.dev part=/b | after create cloudflare/panel:bb | after take cloudflare/panel:g panel-g | after update cloudflare/panel:g panel-g | want {"admits":["me"],"path":"/b","does":[{"host":"a.example.dev","step":"guard","part":"/b"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b"}]} | because: services.a
      retire: prune cloudflare/panel:a panel-a | prune · unguard a.example.dev part=/a | after create cloudflare/panel:b | after create cloudflare/panel:bb | after take cloudflare/panel:g panel-g | after update cloudflare/panel:g panel-g | have panel-a
      retire: prune cloudflare/panel:aa panel-aa | prune · unguard a.example.dev part=/a/longer | after create cloudflare/panel:b | after create cloudflare/panel:bb | after prune cloudflare/panel:a panel-a | after take cloudflare/panel:g panel-g | after update cloudflare/panel:g panel-g | have panel-aa
      retire: give cloudflare/panel:g panel-g | update · unguard a.example.dev part=/a/longer | after create cloudflare/panel:b | after create cloudflare/panel:bb | after prune cloudflare/panel:a panel-a | after prune cloudflare/panel:aa panel-aa | after take cloudflare/panel:g panel-g | after update cloudflare/panel:g panel-g | claims: ["/a/*"] → ["/b/*"] | want {"admits":["you"],"claims":["/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | reason: releases what lies below the path: the file has no gate there any more | because: services.a
      known cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('takes and releases nothing if another kind guards the path, or a path below it', () => {
    const wants = [
      wantPanel('g', around(['/b/*', '/c/*'], ['you'])),
      want(gate, 'b', { host, admits: ['me'], path: '/b' }, { because }),
      want(gate, 'c', { host, admits: ['me'], claims: ['/c/*'] }, { because }),
    ];
    const lives = [
      livePanel('g', around(['/a/*'])),
      live(gate, 'a', { host, admits: ['me'], path: '/a' }),
      live(gate, 'c', { host, admits: ['me'], claims: ['/c/*'] }),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: update cloudflare/panel:g panel-g | update · guard a.example.dev | admits: ["me"] → ["you"] | claims: ["/a/*"] → ["/b/*","/c/*"] | want {"admits":["you"],"claims":["/b/*","/c/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | because: services.a | foreseen: true
      guard: create cloudflare/gate:b | create · divide a.example.dev part=/b | after update cloudflare/panel:g panel-g | want {"host":"a.example.dev","admits":["me"],"path":"/b"} | because: services.a
      retire: prune cloudflare/gate:a gate-a | prune · unguard a.example.dev part=/a | after create cloudflare/gate:b | after update cloudflare/panel:g panel-g | have gate-a
      kept prepare/c/gate-c
      known cloudflare/gate:c=gate-c cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('takes and releases claims even if another kind has the same ones by name', () => {
    const theirs = { host, admits: ['me'], claims: ['/a/*', '/b/*'] };
    const wants = [
      wantPanel('g', around(['/b/*'])),
      wantPanel('b', at('/b')),
      want(gate, 'c', theirs, { because }),
    ];
    const lives = [livePanel('g', around(['/a/*'])), livePanel('a', at('/a')), live(gate, 'c', theirs)];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: take cloudflare/panel:g panel-g | update · guard a.example.dev part=/b | claims: ["/a/*"] → ["/a/*","/b/*"] | want {"admits":["me"],"claims":["/a/*","/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: create cloudflare/panel:b | create · divide a.example.dev part=/b | after take cloudflare/panel:g panel-g | want {"admits":["me"],"path":"/b","does":[{"host":"a.example.dev","step":"guard","part":"/b"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b"}]} | because: services.a
      retire: prune cloudflare/panel:a panel-a | prune · unguard a.example.dev part=/a | after create cloudflare/panel:b | after take cloudflare/panel:g panel-g | have panel-a
      retire: give cloudflare/panel:g panel-g | update · unguard a.example.dev part=/a | after create cloudflare/panel:b | after prune cloudflare/panel:a panel-a | after take cloudflare/panel:g panel-g | claims: ["/a/*"] → ["/b/*"] | want {"admits":["me"],"claims":["/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | reason: releases what lies below the path: the file has no gate there any more | because: services.a
      kept prepare/c/gate-c
      known cloudflare/gate:c=gate-c cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('ignores an inner path at another host, or one without a part', () => {
    const wants = [
      wantPanel('g', around(['/b/*', '/d/*'])),
      wantPanel('b', at('/b', { does: [{ host: other, step: 'guard', part: '/b' }] })),
      wantPanel('d', at('/d', { does: [{ host, step: 'guard' }] })),
    ];
    const lives = [
      livePanel('g', around(['/a/*', '/c/*'])),
      livePanel('a', at('/a', { gone: [{ host: other, step: 'unguard', part: '/a' }] })),
      livePanel('c', at('/c', { gone: [{ host, step: 'unguard' }] })),
    ];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:b | create · guard b.example.dev part=/b | want {"admits":["me"],"path":"/b","does":[{"host":"b.example.dev","step":"guard","part":"/b"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b"}]} | because: services.a
      guard: create cloudflare/panel:d | create · guard a.example.dev | want {"admits":["me"],"path":"/d","does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/d"}]} | because: services.a
      guard: update cloudflare/panel:g panel-g | update · guard a.example.dev | claims: ["/a/*","/c/*"] → ["/b/*","/d/*"] | want {"admits":["me"],"claims":["/b/*","/d/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | because: services.a
      retire: prune cloudflare/panel:a panel-a | prune · unguard b.example.dev part=/a | after create cloudflare/panel:b | have panel-a
      retire: prune cloudflare/panel:c panel-c | prune · unguard a.example.dev | after create cloudflare/panel:d | after update cloudflare/panel:g panel-g | have panel-c
      known cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('considers an inner path that is at this host among others', () => {
    const does = [
      { host: other, step: 'guard' as const },
      { host, step: 'guard' as const, part: '/b' },
    ];
    const wants = [wantPanel('g', around(['/b/*'])), wantPanel('b', at('/b', { does }))];
    expect(planText({ wants, lives: [livePanel('g', around([]))] })).toMatchInlineSnapshot(`
      "guard: take cloudflare/panel:g panel-g | update · guard a.example.dev part=/b | claims: [] → ["/b/*"] | want {"admits":["me"],"claims":["/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: create cloudflare/panel:b | create · divide b.example.dev · divide a.example.dev part=/b | after take cloudflare/panel:g panel-g | want {"admits":["me"],"path":"/b","does":[{"host":"b.example.dev","step":"guard"},{"host":"a.example.dev","step":"guard","part":"/b"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b"}]} | because: services.a
      known cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('takes and releases nothing if the inner path only changes', () => {
    const wants = [
      wantPanel('g', around(['/b/*'])),
      wantPanel('a', at('/a', { admits: ['you'] })),
      wantPanel('b', at('/b', { admits: ['you'] })),
    ];
    const lives = [livePanel('g', around(['/a/*'])), livePanel('a', at('/a')), livePanel('b', at('/b'))];
    expect(planText({ wants, lives })).toMatchInlineSnapshot(`
      "guard: update cloudflare/panel:a panel-a | update · guard a.example.dev part=/a | admits: ["me"] → ["you"] | want {"admits":["you"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}]} | have panel-a | because: services.a | foreseen: true
      guard: update cloudflare/panel:b panel-b | update · guard a.example.dev part=/b | admits: ["me"] → ["you"] | want {"admits":["you"],"path":"/b","does":[{"host":"a.example.dev","step":"guard","part":"/b"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b"}]} | have panel-b | because: services.a | foreseen: true
      guard: update cloudflare/panel:g panel-g | update · guard a.example.dev | claims: ["/a/*"] → ["/b/*"] | want {"admits":["me"],"claims":["/b/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | because: services.a
      known cloudflare/panel:a=panel-a cloudflare/panel:b=panel-b cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('keeps, without pruning, what lies below our remaining paths at this host', () => {
    const lives = [
      livePanel('g', around(['/a/*', '/b/*', '/c/*', '/d/*'])),
      livePanel('a', at('/a')),
      livePanel('b', at('/b'), { owner: 'other' }),
      livePanel('c', at('/c', { gone: [{ host: other, step: 'unguard', part: '/c' }] })),
      livePanel('d', at('/d', { admits: ['you'] })),
      live(frame, 'f', { admits: [], path: '/b' }),
    ];
    const wants = [wantPanel('g', around([], ['you'])), wantPanel('d', at('/d'))];
    expect(planText({ wants, lives, options: keep })).toMatchInlineSnapshot(`
      "guard: update cloudflare/panel:d panel-d | update · guard a.example.dev part=/d | admits: ["you"] → ["me"] | want {"admits":["me"],"path":"/d","does":[{"host":"a.example.dev","step":"guard","part":"/d"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/d"}]} | have panel-d | because: services.a | foreseen: true
      guard: update cloudflare/panel:g panel-g | update · guard a.example.dev | admits: ["me"] → ["you"] | claims: ["/a/*","/b/*","/c/*","/d/*"] → ["/a/*"] | want {"admits":["you"],"claims":["/a/*"],"does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard"}]} | have panel-g | because: services.a | foreseen: true
      known cloudflare/panel:d=panel-d cloudflare/panel:g=panel-g
      warning: of the file
      warning: reconcile.prune is off: 2 objects that the file no longer asks for are left as they are"
    `);
  });
  it('of a kind that cannot be around others changes and is created in one step', () => {
    const wants = [
      want(shutter, 's', { ...at('/a'), claims: ['/a/x/*'] } as never, { because }),
      want(shutter, 'x', at('/a/x') as never, { because }),
      want(shutter, 't', { ...at('/b'), claims: ['/b/x/*'] } as never, { because }),
      want(shutter, 'y', at('/b/x') as never, { because }),
    ];
    expect(planText({ wants, lives: [live(shutter, 't', at('/b'))] })).toMatchInlineSnapshot(`
      "guard: create cloudflare/shutter:x | create · guard a.example.dev part=/a/x | want {"admits":["me"],"path":"/a/x","does":[{"host":"a.example.dev","step":"guard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}]} | because: services.a
      guard: create cloudflare/shutter:s | create · guard a.example.dev part=/a | after create cloudflare/shutter:x | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a/x/*"]} | because: services.a
      guard: update cloudflare/shutter:t shutter-t | update · guard a.example.dev part=/b | claims: undefined → ["/b/x/*"] | want {"admits":["me"],"path":"/b","does":[{"host":"a.example.dev","step":"guard","part":"/b"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b"}],"claims":["/b/x/*"]} | have shutter-t | because: services.a
      guard: create cloudflare/shutter:y | create · divide a.example.dev part=/b/x | after create cloudflare/shutter:s | after create cloudflare/shutter:x | after update cloudflare/shutter:t shutter-t | want {"admits":["me"],"path":"/b/x","does":[{"host":"a.example.dev","step":"guard","part":"/b/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/b/x"}]} | because: services.a
      known cloudflare/shutter:t=shutter-t
      warning: of the file"
    `);
  });
});

describe('a new gate around a path', () => {
  it('that is new too is created in two parts, with the inner gates between them', () => {
    const wants = [
      wantPanel('g', at('/a', { claims: ['/a', '/a/*', '/a/x/*', '/a/x/longer/*'] })),
      wantPanel('x', at('/a/x', { claims: ['/a/x'] })),
      wantPanel('y', at('/a/x/longer', { claims: ['/a/x/longer'] })),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:g | create · guard a.example.dev part=/a/x/longer | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a/x/*","/a/x/longer/*"]} | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: create cloudflare/panel:y | create · divide a.example.dev part=/a/x/longer | after create cloudflare/panel:g | want {"admits":["me"],"path":"/a/x/longer","does":[{"host":"a.example.dev","step":"guard","part":"/a/x/longer"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x/longer"}],"claims":["/a/x/longer"]} | because: services.a
      guard: create cloudflare/panel:x | create · divide a.example.dev part=/a/x | after create cloudflare/panel:g | after create cloudflare/panel:y | want {"admits":["me"],"path":"/a/x","does":[{"host":"a.example.dev","step":"guard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}],"claims":["/a/x"]} | because: services.a
      guard: update cloudflare/panel:g | update · divide a.example.dev part=/a | after create cloudflare/panel:g | after create cloudflare/panel:x | after create cloudflare/panel:y | claims: undefined → ["/a","/a/*","/a/x/*","/a/x/longer/*"] | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a","/a/*","/a/x/*","/a/x/longer/*"]} | because: services.a
      warning: of the file"
    `);
  });
  it('that is new too and does more than guard is created in one step', () => {
    const does = [
      { host: other, step: 'route' as const },
      { host, step: 'guard' as const, part: '/a/x' },
    ];
    const wants = [
      wantPanel('g', at('/a', { claims: ['/a', '/a/x/*'] })),
      wantPanel('x', at('/a/x', { does })),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:g | create · guard a.example.dev part=/a/x | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a/x/*"]} | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: create cloudflare/panel:x | create · route b.example.dev · divide a.example.dev part=/a/x | after create cloudflare/panel:g | want {"admits":["me"],"path":"/a/x","does":[{"host":"b.example.dev","step":"route"},{"host":"a.example.dev","step":"guard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}]} | because: services.a
      guard: update cloudflare/panel:g | update · divide a.example.dev part=/a | after create cloudflare/panel:g | after create cloudflare/panel:x | claims: undefined → ["/a","/a/x/*"] | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a","/a/x/*"]} | because: services.a
      warning: of the file"
    `);
  });
  it('that admits everybody is created in one step', () => {
    const wants = [
      wantPanel('g', at('/a', { claims: ['/a', '/a/x/*'] })),
      wantPanel('x', at('/a/x', { does: [{ host, step: 'unguard', part: '/a/x' }] })),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:g | create · guard a.example.dev part=/a | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a","/a/x/*"]} | because: services.a
      retire: create cloudflare/panel:x | create · unguard a.example.dev part=/a/x | after create cloudflare/panel:g | want {"admits":["me"],"path":"/a/x","does":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}]} | because: services.a
      warning: of the file"
    `);
  });
  it('that changes is created in one step', () => {
    const wants = [
      wantPanel('g', at('/a', { claims: ['/a', '/a/x/*'] })),
      wantPanel('x', at('/a/x', { admits: ['you'] })),
    ];
    expect(planText({ wants, lives: [livePanel('x', at('/a/x'))] })).toMatchInlineSnapshot(`
      "guard: update cloudflare/panel:x panel-x | update · guard a.example.dev part=/a/x | admits: ["me"] → ["you"] | want {"admits":["you"],"path":"/a/x","does":[{"host":"a.example.dev","step":"guard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}]} | have panel-x | because: services.a | foreseen: true
      guard: create cloudflare/panel:g | create · guard a.example.dev part=/a | after update cloudflare/panel:x panel-x | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a","/a/x/*"]} | because: services.a
      known cloudflare/panel:x=panel-x
      warning: of the file"
    `);
  });
  it('exists already and covers the paths below: it changes in one step', () => {
    const whole = at('/a', { claims: ['/a', '/a/x/*'] });
    const wants = [wantPanel('g', { ...whole, admits: ['you'] }), wantPanel('x', at('/a/x'))];
    expect(planText({ wants, lives: [livePanel('g', whole)] })).toMatchInlineSnapshot(`
      "guard: update cloudflare/panel:g panel-g | update · guard a.example.dev part=/a | admits: ["me"] → ["you"] | want {"admits":["you"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a","/a/x/*"]} | have panel-g | because: services.a | foreseen: true
      guard: create cloudflare/panel:x | create · divide a.example.dev part=/a/x | after update cloudflare/panel:g panel-g | want {"admits":["me"],"path":"/a/x","does":[{"host":"a.example.dev","step":"guard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}]} | because: services.a
      known cloudflare/panel:g=panel-g
      warning: of the file"
    `);
  });
  it('may have effects at other paths before its own', () => {
    const does = [
      { host, step: 'route' as const, part: '/other' },
      { host, step: 'guard' as const, part: '/a' },
    ];
    const unguarded = [{ host, step: 'route' as const, part: '/c' }];
    const wants = [
      wantPanel('g', at('/a', { claims: ['/a', '/a/x/*'], does })),
      wantPanel('x', at('/a/x')),
      wantPanel('c', at('/c', { claims: ['/c', '/c/x/*'], does: unguarded })),
      wantPanel('z', at('/c/x')),
    ];
    expect(planText({ wants })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:g | create · guard a.example.dev part=/a/x | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"route","part":"/other"},{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a/x/*"]} | reason: takes what lies below the path, before the path has a gate of its own | because: services.a
      guard: create cloudflare/panel:x | create · divide a.example.dev part=/a/x | after create cloudflare/panel:g | want {"admits":["me"],"path":"/a/x","does":[{"host":"a.example.dev","step":"guard","part":"/a/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a/x"}]} | because: services.a
      guard: create cloudflare/panel:z | create · divide a.example.dev part=/c/x | after create cloudflare/panel:g | want {"admits":["me"],"path":"/c/x","does":[{"host":"a.example.dev","step":"guard","part":"/c/x"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/c/x"}]} | because: services.a
      guard: update cloudflare/panel:g | update · route a.example.dev part=/other · divide a.example.dev part=/a | after create cloudflare/panel:g | after create cloudflare/panel:x | after create cloudflare/panel:z | claims: undefined → ["/a","/a/x/*"] | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"route","part":"/other"},{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a","/a/x/*"]} | because: services.a
      open: create cloudflare/panel:c | create · route a.example.dev part=/c | after create cloudflare/panel:g | after create cloudflare/panel:x | after create cloudflare/panel:z | after update cloudflare/panel:g | want {"admits":["me"],"path":"/c","does":[{"host":"a.example.dev","step":"route","part":"/c"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/c"}],"claims":["/c","/c/x/*"]} | because: services.a
      warning: of the file"
    `);
  });
  it('that remains has the paths below it', () => {
    const does = [
      { host, step: 'route' as const, part: '/other' },
      { host, step: 'guard' as const, part: '/a' },
    ];
    const gone = [
      { host: other, step: 'unguard' as const },
      { host, step: 'unguard' as const, part: '/a/x' },
    ];
    const wants = [wantPanel('a', at('/a', { does }))];
    expect(
      planText({ wants, lives: [livePanel('x', at('/a/x', { gone }))], options: keep }),
    ).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:a | create · route a.example.dev part=/other · guard a.example.dev part=/a | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"route","part":"/other"},{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}],"claims":["/a/x/*"]} | because: services.a
      warning: of the file
      warning: reconcile.prune is off: 1 object that the file no longer asks for is left as it is"
    `);
  });
  it('ignores a remaining path elsewhere, of another kind or owner, or around which it guards no path', () => {
    const wants = [
      wantPanel('a', at('/a')),
      wantPanel('c', at('/c', { does: [{ host, step: 'route', part: '/c' }] })),
      wantPanel('d', at('/d', { does: [{ host, step: 'guard' }] })),
      wantPanel('e', at('/e', { admits: ['you'] })),
    ];
    const lives = [
      livePanel('x', at('/a/x', { gone: [{ host: other, step: 'unguard', part: '/a/x' }] })),
      livePanel('y', at('/a/y'), { owner: 'other' }),
      livePanel('z', at('/c/z')),
      livePanel('u', at('/undefined/u')),
      livePanel('e', at('/e')),
      livePanel('v', at('/e/v')),
      live(gate, 'w', { host, admits: ['me'], path: '/a/w' }),
    ];
    expect(planText({ wants, lives, options: keep })).toMatchInlineSnapshot(`
      "guard: create cloudflare/panel:a | create · guard a.example.dev part=/a | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}]} | because: services.a
      guard: create cloudflare/panel:d | create · guard a.example.dev | want {"admits":["me"],"path":"/d","does":[{"host":"a.example.dev","step":"guard"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/d"}]} | because: services.a
      guard: update cloudflare/panel:e panel-e | update · guard a.example.dev part=/e | admits: ["me"] → ["you"] | want {"admits":["you"],"path":"/e","does":[{"host":"a.example.dev","step":"guard","part":"/e"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/e"}]} | have panel-e | because: services.a | foreseen: true
      open: create cloudflare/panel:c | create · route a.example.dev part=/c | after create cloudflare/panel:a | after create cloudflare/panel:d | after update cloudflare/panel:e panel-e | want {"admits":["me"],"path":"/c","does":[{"host":"a.example.dev","step":"route","part":"/c"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/c"}]} | because: services.a
      known cloudflare/panel:e=panel-e
      warning: of the file
      warning: reconcile.prune is off: 5 objects that the file no longer asks for are left as they are"
    `);
  });
  it('of a kind that cannot be around others leaves the remaining paths what they have', () => {
    const wants = [want(shutter, 'a', at('/a') as never, { because })];
    const lives = [live(shutter, 'x', at('/a/x')), live(route, 'r', { host, via: 'homelab', to: 'app' })];
    expect(planText({ wants, lives, options: keep })).toMatchInlineSnapshot(`
      "guard: create cloudflare/shutter:a | create · guard a.example.dev part=/a | want {"admits":["me"],"path":"/a","does":[{"host":"a.example.dev","step":"guard","part":"/a"}],"gone":[{"host":"a.example.dev","step":"unguard","part":"/a"}]} | because: services.a
      warning: of the file
      warning: reconcile.prune is off: 2 objects that the file no longer asks for are left as they are"
    `);
  });
});
