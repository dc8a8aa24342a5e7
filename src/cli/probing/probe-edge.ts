import {
  type AccessApplicationSpec,
  accessApplication,
} from '../../../reconcilers/cloudflare/access/access-application.ts';
import { organizationSettings } from '../../../reconcilers/cloudflare/account/organization.ts';
import type { GateCheckSpec } from '../../../reconcilers/edge/check-spec.ts';
import { type EdgeFinding, findingOnOpen, throughCover } from '../../../reconcilers/edge/finding.ts';
import { probeCredentials } from '../../../reconcilers/edge/probe.ts';
import { askOnce, nameServersOf, type Question } from '../../../reconcilers/edge/prober.ts';
import { type EdgeVerdict, isOfAuthentik, verdictOn } from '../../../reconcilers/edge/reading/verdict.ts';
import type { Service } from '../../config/model/config.ts';
import type { Plan } from '../../core/change.ts';
import { UnsafeError } from '../../core/errors.ts';
import { isLeading } from '../../core/objects/door.ts';
import type { Desired, GateCheck, Observed } from '../../core/objects/object.ts';
import { type Linked, resolve } from '../../core/objects/reference.ts';
import type { EdgeAnswer, World } from '../../core/world.ts';
import type { Probed } from '../../report/probe/probe.ts';

/** The facts that are known before the first request. */
export interface ProbeContext {
  readonly desired: Desired;
  readonly world: World;
  readonly plan: Plan;
}

/** The answer of a host to the internet, through its cover if it has one. */
export async function askEdge(service: Service, scene: ProbeContext): Promise<Probed> {
  const refusal = probedRefusal(service, scene);
  if (refusal !== undefined) return refusal;
  if (isAbsent(service, scene)) return { verdict: 'absent' };
  const proof = gateCheckOf(service, scene);
  return proof === undefined ? askOpen(service, scene.world) : askGate(proof, scene);
}

/** The result for a service that cannot be built. It is not probed: its state comes from an earlier file. */
export function probedRefusal({ name }: Service, { desired }: ProbeContext): Probed | undefined {
  const isRefused = desired.refusals.some(({ service }) => service === name);
  return isRefused ? { verdict: 'unproved' } : undefined;
}

/** The check of the host's gate from outside; undefined for a gate without one. */
export function gateCheckOf(
  { host }: Service,
  { desired }: ProbeContext,
): GateCheck<GateCheckSpec> | undefined {
  const proofs = desired.proofs.filter(
    ({ address }) => address.kind === 'edge/proof',
  ) as GateCheck<GateCheckSpec>[];
  return proofs.find((one) => one.host === host && one.spec.expect.type !== 'anybody');
}

/** The question that checks a gate. An id that is unknown yet matches no answer. */
export function questionOf({ host, spec }: GateCheck<GateCheckSpec>, { plan }: ProbeContext): Question {
  const { expect, looks } = resolve(spec, (id) => plan.attributes[id]) as GateCheckSpec;
  return { host, expect, looks, headers: {} };
}

export function probedOf({ by, seen, advice, weight }: EdgeFinding): Probed {
  const verdict = weight === 'open' ? 'open' : by === 'closed' ? 'closed' : 'unproved';
  return { verdict, seen, ...(advice !== undefined && { advice }) };
}

/** True if nothing leads to the host yet, because its route or its name does not exist. */
function isAbsent({ host }: Service, { plan }: ProbeContext): boolean {
  return plan.changes.some(
    ({ verb, doors }) => verb === 'create' && doors.some((door) => door.host === host && isLeading(door)),
  );
}

async function askGate(proof: GateCheck<GateCheckSpec>, scene: ProbeContext): Promise<Probed> {
  const { world } = scene;
  const question = questionOf(proof, scene);
  const cover = await standingCover(proof, scene);
  if (cover === undefined) {
    const finding = await askOnce(question, world);
    return finding === undefined ? { verdict: 'guarded' } : probedOf(finding);
  }
  const audience = cover.attributes.aud ?? '';
  const covered: Question = { ...question, looks: [{ path: '/' }], expect: { type: 'access', audience } };
  const hole = await askOnce(covered, world);
  if (hole?.weight === 'open') return probedOf(hole);
  const isPassed = question.expect.type !== 'jwt';
  const headers = isPassed ? await probeCredentials(world) : {};
  const wrongTokens = isPassed ? (await organizationSettings(world))?.wrongTokens : undefined;
  const expect = throughCover(question.expect);
  const finding = await askOnce({ ...question, expect, headers, wrongTokens }, world);
  return finding === undefined
    ? { verdict: 'covered', seen: 'its gate answers', advice: '`gates apply` takes the cover away' }
    : { ...probedOf(finding), verdict: 'covered' };
}

/** The existing Access application of ours that admits only our probe. */
async function standingCover(
  { cover }: GateCheck<GateCheckSpec>,
  { world, plan }: ProbeContext,
): Promise<Observed<AccessApplicationSpec> | undefined> {
  if (cover === undefined) return undefined;
  const spec = cover.spec as Linked<AccessApplicationSpec>;
  const policies = resolve(spec.policies, (id) => plan.attributes[id]);
  const applications = await world.read(accessApplication);
  return applications.find(
    ({ address, owner, spec }) =>
      address.key === cover.address.key &&
      owner === world.scope.owner &&
      policies.every((policy) => spec.policies.includes(String(policy))),
  );
}

async function askOpen(service: Service, world: World): Promise<Probed> {
  const { host } = service;
  if (world.edge === undefined) throw new UnsafeError('There is no way to the edge from here');
  const nameServers = await nameServersOf(host, world);
  const answer = await world.edge.get({ host, path: '/', nameServers }, world.signal);
  const verdict = verdictOn(answer, host, '/');
  const finding = findingOnOpen({ path: '/' }, verdict);
  return finding === undefined ? openAnswer(service, answer, verdict) : probedOf(finding);
}

/** The answer of a host without a gate, in plain words. */
export function openAnswer({ gate }: Service, answer: EdgeAnswer, verdict: EdgeVerdict): Probed {
  const { status, headers } = answer;
  const { location } = headers;
  const answerText = location === undefined ? `answers ${status}` : `answers ${status}, to ${location}`;
  if (verdict.by === 'origin-error') {
    return { verdict: 'unproved', seen: answerText, advice: 'the origin fails: look at its log' };
  }
  if (gate.enforcedBy !== 'nobody') {
    return { verdict: 'answers', seen: `${answerText}; the application itself has to ask` };
  }
  if (!gate.showsLogin) return { verdict: 'public', seen: answerText };
  if (isOfAuthentik(headers)) return { verdict: 'login', seen: `${answerText}, as Authentik` };
  return {
    verdict: 'unproved',
    seen: `${answerText}, and not as Authentik`,
    advice: 'the origin leads to something else: look at its router for the host',
  };
}
