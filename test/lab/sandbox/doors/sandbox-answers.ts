import { isOutpostPath } from '../../../../src/lab/sandbox/authentik/outpost/outpost-decision.ts';
import { passGuards, route, routeBehind } from '../../../../src/lab/sandbox/edge/routing/route.ts';
import { type EdgeView, viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import type { Verdict, Visit } from '../../../../src/lab/sandbox/edge/view/visit.ts';
import { requestToWorker, runWorker } from '../../../../src/lab/sandbox/edge/worker/run-worker.ts';
import { serveTeam } from '../../../../src/lab/sandbox/edge/worker/team-keys.ts';
import { workerAt } from '../../../../src/lab/sandbox/edge/worker/worker-match.ts';
import { type Claim, claimsAt, NO_CLAIM } from '../../../../src/lab/sandbox/oracle/paths.ts';
import type { Case } from './corpus.ts';
import { addressOf } from './origins.ts';
import type { Asked } from './requests.ts';
import { type Visitor, visitorsOf } from './visitors.ts';

/** The sandbox's answer to one visitor at one door. */
export interface Reached extends Asked {
  readonly visitor: string;
  /** The credentials of the visitor, in the form of the model's questions. */
  readonly holds: Visitor['holds'];
  /** The origin that the visitor reached in the sandbox; undefined if none. */
  readonly reached: string | undefined;
  /** For a visitor who got a copy from Cloudflare's cache: the origin that they reach without any copy. */
  readonly behindCopy?: string | undefined;
}

/** Answers each question with the sandbox. */
export async function reachedIn({
  world,
  asked,
}: Pick<Case, 'world' | 'asked'>): Promise<readonly Reached[]> {
  const view = viewOf(world);
  const withoutCopies = viewOf({ ...world, edgeCache: {} });
  const visitors = visitorsOf(view);
  const answers: Reached[] = [];
  for (const { host, path, method, visitor: number } of asked) {
    const visitor = visitors[number % visitors.length] as Visitor;
    const { name, holds } = visitor;
    const reached = await reachedBy(view, visitor, { host, path, method });
    const isCopy = reached === copiesOf(host);
    const behind = isCopy ? await reachedBy(withoutCopies, visitor, { host, path, method }) : undefined;
    answers.push({
      host,
      path,
      method,
      visitor: name,
      holds,
      reached,
      ...(isCopy && { behindCopy: behind }),
    });
  }
  return answers;
}

/** The origin that the visitor reaches with any claim; undefined if none. */
async function reachedBy(
  view: EdgeView,
  { visit }: Visitor,
  { host, path, method }: Asked,
): Promise<string | undefined> {
  for (const claim of claimsOf(view, host, path)) {
    const reached = await answering(view, asking(visit(host, path, claim), method));
    if (reached !== undefined) return reached;
  }
  return undefined;
}

/** The visit with this method; `OPTIONS` as browsers send it before a cross-origin request. */
function asking(visit: Visit, method: string): Visit {
  if (method !== 'OPTIONS') return { ...visit, method };
  return { ...visit, method, headers: [...visit.headers, ['access-control-request-method', 'GET']] };
}

/** The origin that answers a visit, or the Worker that does so by itself. */
async function answering(view: EdgeView, visit: Visit): Promise<string | undefined> {
  const { host, path, query } = visit;
  const passed = passGuards(view, visit);
  const script = 'verdict' in passed ? undefined : workerAt(view, host, `${path}${query}`);
  if ('verdict' in passed || script === undefined)
    return targetOf(view, host, path, route(view, visit).verdict);
  let target: string | undefined;
  const request = await requestToWorker(visit, passed.assertion);
  const answer = await runWorker(view.world, script, request, async (sent) => {
    const ofTeam = await serveTeam(view.world, sent);
    if (ofTeam !== null) return ofTeam;
    target = targetOf(view, host, path, routeBehind(view, visit, passed).verdict);
    return new Response('', { status: target === undefined ? 403 : 200 });
  });
  return target ?? (answer.ok ? `Worker ${script.id}` : undefined);
}

/** The claims to try: none, and those that an origin may trust: another path, another host, and a path of that host. */
function claimsOf(view: EdgeView, host: string, path: string): readonly Claim[] {
  const usual = [NO_CLAIM, ...claimsAt(view, host, [path, ...excepted])];
  if (!view.world.origins.some(({ trustForwarded }) => trustForwarded)) return usual;
  // An outpost has providers of others too, whose hosts no file names.
  const ofProviders = view.world.authentik.providers.flatMap(({ proxy }) =>
    proxy !== null && URL.canParse(proxy.external_host) ? [new URL(proxy.external_host).host] : [],
  );
  const forged = [...new Set([...hosts, ...ofProviders])].flatMap((other) =>
    excepted.map(
      (uri): Claim => ({
        headers: [
          ['x-forwarded-host', other],
          ['x-forwarded-uri', uri],
        ],
        query: '',
      }),
    ),
  );
  return [...usual, ...forged];
}

const hosts = [...'abcdefghijk'].flatMap((slot) => [`${slot}.example.dev`, `${slot}2.example.dev`]);
const excepted = [
  '/open',
  '/open/x',
  '/health',
  '/admin',
  '/api/v1/status',
  '/api/v1',
  '/.well-known/a_b-c~d',
  '/x.pdf',
];

/** The name of Cloudflare's copies of a host's answers, as the model writes it. */
function copiesOf(host: string): string {
  return `copies of ${host}`;
}

function targetOf(view: EdgeView, host: string, path: string, verdict: Verdict): string | undefined {
  if (verdict.kind === 'cached') return copiesOf(host);
  if (verdict.kind !== 'delivery' && !isOwnPage(verdict, path)) return undefined;
  if (verdict.kind === 'delivery' && verdict.outpost?.app.mode === 'proxy')
    return verdict.outpost.app.internalHost ?? 'proxied';
  const resolution = view.resolve(host);
  if (resolution.kind === 'address') return addressOf(resolution.content);
  if (resolution.kind !== 'tunnel') return undefined;
  const ingress = view.ingress(resolution.tunnelId, host, path);
  return ingress.kind === 'rule' ? ingress.rule.service : undefined;
}

/** True for the outpost's own pages, where people log in. They are behind the gates of the edge, and guard nothing. */
function isOwnPage(verdict: Verdict, path: string): boolean {
  if (!isOutpostPath(path)) return false;
  return verdict.kind === 'outpost' || (verdict.kind === 'answer' && verdict.servedBy === 'authentik');
}
