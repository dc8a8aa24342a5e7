import type { ReadyChange } from '../../src/core/change.ts';
import { RejectedError, UnsafeError } from '../../src/core/errors.ts';
import { isResolved } from '../../src/core/objects/reference.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import type { Edge, World } from '../../src/core/world.ts';
import { proxyProvider } from '../authentik/provider/proxy-provider.ts';
import { accessApplication } from '../cloudflare/access/access-application.ts';
import { organizationSettings } from '../cloudflare/account/organization.ts';
import { keptToken } from '../cloudflare/service-token/kept-token.ts';
import { serviceToken } from '../cloudflare/service-token/service-token.ts';
import { done, failed } from '../shared/carry-out.ts';
import { closeAtOnce, closesPath, demandsToken, opensPath } from './close.ts';
import {
  type CheckRequest,
  describeFinding,
  type EdgeFinding,
  type Expectation,
  isUndecided,
  throughCover,
} from './finding.ts';
import { askOrigin, type OriginCheck, staysSilent } from './origin.ts';
import { checkGate, type Question } from './prober.ts';
import { obstacleBefore } from './sight.ts';
import { awaitNotStored, type Kept } from './storing-check.ts';

/** The check that a host's gate answers through the edge. Keyed by the host; no system has an object for it. */
export interface GateCheckSpec {
  readonly expect: Expectation;
  readonly looks: readonly CheckRequest[];
  /** The host is under cover, so the probe identifies itself. */
  readonly covered: boolean;
  /** This run opens the host, and closes it again if the gate cannot be confirmed. */
  readonly opened: boolean;
  /** The host was open before, and stays open if nobody can check it: the tunnel itself demands the gate's token. */
  readonly stands?: true;
  /** This run wrote something at the host that may not have reached the edge. */
  readonly changed: boolean;
  /** The run checks every gate, so it asks the origin too. */
  readonly watched?: boolean;
  /** The measure that keeps the host's answers out of Cloudflare's cache, if the run has to check it. */
  readonly cache?: Kept;
  /** Observed only: the finding of the last failed check. */
  readonly finding?: string;
}

const kind = 'edge/proof';
const topic = 'unproved';

/**
 * Notes of hosts that gates closed because of their origin, until the gate has been confirmed. If such a host is open
 * again, a person has vouched for it, and gates does not close it for the same reason.
 */
const vouchable = 'closed-by-origin';

/**
 * The result of a check, as an attribute of its outcome:
 * - `guarded`: the gate answered.
 * - `closed`: it did not, and the host answers 503.
 * - `covered`: it did not, and the host stays under its cover, or behind its previous gate.
 * - `open`: a stranger got through, and gates could not close the host.
 * - `unproved`: the answer is unclear; gates closed and opened nothing.
 */
export type GateVerdict = 'guarded' | 'closed' | 'covered' | 'open' | 'unproved';

/** The key of the service token that covers admit. */
export const probeKey = 'probe';

/** The most checks at once; each is a few requests. */
const mostAtOnce = 8;

export const edgeCheck: Reconciler<GateCheckSpec> = {
  kind,
  title: 'check from outside',
  unmarked: true,

  async observe(world) {
    const hosts = await world.notes.list(topic);
    return Promise.all(
      hosts.map(async (host) => ({
        address: { kind, key: host } as const,
        id: `proof of ${host}`,
        owner: undefined,
        spec: { ...nothing, finding: (await world.notes.text(topic, host)) ?? '' },
        attributes: {},
        uses: [],
      })),
    );
  },

  async blind({ address: { key }, want }, world) {
    const { covered, expect } = want as Partial<GateCheckSpec>;
    if (covered !== true) return undefined;
    const isKnown = expect?.type === 'authentik' && isResolved(expect);
    return obstacleBefore(key, isKnown ? expect : undefined, world);
  },

  async write(changes, world) {
    const outcomes: Outcome[] = [];
    const waiting = [...changes];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        outcomes.push(await outcomeOf(next, world));
      }
    };
    await Promise.all(Array.from({ length: mostAtOnce }, work));
    return outcomes;
  },
};

const nothing: GateCheckSpec = {
  expect: { type: 'access', audience: '' },
  looks: [],
  covered: false,
  opened: false,
  changed: false,
};

async function outcomeOf(change: ReadyChange<GateCheckSpec>, world: World): Promise<Outcome> {
  const { address, want } = change;
  const host = address.key;
  const plain = change as ReadyChange<unknown>;
  if (want === undefined) return done(plain);
  try {
    // Rules of the edge come before the cover, so the cover's answer shows that the rules admitted a request.
    const isPassed = want.covered && want.expect.type !== 'jwt';
    const headers = isPassed ? await probeCredentials(world) : {};
    const asked = want.covered ? throughCover(want.expect) : want.expect;
    const expect = await withLeaving(host, asked, world);
    const looks = isHandingOver(expect) ? want.looks.filter(({ path }) => path === '/') : want.looks;
    const within = expect.type === 'hooks' ? expect.within : undefined;
    const question = {
      ...{ host, looks, expect, headers, changed: want.changed },
      wrongTokens: isPassed ? (await organizationSettings(world))?.wrongTokens : undefined,
      closesPath: (path: string) =>
        closesPath(host, world, within === undefined ? undefined : { path, but: within }),
      leavesPath: (audience: string) => isOwnPath({ host, audience }, world),
      demandsToken: (path: string) => demandsToken(host, world, { path, but: within }),
      opensPath: (path: string) => opensPath(host, path, world),
    };
    const timed = timing(world);
    const uncovered = isPassed ? await coverMissing(host, timed.world) : undefined;
    const finding =
      uncovered ?? (await checkGate(question, timed.world)) ?? (await cacheFinding(want, question, world));
    const origin = want.watched === true ? await askOrigin(question, world) : undefined;
    const seen = { ...timed.latency(), ...originAttributes(origin) };
    if (finding === undefined) {
      for (const one of [topic, vouchable]) await world.notes.clear(one, host);
      // For an application that asks by itself, the check shows only that the edge stores none of its answers.
      const verdict = expect.type !== 'anybody' && { verdict: 'guarded' satisfies GateVerdict };
      return done(plain, { ...verdict, ...seen });
    }
    await world.notes.put(topic, host, describeFinding(finding));
    const covered = want.covered && uncovered?.weight !== 'open';
    const { verdict, error } = await unproved({ ...want, covered }, { question, finding, origin }, world);
    return { ...failed(plain, error), attributes: { verdict, ...seen } };
  } catch (error) {
    return failed(plain, error);
  }
}

/**
 * The finding if something other than the cover answers a stranger; undefined if the cover does. Before that, gates
 * sends no token: it would reach the origin, and its answer would not show who else gets through.
 */
async function coverMissing(host: string, world: World): Promise<EdgeFinding | undefined> {
  const applications = await world.read(accessApplication);
  const cover = applications.find(
    ({ address: { key }, owner }) => key === host && owner === world.scope.owner,
  );
  const expect = { type: 'access', audience: cover?.attributes.aud ?? '' } as const;
  return checkGate({ host, looks: [{ path: '/' }], expect, headers: {}, changed: true }, world);
}

async function cacheFinding(
  { cache }: GateCheckSpec,
  { host, headers }: Question,
  world: World,
): Promise<EdgeFinding | undefined> {
  return cache === undefined ? undefined : awaitNotStored({ host, kept: cache, headers }, world);
}

/** A world with a timed edge. `latency`: the milliseconds of the last answer, if there is one. */
function timing(world: World): { readonly world: World; latency(): Readonly<Record<string, string>> } {
  const { edge, clock } = world;
  let milliseconds: number | undefined;
  const get: Edge['get'] = async (request, signal) => {
    const begun = clock.now().getTime();
    const answer = await (edge as Edge).get(request, signal);
    milliseconds = clock.now().getTime() - begun;
    return answer;
  };
  return {
    world: { ...world, edge: edge && { get } },
    latency: () => (milliseconds === undefined ? {} : { milliseconds: String(milliseconds) }),
  };
}

function originAttributes(origin: OriginCheck | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  const { verdict, seen } = origin;
  return { origin: verdict, ...(seen !== undefined && { originSeen: seen }) };
}

interface Unproved {
  readonly question: Question;
  readonly finding: EdgeFinding;
  /** Undefined if the run did not ask the origin. */
  readonly origin: OriginCheck | undefined;
}

/**
 * Handles a gate that failed its check: meanwhile only people whom it should admit may get through. The edge's answer
 * decides. If the edge shows nothing of the gate, the origin decides: if it admits strangers, so does the host,
 * because the obstacle that stops the probe at the edge does not stop everybody (decision 0001).
 */
async function unproved(
  { covered, opened, stands }: GateCheckSpec,
  { question, finding, origin }: Unproved,
  world: World,
): Promise<{ readonly verdict: GateVerdict; readonly error: unknown }> {
  const { host } = question;
  const failure = (message: string, hint = describeFinding(finding)) =>
    new UnsafeError(message, { hint, facts: { detail: host } });
  if (covered) {
    const error = failure('Could not confirm that the gate works, so the host stays closed');
    return { verdict: 'covered', error };
  }
  const silent = origin?.verdict === 'silent' && isUndecided(finding);
  const openInside =
    silent && !(await world.notes.list(vouchable)).includes(host) && (await staysSilent(question, world));
  const isOpen = finding.weight === 'open' || openInside;
  if (!isOpen && (!opened || stands === true))
    return { verdict: 'unproved', error: failure('Could not check the gate') };
  try {
    await closeAtOnce(host, world);
  } catch (error) {
    if (!isOpen) return { verdict: 'unproved', error };
    // The finding of an open host counts even if the run is stopped here.
    const stopped =
      world.signal.aborted && failure('A stranger gets in, and the run ended before gates closed the host');
    return { verdict: 'open', error: stopped || error };
  }
  if (openInside) await world.notes.put(vouchable, host);
  const insideHint = openInside
    ? `${finding.seen}; checked from inside, its origin admits strangers: ${origin.seen}`
    : undefined;
  return {
    verdict: 'closed',
    error: failure('Could not confirm that the gate works, so the host now answers 503', insideHint),
  };
}

/**
 * The expectation with the logins that leave the host. If a host has two providers, its own answers before that of
 * its domain (facts/authentik, forward auth). So a host that moves to its domain's login keeps its own until gates
 * removes that.
 */
async function withLeaving(host: string, expect: Expectation, world: World): Promise<Expectation> {
  if (expect.type !== 'authentik') return expect;
  const providers = await world.read(proxyProvider);
  const leaving = providers
    .filter(({ owner, spec: { hosts } }) => owner === world.scope.owner && hosts.includes(host))
    .map(({ attributes: { clientId = '' }, spec: { externalHost } }) => ({
      login: expect.login,
      clientId,
      callback: externalHost.replace(/^https?:\/\//, ''),
    }));
  return { ...expect, leaving };
}

/**
 * True if an Access application of ours has only paths of the host. Such an application can answer a check only if the
 * file no longer has it.
 */
async function isOwnPath(
  { host, audience }: { readonly host: string; readonly audience: string },
  world: World,
): Promise<boolean> {
  const applications = await world.read(accessApplication);
  return applications.some(
    ({ owner, attributes: { aud }, spec: { destinations } }) =>
      owner === world.scope.owner &&
      aud === audience &&
      destinations.every((destination) => destination.startsWith(`${host}/`)),
  );
}

/** True if another login of ours still answers. Its exceptions say nothing about those of the new login. */
function isHandingOver(expect: Expectation): boolean {
  if (expect.type !== 'authentik') return false;
  return expect.leaving?.some(({ clientId }) => clientId !== expect.clientId) === true;
}

/**
 * The headers with which Access accepts the probe's token.
 * @throws RejectedError if the vault does not have it.
 */
export async function probeCredentials(world: World): Promise<Readonly<Record<string, string>>> {
  const tokens = await world.read(serviceToken);
  const token = tokens.find(({ address: { key }, owner }) => key === probeKey && owner === world.scope.owner);
  const kept = token === undefined ? undefined : await keptToken(world, probeKey, token.id);
  const { clientId, clientSecret } = kept ?? {};
  if (clientId === undefined || clientSecret === undefined) {
    throw new RejectedError('The token of the probe is not in the vault', {
      hint: 'The next run makes another one',
    });
  }
  return { 'cf-access-client-id': clientId, 'cf-access-client-secret': clientSecret };
}
