import { GatesError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import { type IngressRuleSpec, ingressRule } from '../cloudflare/ingress/ingress-rule.ts';
import { describeFinding, type EdgeFinding } from './finding.ts';
import { askOnce, checkGate, type Question } from './prober.ts';
import { verdictOnOrigin } from './reading/verdict.ts';

/**
 * The behavior of an origin that gates asks from here, as the tunnel would:
 * - `asks`: it sends a stranger to the login of our own provider.
 * - `silent`: it admits a stranger.
 * - `unproved`: something else answered.
 * - `unreachable`: nobody answered, which is no finding.
 */
export type OriginVerdict = 'asks' | 'silent' | 'unproved' | 'unreachable';

export interface OriginCheck {
  readonly verdict: OriginVerdict;
  /** The request, the part that answered, and what to do; absent if the origin asks. */
  readonly seen?: string;
}

/** The world with a rule's origin in place of the edge; undefined if the rule has no HTTP origin. */
export function worldAt(
  { service, hostname, originRequest }: IngressRuleSpec,
  world: World,
): World | undefined {
  if (world.originAt === undefined || !/^https?:\/\//.test(service)) return undefined;
  const { noTLSVerify, caPool, originServerName, matchSNItoHost, httpHostHeader } = originRequest;
  const edge = world.originAt({
    url: service,
    hostHeader: httpHostHeader,
    serverName: originServerName ?? (matchSNItoHost === true ? hostname : undefined),
    // The authorities of `caPool` are on the machine of cloudflared.
    verify: noTLSVerify !== true && caPool === undefined,
  });
  return { ...world, edge };
}

/** The question with plain requests only: the origin believes forwarded headers from cloudflared, but not from here. */
export function plainQuestion({ host, expect, looks }: Question): Question {
  const plain = expect.type === 'hooks' ? looks.filter(({ method }) => method === 'POST') : [{ path: '/' }];
  return { host, expect, looks: plain, headers: {}, judge: verdictOnOrigin };
}

/**
 * Asks the host's current origin once. Undefined if there is no origin to ask, or if the gate is not at the origin.
 * Never fails, since the result of the edge does not depend on it.
 */
export async function askOrigin(question: Question, world: World): Promise<OriginCheck | undefined> {
  const inside = await worldInside(question, world);
  return inside && originSeen(await askOnce(plainQuestion(question), inside));
}

/** True if the origin admits strangers repeatedly: a single answer may be the last before a restart. */
export async function staysSilent(question: Question, world: World): Promise<boolean> {
  const inside = await worldInside(question, world);
  return inside !== undefined && (await checkGate(plainQuestion(question), inside))?.weight === 'open';
}

/** The world at the host's current origin, if the gate is there. */
async function worldInside({ host, expect }: Question, world: World): Promise<World | undefined> {
  if (expect.type !== 'authentik') return undefined;
  try {
    const rules = await world.read(ingressRule);
    const rule = rules.find(
      ({ owner, spec: { hostname, path } }) =>
        owner === world.scope.owner && hostname === host && path === undefined,
    );
    return rule && worldAt(rule.spec, world);
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
    return undefined;
  }
}

function originSeen(finding: EdgeFinding | undefined): OriginCheck {
  if (finding === undefined) return { verdict: 'asks' };
  const seen = describeFinding(finding);
  if (finding.by === undefined) return { verdict: 'unreachable', seen };
  return { verdict: finding.weight === 'open' ? 'silent' : 'unproved', seen };
}
