import { mayBind } from '../authentik/ldap/bind.ts';
import { isLdap } from '../authentik/providers/ldap-providers.ts';
import { normalizedUrl } from '../edge/origin/origin.ts';
import { route } from '../edge/routing/route.ts';
import { type EdgeView, viewOf } from '../edge/view/view.ts';
import type { Delivery, Verdict, Visit } from '../edge/view/visit.ts';
import type { UserRow } from '../state/authentik-state.ts';
import type { Exposure, Guard, World } from '../state/world.ts';
import { isAdmitted, type Person } from './admission.ts';
import { bearerVisits } from './bearers.ts';
import { cacheFindings, copiesByHost, filesAt } from './cache.ts';
import { type ForgedVisit, forgedIdentities } from './forged-identity.ts';
import { type Claim, claimsAt, NO_CLAIM, probedPaths, specialPaths } from './paths.ts';
import { situationsAt, situationWords } from './situation.ts';
import { peopleOf, type Suspect, suspectsAt, suspectsOf } from './suspects.ts';

const AUTHORIZE = '/application/o/authorize/';
const INTROSPECT = '/application/o/introspect/';
const BIND = '/ldap/bind';

/**
 * Tests, for every guard, whether the edge admits anybody else, and whether Authentik gives anybody else a code for a
 * guarded client. Each such visit is an exposure of call `n`. It runs after every write, even one that cannot matter,
 * because the product may be wrong about exactly that. If a Traefik asks an address outside the sandbox, only that
 * address knows the answer: this is a doubt. What a Worker makes of a forged identity shows only when it runs (`forged`).
 */
export function judge(world: World, n: number, doubts: Doubt[] = [], forged: ForgedVisit[] = []): Exposure[] {
  if (world.guards.length === 0) return [];
  const view = viewOf(world);
  const people = peopleOf(world);
  const ordinary = suspectsOf(view, people);
  const found: Exposure[] = world.guards.flatMap((guard) => codesFor(view, guard, people, n));
  const note = (visit: Visit, verdict: Verdict, principal: string, claim?: Claim) => {
    if (verdict.kind !== 'delivery' && verdict.kind !== 'cached') return;
    const servedBy = verdict.kind === 'delivery' ? verdict.servedBy : verdict.copy.from;
    if (servedBy === null) return;
    const { host, path } = visit;
    const exposure = { n, host, path, principal: principal + toldOf(claim), servedBy };
    if (verdict.kind === 'cached' || verdict.verify === undefined) found.push(exposure);
    else doubts.push({ exposure, visit, delivery: verdict });
  };
  const copies = copiesByHost(view);
  for (const host of new Set(world.guards.map((guard) => guard.host))) {
    // A name that does not resolve leads nobody anywhere.
    if (view.resolve(host).kind === 'unresolved') continue;
    const guards = world.guards.filter((guard) => guard.host === host);
    const inner = guards.toSorted(innerFirst);
    const governing = (path: string) => inner.find((guard) => covers(guard.path, path));
    for (const guard of guards) {
      for (const { principal, visit } of bearerVisits(view, guard)) {
        if (governing(visit.path) === guard) note(visit, route(view, visit).verdict, principal);
      }
    }
    const special = specialPaths(view, host, guards);
    const situations = situationsAt(view, host, guards);
    const suspects = situations.length === 1 ? ordinary : suspectsAt(view, people, host, situations);
    const door = {
      host,
      files: filesAt(special),
      // If a guard asks for the way of the login, an ordinary visitor leaves it open, and may be judged twice.
      suspects,
      governing,
      isDivided: guards.length > 1,
    };
    found.push(...cacheFindings(view, door, copies.get(host)).map((each) => ({ n, host, ...each })));
    for (const guard of guards) {
      const identities = forgedIdentities(view, guard, suspects, n);
      found.push(...identities.found);
      forged.push(...identities.visits);
    }
    const claims = claimsAt(view, host, special);
    const strangers = new Map(
      guards.map((guard) => [guard, suspects.filter((suspect) => !suspect.admittedBy(guard.admit))]),
    );
    const others = new Map(guards.map((guard) => [guard, elsewhere(guard, suspects)]));
    for (const path of probedPaths(view, host, special)) {
      const guard = governing(path);
      if (!guard || guard.admit.public || guard.client !== undefined) continue;
      for (const suspect of strangers.get(guard) ?? []) {
        for (const claim of claims) {
          const visit = suspect.visit(host, path, claim);
          const { verdict, stoppedOnTheWay } = route(view, visit);
          // Other claims on the same path stop at the same place.
          if (stoppedOnTheWay === true) break;
          note(visit, verdict, suspect.principal, claim);
        }
      }
      for (const { suspect, by } of others.get(guard) ?? []) {
        const visit = suspect.visit(host, path, NO_CLAIM);
        const { verdict } = route(view, visit);
        if (verdict.kind === 'delivery' && verdict.origin === by) note(visit, verdict, suspect.principal);
      }
    }
  }
  world.exposures.push(...found);
  return found;
}

/** Visitors whom a guard admits, each with an origin of the host that they must not reach. */
function elsewhere(
  { admit, served = [] }: Guard,
  suspects: readonly Suspect[],
): { suspect: Suspect; by: string }[] {
  const admitted = suspects.filter((suspect) => suspect.admittedBy(admit));
  return served.flatMap(({ by, admit: own }) =>
    admitted
      .filter((suspect) => !suspect.admittedBy(own))
      .map((suspect) => ({ suspect, by: normalizedUrl(by) })),
  );
}

/** A visitor who gets through unless the asked address refuses them. */
export interface Doubt {
  exposure: Exposure;
  visit: Visit;
  delivery: Delivery;
}

/** The text of a claim after a principal: `, x-forwarded-uri: /a`. */
function toldOf({ headers, query }: Claim = NO_CLAIM): string {
  const headerText = headers.map(([name, value]) => `, ${name}: ${value}`).join('');
  return query === '' ? headerText : `${headerText}, query ${query}`;
}

/** People whom the guard does not admit and who nevertheless log in at its client, or whose token it accepts. */
function codesFor(view: EdgeView, guard: Guard, people: readonly Person[], n: number): Exposure[] {
  const { client, admit, host } = guard;
  if (client === undefined || admit.public) return [];
  const application = view.world.authentik.applications.find(({ slug }) => slug === client);
  const provider = application?.provider ?? null;
  if (provider === null) return [];
  const row = view.world.authentik.providers.find(({ pk }) => pk === provider);
  const ldap = row !== undefined && isLdap(row) ? row : undefined;
  return situationsAt(view, host, [guard]).flatMap((situation) => {
    const { passes } = situation.from;
    const binds = (user: UserRow) => ldap !== undefined && mayBind(view.world, ldap, user, passes);
    return people
      .filter(
        (person) =>
          !isAdmitted(view.world, admit, { person, host, situation }) &&
          (view.mayPass(provider, person.user, passes) || binds(person.user)),
      )
      .map(({ principal, user }) => {
        const path =
          ldap !== undefined ? BIND : view.mayEnter(provider, user, passes) ? AUTHORIZE : INTROSPECT;
        const words = situationWords(view.world, situation);
        return { n, host, path, principal: principal + words, servedBy: 'authentik' };
      });
  });
}

/** Orders guards by their literal path, since `/a/**` is longer than `/a/b`, which it contains; an exact path first. */
function innerFirst(left: Guard, right: Guard): number {
  const [one = '', other = ''] = [left.path, right.path];
  const difference = other.replace(/\/\*\*$/, '').length - one.replace(/\/\*\*$/, '').length;
  return difference === 0 ? one.length - other.length : difference;
}

/** True if a guard's path, `/a` or `/a/**` as in gates.yaml, covers a path. */
function covers(guarded: string | undefined, path: string): boolean {
  if (guarded === undefined || guarded === '/**') return true;
  if (!guarded.endsWith('/**')) return guarded === path;
  const root = guarded.slice(0, -3);
  return path === root || path.startsWith(`${root}/`);
}
