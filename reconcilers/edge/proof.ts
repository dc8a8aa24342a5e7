import type { ReadyChange } from '../../src/core/change.ts';
import { RejectedError, UnsafeError } from '../../src/core/errors.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Reconciler } from '../../src/core/reconciler.ts';
import type { World } from '../../src/core/world.ts';
import { proxyProvider } from '../authentik/proxy-provider.ts';
import { done, failed } from '../carry-out.ts';
import { keptToken } from '../cloudflare/service-token/kept-token.ts';
import { serviceToken } from '../cloudflare/service-token.ts';
import { closeAtOnce, closesPath } from './close.ts';
import { describeFinding, type Expectation, type Finding, type Look } from './look.ts';
import { prove } from './prober.ts';

/** That a host's gate answers, seen through the edge. Keyed by the host; there is no object of it anywhere. */
export interface ProofSpec {
  readonly expect: Expectation;
  readonly looks: readonly Look[];
  /** The host is under cover: the probe says who it is. */
  readonly covered: boolean;
  /** This pass opens the host: it is closed again when its gate is not seen. */
  readonly opened: boolean;
  /** Observed only: what was wrong the last time. */
  readonly finding?: string;
}

const kind = 'edge/proof';
const topic = 'unproved';

/** The key of the service token that covers admit. */
export const probeKey = 'probe';

/** At once; each is a handful of requests. */
const mostAtOnce = 8;

export const proof: Reconciler<ProofSpec> = {
  kind,
  title: 'proof of a gate',
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

const nothing: ProofSpec = {
  expect: { type: 'access', audience: '' },
  looks: [],
  covered: false,
  opened: false,
};

async function outcomeOf(change: ReadyChange<ProofSpec>, world: World): Promise<Outcome> {
  const { address, want } = change;
  const host = address.key;
  const plain = change as ReadyChange<unknown>;
  if (want === undefined) return done(plain);
  const begun = world.clock.now().getTime();
  try {
    const headers = want.covered ? await probeCredentials(world) : {};
    const expect = await withLeaving(host, want.expect, world);
    const looks = isHandingOver(expect) ? want.looks.filter(({ path }) => path === '/') : want.looks;
    const question = { host, looks, expect, headers, closesPath: () => closesPath(host, world) };
    const finding = await prove(question, world);
    if (finding === undefined) {
      await world.notes.clear(topic, host);
      return done(plain, { milliseconds: String(world.clock.now().getTime() - begun) });
    }
    await world.notes.put(topic, host, describeFinding(finding));
    return failed(plain, await unproved(host, want, finding, world));
  } catch (error) {
    return failed(plain, error);
  }
}

/** What is done about a gate that was not seen: nobody but those it should admit may get through meanwhile. */
async function unproved(
  host: string,
  { covered, opened }: ProofSpec,
  finding: Finding,
  world: World,
): Promise<Error> {
  const text = describeFinding(finding);
  if (covered) {
    return new UnsafeError('The gate was not seen to work; the host stays as closed as it was', {
      hint: text,
      facts: { detail: host },
    });
  }
  if (finding.weight !== 'open' && !opened) {
    return new UnsafeError('The gate could not be seen', { hint: text, facts: { detail: host } });
  }
  await closeAtOnce(host, world);
  return new UnsafeError('The gate was not seen to work; the host answers 503', {
    hint: text,
    facts: { detail: host },
  });
}

/**
 * Of two providers for a host the one of the host itself answers before the one of its domain (facts/authentik, forward
 * auth), so that a host which goes over to its domain's is asked by its own until that is taken away.
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

/** Another login of ours answers until it goes: which paths that one lets by says nothing of the one to come. */
function isHandingOver(expect: Expectation): boolean {
  if (expect.type !== 'authentik') return false;
  return expect.leaving?.some(({ clientId }) => clientId !== expect.clientId) === true;
}

/**
 * What Access takes for the probe's token.
 * @throws RejectedError when the vault does not have it.
 */
export async function probeCredentials(world: World): Promise<Readonly<Record<string, string>>> {
  const tokens = await world.read(serviceToken);
  const token = tokens.find(({ address: { key }, owner }) => key === probeKey && owner === world.scope.owner);
  const kept = token === undefined ? undefined : await keptToken(world, probeKey, token.id);
  const { clientId, clientSecret } = kept ?? {};
  if (clientId === undefined || clientSecret === undefined) {
    throw new RejectedError('The token of the probe is not in the vault', {
      hint: 'The next pass makes another one',
    });
  }
  return { 'cf-access-client-id': clientId, 'cf-access-client-secret': clientSecret };
}
