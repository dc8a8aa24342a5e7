import { isOutpostPath } from '../../../../src/lab/sandbox/authentik/outpost/outpost-decision.ts';
import { route } from '../../../../src/lab/sandbox/edge/routing/route.ts';
import { type EdgeView, viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import type { Verdict } from '../../../../src/lab/sandbox/edge/view/visit.ts';
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
}

/** Answers each question with the sandbox. */
export function reachedIn({ world, asked }: Pick<Case, 'world' | 'asked'>): readonly Reached[] {
  const view = viewOf(world);
  const visitors = visitorsOf(view);
  return asked.map(({ host, path, method, visitor: number }) => {
    const visitor = visitors[number % visitors.length] as Visitor;
    const { name, holds } = visitor;
    const reached = reachedBy(view, visitor, { host, path, method });
    return { host, path, method, visitor: name, holds, reached };
  });
}

/** The origin that the visitor reaches with any claim; undefined if none. */
function reachedBy(view: EdgeView, { visit }: Visitor, { host, path, method }: Asked): string | undefined {
  for (const claim of claimsOf(view, host, path)) {
    const made = { ...visit(host, path, claim), method };
    const { verdict } = route(view, made);
    const reached = targetOf(view, host, path, verdict);
    if (reached !== undefined) return reached;
  }
  return undefined;
}

/** The claims to try: none, and those that an origin may trust: another path, another host, and a path of that host. */
function claimsOf(view: EdgeView, host: string, path: string): readonly Claim[] {
  const usual = [NO_CLAIM, ...claimsAt(view, host, [path, ...excepted])];
  if (!view.world.origins.some(({ trustForwarded }) => trustForwarded)) return usual;
  const forged = hosts.flatMap((other) =>
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

function targetOf(view: EdgeView, host: string, path: string, verdict: Verdict): string | undefined {
  if (verdict.kind === 'cached') return `copies of ${host}`;
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
