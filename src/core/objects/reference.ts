import type { AddressId } from './address.ts';

/**
 * A value that another object will supply: plain data, so that a plan can be printed and saved. `template`
 * names attributes of the referenced object in braces, `{id}.cfargotunnel.com`.
 */
export interface Reference {
  readonly $ref: AddressId;
  readonly template: string;
}

/** A spec in which every string may instead be a reference. */
export type Linked<T> = T extends string
  ? T | Reference
  : T extends readonly (infer Item)[]
    ? readonly Linked<Item>[]
    : T extends object
      ? { readonly [Field in keyof T]: Linked<T[Field]> }
      : T;

/** The values that a referenced object offers: attributes by name, or undefined while the object does not exist. */
export type AttributeLookup = (id: AddressId) => Readonly<Record<string, string>> | undefined;

export function ref(id: AddressId, template = '{id}'): Reference {
  return { $ref: id, template };
}

export function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && '$ref' in value && 'template' in value;
}

/** Every address a value refers to, in order of appearance, each once. */
export function referencesIn(value: unknown): readonly AddressId[] {
  const found = new Set<AddressId>();
  walk(value, (reference) => found.add(reference.$ref));
  return [...found];
}

/**
 * The value with each reference that the lookup can answer replaced by its text. References it cannot
 * answer stay as they are: they are *known after apply*.
 */
export function resolve<T>(value: Linked<T>, lookup: AttributeLookup): Linked<T> {
  return replace(value, lookup) as Linked<T>;
}

/** True if nothing in the value waits for another object. */
export function isResolved<T>(value: Linked<T>): value is T & Linked<T> {
  return referencesIn(value).length === 0;
}

function walk(value: unknown, visit: (reference: Reference) => void): void {
  if (isReference(value)) visit(value);
  else if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) walk(item, visit);
}

function replace(value: unknown, lookup: AttributeLookup): unknown {
  if (isReference(value)) return fill(value, lookup) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  // A large plan has thousands of specs without a reference, so only what changes is copied.
  let copy: Record<string, unknown> | undefined;
  for (const [field, item] of Object.entries(value)) {
    const replaced = replace(item, lookup);
    if (replaced === item) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[field] = replaced;
  }
  return copy ?? value;
}

function fill(reference: Reference, lookup: AttributeLookup): string | undefined {
  const attributes = lookup(reference.$ref);
  if (attributes === undefined) return undefined;
  let complete = true;
  const text = reference.template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const attribute = attributes[name];
    if (attribute === undefined) complete = false;
    return attribute ?? '';
  });
  return complete ? text : undefined;
}
