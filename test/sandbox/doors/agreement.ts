import { decide } from '../../../src/doors/decision.ts';
import { combined, explain } from '../../../src/doors/explanation.ts';
import type { PartStore } from '../../../src/doors/part-store.ts';
import { waysTo } from '../../../src/doors/ways.ts';
import { isOutpostPath } from '../../../src/sandbox/authentik/outpost-decision.ts';
import { route } from '../../../src/sandbox/edge/route.ts';
import { type EdgeView, viewOf } from '../../../src/sandbox/edge/view.ts';
import type { Verdict } from '../../../src/sandbox/edge/visit.ts';
import { type Claim, claimsAt, NO_CLAIM } from '../../../src/sandbox/oracle-paths.ts';
import type { Case } from './corpus.ts';
import { addressOf } from './origins.ts';
import type { Asked } from './requests.ts';
import { type Visitor, visitorsOf } from './visitors.ts';

/** What both sides say of one visitor at one door. */
export interface Comparison {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly visitor: string;
  /** The origin that the visitor reached in the sandbox; undefined if none. */
  readonly reached: string | undefined;
  readonly model: Model;
}

export type Model =
  | { readonly verdict: 'refused' }
  | { readonly verdict: 'admitted'; readonly to: readonly string[] }
  | { readonly verdict: 'unknown'; readonly reasons: readonly string[] };

/** Answers each question by the sandbox and by the model. */
export function compared({ world, store, asked }: Omit<Case, 'story'>): readonly Comparison[] {
  const view = viewOf(world);
  const visitors = visitorsOf(view);
  return asked.map(({ host, path, method, visitor: number }) => {
    const visitor = visitors[number % visitors.length] as Visitor;
    return {
      ...{ host, path, method, visitor: visitor.name },
      reached: reachedBy(view, visitor, { host, path, method }),
      model: modelled(store, visitor, { host, path, method }),
    };
  });
}

/** A question, and what its explanation says of the visitor in each identity that they may take. */
export interface Explained extends Comparison {
  /** By the verdict of the whole, and by those of the layers together; each differs only by mistake. */
  readonly verdicts: readonly { readonly whole: Model['verdict']; readonly layers: Model['verdict'] }[];
}

/** Answers each question by the sandbox, and by the explanations of `gates why`. */
export function explained({ world, store, asked }: Omit<Case, 'story'>): readonly Explained[] {
  const view = viewOf(world);
  const visitors = visitorsOf(view);
  return asked.map(({ host, path, method, visitor: number }) => {
    const visitor = visitors[number % visitors.length] as Visitor;
    const request = { host, path, method };
    const found = visitor.holds.map((holds) => explain(store, request, (admits) => decide(admits, holds)));
    const whole = found.map(({ verdict, to }): Model => {
      if (verdict === 'admitted') return { verdict, to };
      if (typeof verdict === 'string') return { verdict: 'refused' };
      return { verdict: 'unknown', reasons: [...new Set(verdict.unknown.map(({ reason }) => reason))] };
    });
    return {
      ...{ ...request, visitor: visitor.name, reached: reachedBy(view, visitor, request) },
      model: whole.find(({ verdict }) => verdict === 'admitted') ??
        whole.find(({ verdict }) => verdict === 'unknown') ?? { verdict: 'refused' },
      verdicts: found.map(({ layers }, index) => ({
        whole: (whole[index] as Model).verdict,
        layers: combined(layers),
      })),
    };
  });
}

export function agrees({ reached, model }: Comparison): boolean {
  if (model.verdict === 'unknown') return true;
  if (model.verdict === 'refused') return reached === undefined;
  return reached !== undefined && model.to.some((to) => isSame(to, reached));
}

/** The model names an origin as its rule does, and may add for which host it is asked. */
function isSame(to: string, reached: string): boolean {
  return to === reached || to.startsWith(`${reached} `);
}

/** By whatever else the visitor may say to be let through. */
function reachedBy(view: EdgeView, { visit }: Visitor, { host, path, method }: Asked): string | undefined {
  for (const claim of claimsOf(view, host, path)) {
    const made = { ...visit(host, path, claim), method };
    const { verdict } = route(view, made);
    const reached = targetOf(view, host, path, verdict);
    if (reached !== undefined) return reached;
  }
  return undefined;
}

/** Nothing, and what an origin may believe: another path, another host, and a path of that one. */
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

/** The outpost's own pages, by which people log in, are behind the gates of the edge, and before no other. */
function isOwnPage(verdict: Verdict, path: string): boolean {
  if (!isOutpostPath(path)) return false;
  return verdict.kind === 'outpost' || (verdict.kind === 'answer' && verdict.servedBy === 'authentik');
}

function modelled(store: PartStore, { holds }: Visitor, request: Asked): Model {
  const ways = waysTo(store, request);
  const verdicts = ways.flatMap(({ to, admits }) =>
    holds.map((each) => ({ to, verdict: decide(admits, each) })),
  );
  const to = verdicts.flatMap((each) => (each.verdict === 'admitted' ? [each.to] : []));
  const reasons = verdicts.flatMap(({ verdict }) =>
    typeof verdict === 'object' ? verdict.unknown.map(({ reason }) => reason) : [],
  );
  if (to.length > 0) return { verdict: 'admitted', to: [...new Set(to)] };
  if (reasons.length > 0) return { verdict: 'unknown', reasons: [...new Set(reasons)].sort() };
  return { verdict: 'refused' };
}
