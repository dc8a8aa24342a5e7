import type { Passed } from '../../authentik/api/passing.ts';
import { mayEnter } from '../../authentik/oidc/authorize.ts';
import { trustedIssuers } from '../../authentik/oidc/federation.ts';
import { runningOutpost } from '../../authentik/outpost/outpost-load.ts';
import { normalizedPath } from '../../expressions/request-path.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import type { Place } from '../../state/lagging.ts';
import type { OutpostLoad } from '../../state/login-rows.ts';
import type { AccessApp, AccessPolicy, CachedAnswer, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import { type AccessDoor, coversHost, doorsOf, mostSpecific } from './access-door.ts';
import { Answers, sameElements, sameText } from './answers.ts';
import { type CacheRules, cacheRulesOfZone } from './cache-rules.ts';
import { type Ingress, ingressFor } from './ingress.ts';
import { withGroups } from './policy-decision.ts';
import { indexRecords, type Resolution, resolveHost } from './resolution.ts';
import { seenAt } from './seen-world.ts';
import { watchedWorld } from './watched-world.ts';
import { rulesOfZone, type ZoneRules, zoneOf } from './zone-rules.ts';

/** A world as the edge sees it, with the answers to frequent questions. */
export interface EdgeView {
  /** As the edge knows it, without changes on their way. */
  readonly world: World;
  /** The world itself, for what the edge stores. */
  readonly actual: World;
  /** The answers that this view remembers, also for questions of other files. */
  readonly answers: Answers;
  /** Epoch milliseconds of virtual time. An answer that reads it is never used again: `isReached` is. */
  readonly now: number;
  resolve(host: string): Resolution;
  /** Every Access destination that covers `host`. */
  doors(host: string): readonly AccessDoor[];
  /** The application that guards `path` (as sent) on `host`, or undefined. */
  guardingDoor(host: string, path: string): AccessDoor | undefined;
  /** The answer of the tunnel behind `host` for `path` (as sent). */
  ingress(tunnelId: string, host: string, path: string): Ingress;
  /** True if a moment, in epoch milliseconds, has come. */
  isReached(moment: number): boolean;
  /** The beginning of a session that begins now, which matters only in comparison with the application's revocation. */
  beginning(app: AccessApp): number;
  /** The policies of an application, by precedence. */
  policies(app: AccessApp): readonly AccessPolicy[];
  /** The load of an outpost; by default of the embedded one. */
  outpost(name: string | undefined): OutpostLoad | undefined;
  /** The rules of a host's zone that come before Access; null if there are none. */
  rules(host: string): ZoneRules | null;
  /** The cache rules for a host; null if no cache is played. */
  cacheRules(host: string): CacheRules | null;
  /** The stored answer, which may be too old. */
  copy(key: string): CachedAnswer | undefined;
  /** True if a provider logs this person in, who passes these flows and policies. */
  mayEnter(provider: number, user: UserRow, passed?: Passed): boolean;
  /** True if a provider accepts this person: by its login, or by the token of a provider that it trusts. */
  mayPass(provider: number, user: UserRow, passed?: Passed): boolean;
}

/**
 * A view for one request, valid until the world changes. `place`: the part whose knowledge counts, the edge or the
 * team's login service.
 */
export function viewOf(given: World, place: Place = 'edge'): EdgeView {
  return viewWith(new Answers(), seenAt(place, given), given);
}

/** The lasting views of worlds. A snapshot that is restored is another world. */
const lasting = new WeakMap<World, { view: EdgeView; begin(): void }>();

/** The edge's view of a world in which others change anything between two calls: it uses earlier answers that still count. */
export function lastingViewOf(given: World): EdgeView {
  const known = lasting.get(given) ?? lastingView(given);
  lasting.set(given, known);
  known.begin();
  return known.view;
}

function lastingView(given: World): { view: EdgeView; begin(): void } {
  const answers = new Answers();
  let seen = given;
  const begin = () => {
    seen = seenAt('edge', given);
    answers.begin();
  };
  return {
    view: viewWith(
      answers,
      watchedWorld(answers, () => seen),
      given,
    ),
    begin,
  };
}

function viewWith(answers: Answers, world: World, actual: World): EdgeView {
  const isReached = (moment: number) => answers.observe(['isReached', moment], () => now(actual) >= moment);
  const doors = (host: string) =>
    answers.ask(
      ['doors', host],
      () =>
        world.apps
          .flatMap((app) => answers.ask(['doorsOf', app], () => doorsOf(app)))
          .filter((door) => coversHost(door, host)),
      sameElements,
    );
  const mayLogIn = (provider: number, user: UserRow, passed: Passed = []) =>
    answers.ask(['mayEnter', provider, user, passed.join()], () => mayEnter(world, provider, user, passed));
  const zone = (host: string) => answers.ask(['zone', host], () => zoneOf(world, host));
  return {
    world,
    actual,
    answers,
    get now() {
      return answers.observe(['now'], () => now(actual));
    },
    resolve: (host) =>
      answers.ask(
        ['resolve', host],
        () =>
          resolveHost(
            world,
            answers.ask(['records'], () => indexRecords(world)),
            host,
          ),
        sameText,
      ),
    doors,
    guardingDoor: (host, path) =>
      answers.ask(['guardingDoor', host, path], () => mostSpecific(doors(host), normalizedPath(path))),
    ingress: (tunnelId, host, path) =>
      answers.ask(
        ['ingress', tunnelId, host, path],
        () => ingressFor({ world, isReached }, tunnelId, host, path),
        sameText,
      ),
    isReached,
    beginning: ({ revokedAt }) => {
      if (revokedAt !== null) isReached(revokedAt + 1);
      return now(actual);
    },
    policies: (app) => answers.ask(['policies', app], () => policiesOf(world, app), sameText),
    outpost: (name) => answers.ask(['outpost', name], () => runningOutpost(world, name), sameText),
    rules: (host) =>
      answers.ask(['rules', host], () => {
        const of = zone(host);
        return of === undefined ? null : answers.ask(['rulesOf', of], () => rulesOfZone(world, of));
      }),
    cacheRules: (host) =>
      answers.ask(['cacheRules', host], () => {
        const of = world.playsCache === true ? zone(host) : undefined;
        return of === undefined ? null : answers.ask(['cacheRulesOf', of], () => cacheRulesOfZone(world, of));
      }),
    copy: (key) => answers.observe(['copy', key], () => actual.edgeCache?.[key]),
    mayEnter: mayLogIn,
    mayPass: (provider, user, passed = []) =>
      answers.ask(['mayPass', provider, user, passed.join()], () =>
        trustedIssuers(world, provider).some((issuer) => mayLogIn(issuer, user, passed)),
      ),
  };
}

function policiesOf(world: World, app: AccessApp): AccessPolicy[] {
  return app.policies
    .toSorted((left, right) => left.precedence - right.precedence)
    .flatMap((link) => world.policies.find((policy) => policy.id === link.id) ?? [])
    .map((policy) => withGroups(policy, world.accessGroups ?? []));
}
