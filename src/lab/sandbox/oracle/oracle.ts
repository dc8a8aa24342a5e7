import { mayBind } from '../authentik/ldap/bind.ts';
import { isLdap } from '../authentik/providers/ldap-providers.ts';
import { normalizedUrl } from '../edge/origin/origin-url.ts';
import { route } from '../edge/routing/route.ts';
import { sameElements, sameText } from '../edge/view/answers.ts';
import { type EdgeView, lastingViewOf } from '../edge/view/view.ts';
import type { Delivery, Verdict, Visit } from '../edge/view/visit.ts';
import type { UserRow } from '../state/authentik-state.ts';
import type { AccessApp, Exposure, Guard, World } from '../state/world.ts';
import { isAdmitted } from './admission.ts';
import { bearerVisits } from './bearers.ts';
import { type CachedDoor, cacheFindings, copiesByHost, FROM_THE_CACHE, filesAt } from './cache.ts';
import {
  type ForgedFinding,
  type ForgedVisit,
  forgedIdentities,
  type HostExposure,
} from './forged-identity.ts';
import { type Claim, claimsAt, demandedAudiences, NO_CLAIM, probedPaths, specialPaths } from './paths.ts';
import { situationsAt, situationWords } from './situation.ts';
import { peopleOf, type Suspect, suspectsAt } from './suspects.ts';

const AUTHORIZE = '/application/o/authorize/';
const INTROSPECT = '/application/o/introspect/';
const BIND = '/ldap/bind';

/**
 * Tests, for every guard, whether the edge admits anybody else, and whether Authentik gives anybody else a code for a
 * guarded client. Each such visit is an exposure of call `n`. It runs after every write, even one that cannot matter,
 * because the product may be wrong about exactly that. Findings of the last judgment count again where everything is the
 * same that they depended on (`answers.ts`), which spares most of the work. If a Traefik asks an address outside the sandbox, only that
 * address knows the answer: this is a doubt. What a Worker makes of a forged identity shows only when it runs (`forged`).
 */
export function judge(world: World, n: number, doubts: Doubt[] = [], forged: ForgedVisit[] = []): Exposure[] {
  if (world.guards.length === 0) return [];
  const view = lastingViewOf(world);
  const found: HostExposure[] = view.world.guards.flatMap((guard) => codesFor(view, guard));
  const add = (findings: Findings) => {
    found.push(...findings.found);
    for (const { exposure, ...doubt } of findings.doubts)
      doubts.push({ exposure: { n, ...exposure }, ...doubt });
    for (const { exposure, ...visit } of findings.forged)
      forged.push({ exposure: { n, ...exposure }, ...visit });
  };
  const copies = copiesByHost(view);
  for (const host of new Set(view.world.guards.map((guard) => guard.host))) {
    // A name that does not resolve leads nobody anywhere.
    if (view.resolve(host).kind === 'unresolved') continue;
    const door = view.answers.ask(['door', host], () => doorAt(view, host));
    add(view.answers.ask(['tokens', door], () => bearerFindings(view, door)));
    // Not remembered, since an admitted visitor leaves a copy in the cache.
    add({
      ...NOTHING,
      found: cacheFindings(view, door, copies.get(host)).map((each) => ({ host, ...each })),
    });
    add(view.answers.ask(['visitors', door], () => visitorFindings(view, door)));
  }
  const exposures = found.map((each) => ({ n, ...each }));
  world.exposures.push(...exposures);
  return exposures;
}

/** The findings at one host, at whatever call. */
interface Findings {
  found: HostExposure[];
  doubts: (Omit<Doubt, 'exposure'> & { exposure: HostExposure })[];
  forged: ForgedFinding[];
}

const NOTHING: Findings = { found: [], doubts: [], forged: [] };

/** A guarded host with everything that the oracle tries there. */
interface Door extends CachedDoor {
  guards: readonly Guard[];
  special: readonly string[];
}

/** Each part is a question of its own, since what it reads changes more often than its answer. */
function doorAt(view: EdgeView, host: string): Door {
  const { answers, world } = view;
  const guards = answers.ask(
    ['guards', host],
    () => world.guards.filter((guard) => guard.host === host),
    sameElements,
  );
  const inner = guards.toSorted(innerFirst);
  const special = answers.ask(['special', guards], () => specialPaths(view, host, guards), sameElements);
  const situations = answers.ask(['situations', guards], () => situationsAt(view, host, guards), sameText);
  const apps = answers.ask(['acceptedApps', guards], () => acceptedApps(view, host, guards), sameElements);
  return {
    host,
    guards,
    special,
    files: filesAt(special),
    // If a guard asks for the way of the login, an ordinary visitor leaves it open, and may be judged twice.
    suspects: suspectsAt(view, peopleOf(view), host, situations, apps),
    governing: (path) => inner.find((guard) => covers(guard.path, path)),
    isDivided: guards.length > 1,
  };
}

/**
 * The applications whose tokens some part on the way to a host can accept: Access those of its own, the tunnel those
 * that its rules demand, and a Worker any.
 */
function acceptedApps(view: EdgeView, host: string, guards: readonly Guard[]): readonly AccessApp[] {
  const { apps } = view.world;
  if (guards.some(({ identity = [] }) => identity.length > 0)) return apps;
  const demanded = demandedAudiences(view, host);
  const own = new Set(view.doors(host).map(({ app }) => app));
  return apps.filter((app) => own.has(app) || demanded.has(app.aud));
}

function bearerFindings(view: EdgeView, { guards, governing }: Door): Findings {
  const findings: Findings = { found: [], doubts: [], forged: [] };
  for (const guard of guards) {
    for (const { principal, visit } of bearerVisits(view, guard)) {
      if (governing(visit.path) === guard) note(findings, visit, route(view, visit).verdict, principal);
    }
  }
  return findings;
}

function visitorFindings(view: EdgeView, door: Door): Findings {
  const { host, guards, special, suspects, governing } = door;
  const findings: Findings = { found: [], doubts: [], forged: [] };
  for (const guard of guards) {
    const identities = forgedIdentities(view, guard, suspects);
    findings.found.push(...identities.found);
    findings.forged.push(...identities.visits);
  }
  const claims = view.answers.ask(['claims', door], () => claimsAt(view, host, special), sameText);
  const paths = view.answers.ask(['paths', door], () => [...probedPaths(view, host, special)], sameElements);
  const strangers = new Map(
    guards.map((guard) => [guard, suspects.filter((suspect) => !isAdmittedBy(guard.admit, suspect))]),
  );
  const others = new Map(guards.map((guard) => [guard, elsewhere(guard, suspects)]));
  for (const path of paths) {
    const guard = governing(path);
    if (!guard || guard.client !== undefined) continue;
    for (const suspect of strangers.get(guard) ?? []) {
      for (const claim of claims) {
        const visit = suspect.visit(host, path, claim);
        const { verdict, stoppedOnTheWay } = route(view, visit);
        // Other claims on the same path stop at the same place.
        if (stoppedOnTheWay === true) break;
        note(findings, visit, verdict, suspect.principal, claim);
      }
    }
    for (const { suspect, by } of others.get(guard) ?? []) {
      const visit = suspect.visit(host, path, NO_CLAIM);
      const { verdict } = route(view, visit);
      if (verdict.kind === 'delivery' && verdict.origin === by)
        note(findings, visit, verdict, suspect.principal);
    }
  }
  return findings;
}

function note(findings: Findings, visit: Visit, verdict: Verdict, principal: string, claim?: Claim): void {
  if (verdict.kind !== 'delivery' && verdict.kind !== 'cached') return;
  const servedBy = verdict.kind === 'delivery' ? verdict.servedBy : verdict.copy.from;
  if (servedBy === null) return;
  const { host, path } = visit;
  const way = verdict.kind === 'cached' ? FROM_THE_CACHE : '';
  const exposure = { host, path, principal: principal + toldOf(claim) + way, servedBy };
  if (verdict.kind === 'cached' || verdict.verify === undefined) findings.found.push(exposure);
  else findings.doubts.push({ exposure, visit, delivery: verdict });
}

/** Visitors whom a guard admits, each with an origin of the host that they must not reach. */
function elsewhere(
  { admit, served = [] }: Guard,
  suspects: readonly Suspect[],
): { suspect: Suspect; by: string }[] {
  const admitted = suspects.filter((suspect) => isAdmittedBy(admit, suspect));
  return served.flatMap(({ by, admit: own }) =>
    admitted
      .filter((suspect) => !isAdmittedBy(own, suspect))
      .map((suspect) => ({ suspect, by: normalizedUrl(by) })),
  );
}

function isAdmittedBy(admit: Guard['admit'], suspect: Suspect): boolean {
  return admit.public === true || suspect.admittedBy(admit);
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
function codesFor(view: EdgeView, guard: Guard): readonly HostExposure[] {
  return view.answers.ask(['codes', guard], () => codesFound(view, guard));
}

function codesFound(view: EdgeView, guard: Guard): HostExposure[] {
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
    return peopleOf(view)
      .filter(
        (person) =>
          !isAdmitted(view.world, admit, { person, host, situation }) &&
          (view.mayPass(provider, person.user, passes) || binds(person.user)),
      )
      .map(({ principal, user }) => {
        const path =
          ldap !== undefined ? BIND : view.mayEnter(provider, user, passes) ? AUTHORIZE : INTROSPECT;
        const words = situationWords(view.world, situation);
        return { host, path, principal: principal + words, servedBy: 'authentik' };
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
