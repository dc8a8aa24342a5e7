import {
  type Admission,
  anyOf,
  everybody,
  formulaKey,
  type Unknown,
  unknown,
} from './admission/admission.ts';
import { unsatisfiable } from './admission/decision.ts';
import type { VisitorVerdict } from './admission/visitor.ts';
import { admittedThrough, type Course } from './course.ts';
import { coursesIn } from './courses.ts';
import { Inquiry } from './inquiry.ts';
import type { PartStore } from './state/part-store.ts';
import type { DoorRequest } from './state/snapshot.ts';
import type { Layer, Weighed } from './state/view.ts';
import { answering, waysBy } from './ways.ts';

/**
 * The verdict of a layer on a request that the layers before it let past:
 * - `passes`: it lets the request past · `refuses` · `login`: it sends the visitor to a login that lets somebody past
 * - `unknown`: `LayerFinding.unknown` says why
 * - `not reached`: a layer before it ended the request · `not met`: no course of the request leads through it
 */
export type LayerVerdict = 'passes' | 'refuses' | 'login' | 'unknown' | 'not reached' | 'not met';

/** An object by which a layer decides, and its own verdict on the visitor. */
export interface WeighedFor extends Weighed {
  readonly verdict: VisitorVerdict;
}

export interface LayerFinding {
  readonly layer: Layer;
  readonly verdict: LayerVerdict;
  /** Facts on which its verdict depends, but no earlier layer's verdict. */
  readonly unknown: readonly Unknown[];
  /** True for the first layer that lets nobody past, whoever asks. */
  readonly isClosed: boolean;
  /** In the order in which the layer evaluates them. */
  readonly weighed: readonly WeighedFor[];
}

/** The explanation why a visitor reaches something that answers, or does not. */
export interface Explanation {
  /** The verdict of `waysTo` on the visitor. */
  readonly verdict: VisitorVerdict;
  /** The formula of everybody whom the door admits. */
  readonly admits: Admission;
  /** The origins or copies that answer the visitor, or may: see `Way.to`. */
  readonly to: readonly string[];
  /** Every layer, in the order in which a request meets them; a Worker only if one runs, or may. */
  readonly layers: readonly LayerFinding[];
}

const layers: readonly Layer[] = [
  ...(['name', 'edge rules', 'Access', 'Worker', 'cache', 'tunnel rule', 'origin', 'Authentik'] as const),
];

/** Layers of the edge, which a request to an unproxied name does not meet. */
const ofEdge: ReadonlySet<Layer> = new Set(['edge rules', 'Access', 'Worker', 'cache', 'tunnel rule']);

/**
 * The verdict of each layer on a request of the visitor of `verdictOf` (see `verdictFor`). A layer's verdict covers
 * everything up to it, on all courses of the request together. Only the cache is an end of its own, next to the layers
 * behind it.
 */
export function explain(
  store: PartStore,
  request: DoorRequest,
  verdictOf: (admission: Admission) => VisitorVerdict,
): Explanation {
  const weighed: Weighed[] = [];
  const inquiry = new Inquiry(store, { weigh: (each) => weighed.push(each) });
  return explainBy(inquiry, request, verdictOf, weighed);
}

/** The same by an inquiry. `weighed`: the objects that it weighs while it asks. */
export function explainBy(
  inquiry: Inquiry,
  request: DoorRequest,
  verdictOf: (admission: Admission) => VisitorVerdict,
  weighed: readonly Weighed[] = [],
): Explanation {
  const ways = waysBy(inquiry, request);
  const admits = anyOf(...ways.map((way) => way.admits));
  const reached = ways.filter((way) => {
    const verdict = verdictOf(way.admits);
    return verdict === 'admitted' || typeof verdict === 'object';
  });
  return {
    verdict: verdictOf(admits),
    admits,
    to: answering(reached),
    layers: findingsOf(coursesOf(inquiry, request), unique(weighed), verdictOf),
  };
}

function coursesOf(inquiry: Inquiry, request: DoorRequest): readonly Course[] {
  const courses = coursesIn(inquiry, request);
  if (!inquiry.isUndecided) return courses;
  const name = unknown('too many choices', `${request.host}${request.path}`);
  const passages = [{ access: everybody, application: undefined, worker: everybody, tunnel: everybody }];
  const open = { rules: everybody, copies: undefined, origin: everybody, authentik: everybody };
  return [{ to: '', by: 'other', name, passages, ...open }];
}

function findingsOf(
  courses: readonly Course[],
  weighed: readonly Weighed[],
  verdictOf: (admission: Admission) => VisitorVerdict,
): readonly LayerFinding[] {
  const isStored = ({ copies }: Course) => copies !== undefined;
  const stored = courses.filter(isStored);
  const onward = courses.filter((each) => !isStored(each));
  const through = (some: readonly Course[], layer: Layer) =>
    anyOf(...some.map((course) => admittedThrough(course, layer)));
  // Few requests meet a Worker, so the layer is only shown then.
  const meetsWorker =
    weighed.some(({ layer }) => layer === 'Worker') ||
    courses.some(({ passages }) => passages.some(asksWorker));
  const asksAuthentik = onward.some(({ authentik }) => formulaKey(authentik) !== formulaKey(everybody));
  let ended = false;
  let closed = false;
  let before: readonly Unknown[] = [];
  const shown = layers.filter((layer) => layer !== 'Worker' || meetsWorker);
  return shown.map((layer): LayerFinding => {
    const admits = through(layer === 'cache' ? stored : onward, layer);
    const own = weighed
      .filter((each) => each.layer === layer)
      .map((each) => ({ ...each, verdict: verdictOf(each.admits) }));
    const isClosed = layer !== 'cache' && !closed && unsatisfiable(admits);
    closed ||= isClosed;
    const found = { layer, weighed: own, unknown: [], isClosed };
    const isAround = courses.length > 0 && stored.length === 0 && ofEdge.has(layer);
    if (isAround || (layer === 'Authentik' && !asksAuthentik)) return { ...found, verdict: 'not met' };
    if (ended) return { ...found, verdict: 'not reached' };
    const verdict = verdictOf(admits);
    if (layer === 'cache') return storedFinding(found, verdict, before);
    if (verdict === 'admitted') return { ...found, verdict: 'passes' };
    if (typeof verdict === 'string') {
      ended = true;
      return { ...found, verdict: verdict === 'login' ? 'login' : 'refuses' };
    }
    const fresh = freshOf(verdict.unknown, before);
    before = verdict.unknown;
    return { ...found, verdict: fresh.length > 0 ? 'unknown' : 'passes', unknown: fresh };
  });
}

function asksWorker({ worker }: Course['passages'][number]): boolean {
  return formulaKey(worker) !== formulaKey(everybody);
}

/** The cache refuses nobody: a request without a stored copy continues. */
function storedFinding(
  found: Omit<LayerFinding, 'verdict'>,
  verdict: VisitorVerdict,
  before: readonly Unknown[],
): LayerFinding {
  const fresh = typeof verdict === 'string' ? [] : freshOf(verdict.unknown, before);
  return { ...found, verdict: fresh.length > 0 ? 'unknown' : 'passes', unknown: fresh };
}

function freshOf(facts: readonly Unknown[], before: readonly Unknown[]): readonly Unknown[] {
  const known = new Set(before.map((fact) => JSON.stringify(fact)));
  return facts.filter((fact) => !known.has(JSON.stringify(fact)));
}

function unique(weighed: readonly Weighed[]): readonly Weighed[] {
  const found = new Map<string, Weighed>();
  for (const each of weighed) {
    const key = JSON.stringify([each.layer, each.part]);
    const there = found.get(key);
    // One object may be weighed for each reading of a path.
    found.set(key, there === undefined ? each : { ...there, admits: anyOf(there.admits, each.admits) });
  }
  return [...found.values()];
}

/** The overall verdict, combined from the verdicts of the layers. */
export function combined(found: readonly LayerFinding[]): 'admitted' | 'refused' | 'unknown' {
  const isCopied = found.some(({ layer, verdict }) => layer === 'cache' && verdict === 'unknown');
  const onward = found.filter(({ layer }) => layer !== 'cache').map(({ verdict }) => verdict);
  if (onward.some((verdict) => verdict === 'refuses' || verdict === 'login')) {
    // Only layers behind the cache can refuse and still leave a copy.
    const at = found.findIndex(({ verdict }) => verdict === 'refuses' || verdict === 'login');
    const cache = found.findIndex(({ layer }) => layer === 'cache');
    return isCopied && at > cache ? 'unknown' : 'refused';
  }
  return onward.includes('unknown') ? 'unknown' : 'admitted';
}
