import type { ReadyChange } from '../../src/core/change.ts';
import { isResolved } from '../../src/core/objects/reference.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import type { Edge, World } from '../../src/core/world.ts';
import { organizationSettings } from '../cloudflare/account/organization.ts';
import { done, failed } from '../shared/carry-out.ts';
import type { GateCheckSpec, GateVerdict } from './check-spec.ts';
import { closesPath, demandsToken, opensPath } from './close.ts';
import { describeFinding, type EdgeFinding, throughCover } from './finding.ts';
import { isAroundCover, isHandingOver, isOwnPath, withLeaving } from './leaving.ts';
import { askOrigin, type OriginCheck } from './origin.ts';
import { coverMissing, probeCredentials } from './probe.ts';
import { checkGate, type Question } from './prober.ts';
import { obstacleBefore } from './sight.ts';
import { awaitNotStored } from './storing-check.ts';
import { unproved, vouchable } from './unproved.ts';

const kind = 'edge/proof';
const topic = 'unproved';

/** The most checks at once; each is a few requests. */
const mostAtOnce = 8;

export const edgeCheck: Reconciler<GateCheckSpec> = {
  kind,
  title: 'check from outside',
  traits: { unmarked: true },

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

  moments: {
    async blind({ address: { key }, want }, world) {
      const { covered, expect } = want as Partial<GateCheckSpec>;
      if (covered !== true) return undefined;
      const isKnown = expect?.type === 'authentik' && isResolved(expect);
      return obstacleBefore(key, isKnown ? expect : undefined, world);
    },
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
      demandsToken: async (path: string) =>
        (await demandsToken(host, world, { path, but: within })) ||
        (isPassed && (await isAroundCover(host, path, world))),
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
