import { anyOf } from '../doors/admission/admission.ts';
import { type DoorVisitor, verdictFor } from '../doors/admission/visitor.ts';
import { readingsOf } from '../doors/layers/path-reading.ts';
import { pathClasses } from '../doors/paths.ts';
import type { PartStore } from '../doors/state/part-store.ts';
import { answering, waysTo } from '../doors/ways.ts';
import { admissionWords } from './admission-words.ts';
import { withShortNames } from './names.ts';
import { answerOf, type WhyGround, type WhyVerdict } from './why-document.ts';

/** The output of `gates why HOST --output json` (schema/why.schema.json): every class of paths of a host. */
export interface DoorMapDocument extends WhyGround {
  readonly version: 1;
  readonly host: string;
  readonly visitor: string;
  readonly doors: readonly MappedDoor[];
}

/** Paths of a host that admit the same visitors to the same service. */
export interface MappedDoor {
  /** One of several methods; absent if the host has no saved operations of API Shield. */
  readonly method?: string;
  /** In the file's form: `/api` is only that path, `/api/**` includes the paths below it. */
  readonly paths: readonly string[];
  readonly admits: readonly string[];
  /** The origins that answer. */
  readonly to: readonly string[];
  /** The verdict on the visitor of the question. */
  readonly verdict: WhyVerdict;
}

export interface MapQuestion extends WhyGround {
  readonly host: string;
  readonly visitor: string;
}

/** Every door of a host: each class of paths, with its admission. */
export function doorMap(store: PartStore, question: MapQuestion, visitor: DoorVisitor): DoorMapDocument {
  const { host } = question;
  const methods = methodsAt(store, host);
  const found = methods.flatMap((method) =>
    pathClasses(store, host).map((path) => {
      const ways = waysTo(store, { host, path, method });
      const admits = anyOf(...ways.map((way) => way.admits));
      return {
        ...(methods.length > 1 && { method }),
        path,
        admits: admissionWords(admits),
        to: answering(ways)
          .map(withShortNames)
          .filter((to) => !to.startsWith('copies of ')),
        verdict: answerOf(verdictFor(admits, visitor)),
      };
    }),
  );
  const groups = new Map<string, (typeof found)[number][]>();
  for (const door of found) {
    const { path: _, ...rest } = door;
    const key = JSON.stringify(rest);
    groups.set(key, [...(groups.get(key) ?? []), door]);
  }
  const doors = [...groups.values()].flatMap(([first, ...others]): readonly MappedDoor[] => {
    if (first === undefined) return [];
    const { path, ...rest } = first;
    return [{ ...rest, paths: pathLabels([path, ...others.map((door) => door.path)]) }];
  });
  return { version: 1, ...question, doors };
}

/** `GET`, and the methods of the host's saved operations. */
function methodsAt(store: PartStore, host: string): readonly string[] {
  const saved = store.possibleParts('operation', [host]).map(({ method }) => method);
  return [...new Set(['GET', ...saved])];
}

/** The segment that stands for any other one (`pathClasses`). */
const other = /gates-other/g;

/** The classes of one group in the file's form: `/api/**` for `/api` and the paths below it, `/**` for all others. */
export function pathLabels(paths: readonly string[]): readonly string[] {
  if (paths.includes('/')) return ['/**'];
  const all = new Set(paths.map((path) => path.replace(other, '*')));
  const labels = [...all].flatMap((path): readonly string[] => {
    // Files are a class of their own only if Cloudflare may store their answers.
    const [, plain, below] = /^((.*?)(?:\/\*)?)\.css$/.exec(path) ?? [];
    if (plain !== undefined && (all.has(plain) || (below !== plain && all.has(below ?? '')))) return [];
    if (path.endsWith('/*') && all.has(path.slice(0, -2))) return [];
    if (readingsOf(path).length > 1) return [`other spellings, such as ${path}`];
    return [all.has(`${path}/*`) ? `${path}/**` : path];
  });
  return [...new Set(labels)];
}
