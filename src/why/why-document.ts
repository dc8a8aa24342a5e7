import type { Part } from '../core/objects/part.ts';
import type { Unknown } from '../doors/admission/admission.ts';
import type { VisitorVerdict } from '../doors/admission/visitor.ts';
import type { Explanation, LayerFinding, LayerVerdict, WeighedFor } from '../doors/explanation.ts';
import type { Layer } from '../doors/state/view.ts';
import { admissionWords } from './admission-words.ts';
import { withShortNames } from './names.ts';
import { partWords, selectorWords } from './part-words.ts';
import { unknownText } from './unknown-words.ts';

/** The state that a question is about. */
export interface WhyGround {
  readonly from: 'live' | 'file' | 'plan';
  /** With `plan`: the number of the step before this state. */
  readonly step?: number;
  /** `file` without credentials: everything outside the file counts as absent. */
  readonly isOffline: boolean;
}

/** The verdict on a visitor, in the words of `expect`, or `unknown`. */
export type WhyVerdict = 'allow' | 'deny' | 'login' | 'unknown';

/** The output of `gates why URL --output json`; its schema is schema/why.schema.json. */
export interface WhyDocument extends WhyGround {
  readonly version: 1;
  readonly host: string;
  readonly path: string;
  readonly method: string;
  /** `anonymous`, `me@example.dev`, `groups admins`, `service token ci`, `client api` */
  readonly visitor: string;
  readonly verdict: WhyVerdict;
  /** With `unknown`: the facts on which the verdict depends. */
  readonly unknown: readonly UnknownFact[];
  /** The origins or copies that answer the visitor, or may. */
  readonly to: readonly string[];
  /** The visitors whom the door admits at all, in words. */
  readonly admits: readonly string[];
  readonly layers: readonly ExplainedLayer[];
}

export interface UnknownFact extends Unknown {
  /** The fact in words: `whether the visitor is in group admins`. */
  readonly text: string;
}

export interface ExplainedLayer {
  readonly layer: Layer;
  readonly verdict: LayerVerdict;
  /** True for the first layer that lets nobody past, whoever asks. */
  readonly isClosed: boolean;
  readonly unknown: readonly UnknownFact[];
  readonly objects: readonly ExplainedObject[];
}

export interface ExplainedObject {
  /** Its address, `cloudflare/access-policy:app.example.dev`; absent for the file's statement about an origin. */
  readonly object?: string;
  /** The entry of the file that asks for it, `services.app`. */
  readonly because?: string;
  readonly text: string;
  /** The verdict of the object by itself, if it speaks about the visitor. */
  readonly verdict?: WhyVerdict;
  /** The selector of a policy that decides. */
  readonly rule?: string;
}

export type SourceOf = (
  part: Part,
) => { readonly address: string; readonly because: string | undefined } | undefined;

export interface WhyQuestion extends WhyGround {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly visitor: string;
}

export function whyDocument(
  question: WhyQuestion,
  explanation: Explanation,
  sourceOf: SourceOf,
): WhyDocument {
  const { verdict, to, admits, layers } = explanation;
  return {
    version: 1,
    ...question,
    verdict: answerOf(verdict),
    unknown: typeof verdict === 'object' ? verdict.unknown.map(factOf) : [],
    to: to.map(withShortNames),
    admits: admissionWords(admits),
    layers: layers.map((layer) => explainedLayer(layer, sourceOf)),
  };
}

export function answerOf(verdict: VisitorVerdict): WhyVerdict {
  if (typeof verdict === 'object') return 'unknown';
  return ({ admitted: 'allow', refused: 'deny', login: 'login' } as const)[verdict];
}

function factOf(fact: Unknown): UnknownFact {
  return { ...fact, text: unknownText(fact) };
}

function explainedLayer(finding: LayerFinding, sourceOf: SourceOf): ExplainedLayer {
  const { layer, verdict, isClosed, unknown } = finding;
  const objects = shownOf(finding).map((weighed) => explainedObject(weighed, sourceOf));
  return { layer, verdict, isClosed, unknown: unknown.map(factOf), objects };
}

/** Policies after the deciding one are not evaluated. */
function shownOf({ layer, weighed }: LayerFinding): readonly WeighedFor[] {
  if (layer !== 'Access') return weighed;
  const deciding = weighed.findIndex(
    ({ part, verdict }) => part.part === 'access-policy' && verdict === 'admitted',
  );
  return deciding === -1 ? weighed : weighed.slice(0, deciding + 1);
}

/** Parts whose formula is about the visitor, and not only about the request. */
const aboutVisitors: ReadonlySet<Part['part']> = new Set(['access-policy', 'binding', 'token-rule']);

function explainedObject({ part, verdict, selectors = [] }: WeighedFor, sourceOf: SourceOf): ExplainedObject {
  const source = sourceOf(part);
  const rules = selectors.map(
    ({ list, selector }) => `${list === 'include' ? '' : `${list} `}${selectorWords(selector)}`,
  );
  return {
    ...(source !== undefined && { object: source.address }),
    ...(source?.because !== undefined && { because: source.because }),
    text: partWords(part, source?.because),
    ...(aboutVisitors.has(part.part) && { verdict: answerOf(verdict) }),
    ...(rules.length > 0 && { rule: rules.join(', ') }),
  };
}
