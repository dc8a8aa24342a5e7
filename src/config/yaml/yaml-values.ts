import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import type { Mistake, Place } from '../../core/mistake.ts';
import { type Path, pathText, quoted } from '../mistakes/finding.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';

/** Deeper than any real file is nested: a limit below that of the call stack. */
export const MAX_DEPTH = 64;
/** The most values that aliases may stand for in total; an alias bomb stands for millions. */
const MAX_ALIASED = 100_000;

/** The file as plain values, with the place of each. */
export interface YamlDocument {
  /** Maps, lists and scalars. A key that cannot be read is left out and is among the mistakes. */
  readonly value: unknown;
  /** Mistakes that leave the values readable: a duplicate key, a tag, an alias. */
  readonly mistakes: readonly Mistake[];
  /** Values that could not be read and are null here; a mistake above says why. */
  readonly unread: readonly Path[];
  readonly place: (path: Path, part?: 'key' | 'value') => Place;
  /** The path of a value in its own file; included files append to the lists of gates.yaml. */
  readonly written: (path: Path) => Path;
}

/** The use of the limits by gates.yaml and its included files together. */
export interface ReadingCost {
  /** Words, signs and spaces. */
  pieces: number;
  /** Values that aliases stand for. */
  aliased: number;
}

/** The values of a document. `placeAt` returns the place of an offset in its text. */
export function readValues(
  document: Document.Parsed<ParsedNode>,
  placeAt: (offset: number) => Place,
  spent: ReadingCost,
): YamlDocument {
  return new Reading(document, placeAt, spent).read();
}

interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

/** One walk over the nodes of a document: collects values, mistakes, and the data for finding places again. */
class Reading {
  private readonly document: Document.Parsed<ParsedNode>;
  private readonly placeAt: (offset: number) => Place;
  private readonly mistakes: Mistake[] = [];
  private readonly unread: Path[] = [];
  private readonly anchors = new Map<string, Node>();
  private readonly targets = new WeakMap<Alias, Node>();
  private readonly open = new Set<Node>();
  private readonly entries = new WeakMap<YAMLMap, Map<string, Entry>>();
  private readonly spent: ReadingCost;

  constructor(document: Document.Parsed<ParsedNode>, placeAt: (offset: number) => Place, spent: ReadingCost) {
    this.document = document;
    this.placeAt = placeAt;
    this.spent = spent;
  }

  read(): YamlDocument {
    const value = this.valueOf(this.document.contents, [], 0);
    const { mistakes, unread } = this;
    return {
      value,
      mistakes,
      unread,
      place: (path, part) => this.place(path, part),
      written: (path) => path,
    };
  }

  private valueOf(node: Node | null, path: Path, aliases: number): unknown {
    if (node === null) return null;
    if (aliases > 0) {
      this.spent.aliased += 1;
      if (this.spent.aliased > MAX_ALIASED)
        return this.refuse(node, path, 'the aliases of this file expand to too much', 'write the values out');
    }
    if (isAlias(node)) return this.aliasOf(node, path, aliases);
    if ('anchor' in node && typeof node.anchor === 'string') this.anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    if (path.length > MAX_DEPTH)
      return this.refuse(
        node,
        path,
        `nested more than ${MAX_DEPTH} levels deep`,
        'gates.yaml needs ten at most',
      );
    this.open.add(node);
    const value = isMap(node)
      ? this.mapOf(node, path, aliases)
      : isSeq(node)
        ? this.listOf(node.items, path, aliases)
        : null;
    this.open.delete(node);
    return value;
  }

  private aliasOf(alias: Alias, path: Path, aliases: number): unknown {
    const target = this.anchors.get(alias.source);
    if (target === undefined) {
      // The key itself is refused: there are no merge keys.
      if (path.at(-1) === '<<') return null;
      // YAML reads a wildcard or a pattern as an alias.
      if (!/^[\w-]+$/.test(alias.source)) {
        return this.refuse(alias, path, 'text begins with *, which is an alias in YAML', 'put it in quotes');
      }
      return this.refuse(
        alias,
        path,
        `no anchor ${quoted(alias.source)} before this alias`,
        `write &${alias.source.slice(0, 40)} where the value is written first`,
      );
    }
    if (this.open.has(target))
      return this.refuse(alias, path, 'an alias inside its own anchor', 'write out the value');
    this.targets.set(alias, target);
    // Beyond the budget, every further alias would repeat the same refusal.
    return this.spent.aliased > MAX_ALIASED ? null : this.valueOf(target, path, aliases + 1);
  }

  private listOf(items: readonly unknown[], path: Path, aliases: number): unknown[] {
    return items.map((item, index) => this.valueOf(item as Node, [...path, index], aliases));
  }

  private mapOf(map: YAMLMap, path: Path, aliases: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    // A map is read again for each of its aliases, but its keys are judged only once.
    const again = this.entries.has(map);
    const entries = this.entries.get(map) ?? new Map<string, Entry>();
    this.entries.set(map, entries);
    for (const pair of map.items) {
      const key = pair.key as Node;
      const name = keyName(key);
      const first = name === undefined ? undefined : entries.get(name);
      if (name === undefined) {
        if (!again) this.refuse(key ?? map, path, 'a key is not plain text', 'write a word before the colon');
      } else if (first !== undefined && first.key !== key) {
        if (!again) this.duplicate(key, [...path, name], first);
      } else {
        entries.set(name, { key, value: pair.value as Node | null });
        // An assignment to __proto__ would set the prototype and not a key.
        Object.defineProperty(value, name, {
          value: this.valueOf(pair.value as Node | null, [...path, name], aliases),
          configurable: true,
          enumerable: true,
          writable: true,
        });
      }
    }
    return value;
  }

  private duplicate(key: Node, path: Path, first: Entry): void {
    const { line } = this.placeAt(first.key.range?.[0] ?? 0);
    const rule = path.at(-1) === 'gate' ? 'G101' : path.at(-2) === 'paths' ? 'G108' : 'duplicate-key';
    const message = `the key ${quoted(path.at(-1))} occurs twice in one map`;
    this.add(key, path, message, `keep one of them; the first is on line ${line}`, rule);
  }

  private refuse(node: Node, path: Path, message: string, hint: string): null {
    if (this.spent.aliased <= MAX_ALIASED + 1) this.add(node, path, message, hint, 'yaml-feature');
    this.unread.push(path);
    return null;
  }

  private add(node: Node, path: Path, message: string, hint: string, rule: Rule): void {
    const place = this.placeAt(node.range?.[0] ?? 0);
    const code = rule.startsWith('G') ? { code: rule } : {};
    this.mistakes.push({ severity: 'error', rule, ...code, ...place, message, hint, path: pathText(path) });
  }

  /** The place of a value or key; if the file has nothing there, of the nearest value around it. */
  private place(path: Path, part?: 'key' | 'value'): Place {
    let node: Node | null = this.document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, step] of path.entries()) {
      const around = this.follow(node);
      if (isMap(around)) {
        const entry = this.entries.get(around)?.get(String(step));
        if (entry === undefined) break;
        node = entry.value;
        const last = depth === path.length - 1;
        const own = node?.range?.[0];
        const wantsKey = part === 'key' || (part === undefined && !isScalar(node)) || isEmptyScalar(node);
        offset = !last || wantsKey || own === undefined ? (entry.key.range?.[0] ?? offset) : own;
      } else if (isSeq(around)) {
        const item = around.items[Number(step)] as Node | undefined;
        if (item === undefined) break;
        node = item;
        offset = item?.range?.[0] ?? offset;
      } else break;
    }
    return this.placeAt(offset);
  }

  private follow(node: Node | null): Node | null {
    return isAlias(node) ? this.follow(this.targets.get(node) ?? null) : node;
  }
}

/** A value that is not written has no place of its own. */
function isEmptyScalar(node: Node | null): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

function keyName(key: Node | null): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === 'string') return key.value;
  return key.source === undefined || key.source === '' ? undefined : key.source;
}
