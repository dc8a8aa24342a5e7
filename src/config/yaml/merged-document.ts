import type { Mistake } from '../../core/mistake.ts';
import { type Path, pathText, quoted } from '../mistakes/finding.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';
import { LISTS, MAPS, SETTINGS } from './sections.ts';
import type { YamlDocument } from './yaml-values.ts';

/** An included file that was read. */
export interface DocumentPart {
  readonly file: string;
  readonly document: YamlDocument;
}

/** gates.yaml with the entries of the included files, each with its place in its own file. */
export function mergedDocument(main: YamlDocument, parts: readonly DocumentPart[]): YamlDocument {
  return parts.length === 0 ? main : new Merging(main).merge(parts);
}

/** The document that has a value, and the path of the value there. */
interface Route {
  readonly document: YamlDocument;
  readonly path: Path;
}

type Values = Record<string, unknown>;

class Merging {
  private readonly main: YamlDocument;
  private readonly value: Values;
  private readonly mistakes: Mistake[];
  private readonly unread: Path[];
  /** Routes of included values, by their path in the merged document. */
  private readonly routes = new Map<string, Route>();

  constructor(main: YamlDocument) {
    this.main = main;
    this.value = copyOf(isMap(main.value) ? main.value : {});
    this.mistakes = [...main.mistakes];
    this.unread = [...main.unread];
  }

  merge(parts: readonly DocumentPart[]): YamlDocument {
    for (const part of parts) this.add(part);
    const { value, mistakes, unread } = this;
    return {
      value,
      mistakes,
      unread,
      place: (path, part) => {
        const route = this.routeOf(path);
        return route.document.place(route.path, part);
      },
      written: (path) => this.routeOf(path).path,
    };
  }

  private add({ document }: DocumentPart): void {
    this.mistakes.push(...document.mistakes);
    if (!isMap(document.value)) {
      this.refuse(
        document,
        [],
        'wrong-value',
        'an included file is a map of sections',
        'begin with `services:`',
      );
      return;
    }
    const shifts = new Map<string, number>();
    for (const [section, entries] of Object.entries(document.value)) {
      if (SETTINGS.has(section)) {
        this.refuse(document, [section], 'not-included', `${section} belongs in gates.yaml`, 'move it there');
      } else if (isMap(entries) && MAPS.has(section)) {
        for (const key of Object.keys(entries)) this.addEntry(document, [section, key], entries[key], shifts);
      } else this.addValue(document, [section], entries, shifts);
    }
    for (const path of document.unread) this.unread.push(shifted(path, shifts));
  }

  /** Adds an entry of a map: a service, or the records of a zone. */
  private addEntry(document: YamlDocument, path: Path, entry: unknown, shifts: Map<string, number>): void {
    const [section = '', key = ''] = path.map(String);
    if (!Object.hasOwn(this.value, section)) {
      this.value[section] = {};
      this.route([section], { document, path: [section] });
    }
    const entries = this.value[section];
    // The schema reports a section of gates.yaml that is no map.
    if (!isMap(entries)) return;
    if (!Object.hasOwn(entries, key)) {
      define(entries, key, Array.isArray(entry) ? [...entry] : entry);
      this.route(path, { document, path });
    } else if (section === 'dns') this.append(document, path, entry, { list: entries[key], shifts });
    else {
      const { file = 'gates.yaml', line } = this.place(path);
      const hint = `keep one of them; the first is in ${file} on line ${line}`;
      this.refuse(document, path, 'duplicate-key', `the key ${quoted(key)} occurs in two files`, hint);
    }
  }

  /** Adds a list, or a value that is wrong and that the schema reports. */
  private addValue(document: YamlDocument, path: Path, value: unknown, shifts: Map<string, number>): void {
    const section = String(path[0]);
    if (!Object.hasOwn(this.value, section)) {
      define(this.value, section, Array.isArray(value) ? [...value] : value);
      this.route(path, { document, path });
    } else if (LISTS.has(section)) this.append(document, path, value, { list: this.value[section], shifts });
    else {
      const form = MAPS.has(section) ? 'is a map' : 'has no meaning here';
      this.refuse(document, path, 'wrong-value', `${section} ${form}`, 'see docs/reference.md');
    }
  }

  private append(
    document: YamlDocument,
    path: Path,
    value: unknown,
    { list, shifts }: { readonly list: unknown; readonly shifts: Map<string, number> },
  ): void {
    if (!Array.isArray(value)) {
      this.refuse(document, path, 'wrong-value', `${pathText(path)} is a list`, 'begin each entry with `- `');
    } else if (Array.isArray(list)) {
      shifts.set(keyOf(path), list.length);
      for (const [index, item] of value.entries()) {
        this.route([...path, list.length], { document, path: [...path, index] });
        list.push(item);
      }
    }
  }

  private route(path: Path, route: Route): void {
    this.routes.set(keyOf(path), route);
  }

  private routeOf(path: Path): Route {
    for (let length = Math.min(path.length, DEEPEST); length > 0; length -= 1) {
      const route = this.routes.get(keyOf(path.slice(0, length)));
      if (route !== undefined) return { ...route, path: [...route.path, ...path.slice(length)] };
    }
    return { document: this.main, path };
  }

  private place(path: Path) {
    const route = this.routeOf(path);
    return route.document.place(route.path, 'key');
  }

  private refuse(document: YamlDocument, path: Path, rule: Rule, message: string, hint: string): void {
    const place = document.place(path, 'key');
    this.mistakes.push({ severity: 'error', rule, ...place, message, hint, path: pathText(path) });
  }
}

/** Keys of the longest route: `dns`, a zone, an index. */
const DEEPEST = 3;

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

/** A path of an included file in the merged document, where its lists begin later. */
function shifted(path: Path, shifts: ReadonlyMap<string, number>): Path {
  for (const length of [1, 2]) {
    const [list, index, below] = [path.slice(0, length), path[length], path.slice(length + 1)];
    const shift = shifts.get(keyOf(list));
    if (shift !== undefined && typeof index === 'number') return [...list, index + shift, ...below];
  }
  return path;
}

/** The values, with copies of the sections and lists that included files extend. */
function copyOf(value: Values): Values {
  const copy: Values = {};
  for (const [section, entries] of Object.entries(value)) {
    if (Array.isArray(entries)) define(copy, section, [...entries]);
    else if (isMap(entries) && MAPS.has(section)) define(copy, section, copiedEntries(entries));
    else define(copy, section, entries);
  }
  return copy;
}

function copiedEntries(entries: Values): Values {
  const copy: Values = {};
  for (const [key, entry] of Object.entries(entries)) {
    define(copy, key, Array.isArray(entry) ? [...entry] : entry);
  }
  return copy;
}

/** Sets an own key. An assignment to __proto__ would set the prototype. */
function define(values: Values, key: string, value: unknown): void {
  Object.defineProperty(values, key, { value, configurable: true, enumerable: true, writable: true });
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
