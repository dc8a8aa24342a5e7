import { ConfigError } from '../../core/errors.ts';
import { jsonFault } from './json-fault.ts';

/** One object that Terraform or OpenTofu has made, as its state names it. Nothing else of a state is kept: it contains secrets. */
export interface StateResource {
  readonly type: string;
  readonly name: string;
  /** `module.media["films"]`; undefined: the root module. */
  readonly module: string | undefined;
  /** The key of `for_each`, or the index of `count`. */
  readonly key: string | number | undefined;
  /** The id that the provider has for the object. */
  readonly id: string;
}

/** The most bytes of a state; one with 10,000 records has about 10 MB. */
export const mostStateBytes = 128 * 2 ** 20;

/** The formats that a person can have: the state itself, or the output of `show -json`. */
const formats = 'Write one with `terraform state pull` or `terraform show -json` (also `tofu`)';

/**
 * The objects of a state, in its order.
 * @throws ConfigError that names the place and quotes nothing from the text.
 */
export function stateResources(text: string): readonly StateResource[] {
  const state = membersOf(parsedJson(text), 'the state');
  if ('encrypted_data' in state)
    throw new ConfigError('The state is encrypted', {
      hint: 'Use the output of `tofu state pull`, which is not',
    });
  if ('format_version' in state) {
    const values = state.values === undefined ? {} : membersOf(state.values, 'values');
    return values.root_module === undefined ? [] : shownResources(values.root_module, 'values.root_module');
  }
  if (state.version !== 4)
    throw new ConfigError(
      typeof state.version === 'number'
        ? `The state has the format ${state.version}, and import reads format 4`
        : 'The file is no state of Terraform or OpenTofu: it has neither `version` nor `format_version`',
      { hint: typeof state.version === 'number' ? 'Terraform 0.12 and later write format 4' : formats },
    );
  return listOf(state.resources ?? [], 'resources').flatMap((resource, index) =>
    storedResources(resource, `resources[${index}]`),
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (text.trim() === '') throw new ConfigError('The state is empty', { hint: formats });
    const offset = jsonFault(text);
    const before = text.slice(0, offset).split('\n');
    const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
    throw new ConfigError(
      offset === text.length ? `The state is cut off at ${place}` : `The state is no JSON at ${place}`,
      { hint: formats },
    );
  }
}

/** The instances of one entry of `resources` of a state. */
function storedResources(resource: unknown, place: string): readonly StateResource[] {
  const { mode, type, name, module, instances } = membersOf(resource, place);
  if (mode === 'data') return [];
  return listOf(instances ?? [], `${place}.instances`).flatMap((instance, index) => {
    const here = `${place}.instances[${index}]`;
    const { index_key: key, deposed, attributes, attributes_flat: flat } = membersOf(instance, here);
    // A deposed object is one that Terraform will destroy, because another has its place.
    if (deposed !== undefined) return [];
    return resourceOf({ type, name, module, key, attributes: attributes ?? flat }, place, here);
  });
}

/** The resources of a module in the output of `show -json`, and of the modules inside of it. */
function shownResources(module: unknown, place: string): readonly StateResource[] {
  const { address, resources, child_modules: inner } = membersOf(module, place);
  const own = listOf(resources ?? [], `${place}.resources`).flatMap((resource, index) => {
    const here = `${place}.resources[${index}]`;
    const { mode, type, name, index: key, values, deposed_key: deposed } = membersOf(resource, here);
    if (mode === 'data' || deposed !== undefined) return [];
    return resourceOf({ type, name, module: address, key, attributes: values }, here, here);
  });
  const others = listOf(inner ?? [], `${place}.child_modules`).flatMap((child, index) =>
    shownResources(child, `${place}.child_modules[${index}]`),
  );
  return [...own, ...others];
}

interface Parts {
  readonly type: unknown;
  readonly name: unknown;
  readonly module: unknown;
  readonly key: unknown;
  readonly attributes: unknown;
}

/** The resource; none if it has no id yet. */
function resourceOf(
  { type, name, module, key, attributes }: Parts,
  place: string,
  here: string,
): readonly StateResource[] {
  const id = attributes == null ? undefined : membersOf(attributes, `${here}.attributes`).id;
  if (typeof id !== 'string' || id === '') return [];
  return [
    {
      type: textOf(type, `${place}.type`),
      name: textOf(name, `${place}.name`),
      module: module == null ? undefined : textOf(module, `${place}.module`),
      key: typeof key === 'number' || key == null ? (key ?? undefined) : textOf(key, `${here}.index_key`),
      id,
    },
  ];
}

function membersOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw unusable(place, 'an object');
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unusable(place, 'a list');
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  throw unusable(place, 'a text');
}

function unusable(place: string, what: string): ConfigError {
  return new ConfigError(`The state is unusable: ${place} is not ${what}`, { hint: formats });
}
