import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { keeper } from './support/cover-fakes.ts';
import { live, route, want } from './support/fakes.ts';
import {
  because,
  host,
  liveCover,
  livePolicy,
  liveProbe,
  liveRoute,
  opening,
  planOf,
  planText,
  proof,
  standingObjects,
  type World,
} from './support/plan-text.ts';

/** The route under the cover, which demands the cover's token. */
const through = want(
  route,
  `homelab/${host}`,
  { host, via: 'homelab', to: ref(`cloudflare/keeper:${host}`, 'app with {id}') },
  { because },
);
const behind = { ...proof, behind: [through] };
const liveThrough = liveRoute(host, 'homelab', `app with ${liveCover.id}`);
const others = standingObjects.filter(({ address }) => address.kind !== route.kind);

/** The id, verb and target of each change of the route and of the cover. */
function stepsOf(world: World): readonly string[] {
  return planOf({ wants: opening, proofs: [behind], ...world })
    .changes.filter(
      ({ address: { kind }, verb }) => [route.kind, keeper.kind].includes(kind) || verb === 'verify',
    )
    .map(({ id, want: wanted }) => {
      const { to } = (wanted ?? {}) as { readonly to?: unknown };
      return to === undefined ? id : `${id} → ${JSON.stringify(to)}`;
    });
}

const coverId = `cover cloudflare/keeper:${host}`;
const routeId = `cloudflare/route:homelab/${host}`;
const again = `verify edge/sight:${host} without its cover`;
const reference = JSON.stringify(ref(`cloudflare/keeper:${host}`, 'app with {id}'));

describe('a route behind a cover', () => {
  it('demands the cover’s token until the gate has been checked, and releases it before the cover goes', () => {
    expect(stepsOf({ lives: [liveProbe, livePolicy] })).toEqual([
      coverId,
      `create ${routeId} → ${reference}`,
      `verify edge/sight:${host}`,
      `uncover ${routeId} → "app"`,
      `prune cloudflare/keeper:${host}`,
      again,
    ]);
  });

  it('is freed after the check, and the cover goes after that', () => {
    const { changes } = planOf({ wants: opening, lives: [liveProbe, livePolicy], proofs: [behind] });
    const needsOf = (id: string) => changes.find((change) => change.id === id)?.needs;
    expect(needsOf(`create ${routeId}`)).toContain(coverId);
    expect(needsOf(`uncover ${routeId}`)).toContain(`verify edge/sight:${host}`);
    expect(needsOf(`prune cloudflare/keeper:${host}`)).toContain(`uncover ${routeId}`);
  });

  it('is not written again if it demands the token already', () => {
    expect(stepsOf({ lives: [...others, liveThrough, liveCover] })).toEqual([
      `verify edge/sight:${host}`,
      `uncover ${routeId} → "app"`,
      `prune cloudflare/keeper:${host} ${liveCover.id}`,
      again,
    ]);
  });

  it('demands it again if an earlier run freed it and left the cover', () => {
    expect(stepsOf({ lives: [...standingObjects, liveCover] })).toEqual([
      `update ${routeId} ${liveRoute().id} → "app with ${liveCover.id}"`,
      `verify edge/sight:${host}`,
      `uncover ${routeId} → "app"`,
      `prune cloudflare/keeper:${host} ${liveCover.id}`,
      again,
    ]);
  });

  it('stays unchanged if a foreign route already is as the file wants it', () => {
    const theirs = live(route, `homelab/${host}`, { host, via: 'homelab', to: 'app' }, { owner: undefined });
    expect(stepsOf({ lives: [...others, theirs, liveCover] })).toEqual([
      `verify edge/sight:${host}`,
      `prune cloudflare/keeper:${host} ${liveCover.id}`,
      again,
      `keep ${routeId} ${theirs.id}`,
    ]);
  });

  it('stays as the file wants it if there is no cover', () => {
    expect(planText({ wants: opening, lives: standingObjects, proofs: [behind] })).not.toContain('uncover');
  });

  it('is freed at once if a person skips the check', () => {
    const options = { unverified: [host] };
    expect(stepsOf({ lives: [...others, liveThrough, liveCover], options })).toEqual([
      `update ${routeId} ${liveThrough.id} → "app"`,
      `prune cloudflare/keeper:${host} ${liveCover.id}`,
    ]);
  });
});
