import type { StateResource } from './state-text.ts';

/** Names and keys that say nothing of the object: the resource or the module around it has its name. */
const generic: ReadonlySet<string> = new Set([
  ...['this', 'main', 'default', 'self', 'it', 'record', 'dns', 'dns_record', 'cname', 'a', 'app', 'host'],
  ...[
    'application',
    'access',
    'tunnel',
    'service',
    'provider',
    'proxy',
    'oauth2',
    'oidc',
    'saml',
    'ldap',
    'token',
    'client',
  ],
]);

/**
 * Names of an entry for each resource, the best first; none if a resource is one of many that differ only by a number. The
 * key of `for_each` is such a name, else the name of the resource, else that of the module, if the module is the one
 * thing of which there are several.
 */
export function namesOfResources(
  resources: readonly StateResource[],
): ReadonlyMap<StateResource, readonly string[]> {
  const counts = new Map<string, number>();
  for (const each of resources) counts.set(patternOf(each), (counts.get(patternOf(each)) ?? 0) + 1);
  return new Map(
    resources.map((each) => [
      each,
      namesOf(each, each.key === undefined && counts.get(patternOf(each)) !== 1),
    ]),
  );
}

/** The address without any key. */
function patternOf({ type, name, module = '' }: StateResource): string {
  return `${groupOf(module)}.${type}.${name}`;
}

/** The module without the keys of its instances: `module.site` for `module.site["a"]`. */
export function groupOf(module: string): string {
  return module.replace(/\["(?:[^"\\]|\\.)*"\]|\[\d+\]/g, '');
}

function namesOf({ name, module, key }: StateResource, isRepeated: boolean): readonly string[] {
  if (typeof key === 'number') return [];
  // A key that is a host name gives the name that the host has anyway.
  if (key !== undefined && !generic.has(key)) return key.includes('.') ? [] : [key, `${name}-${key}`];
  const outer = module === undefined ? undefined : nameOfModule(module);
  if (generic.has(name) || isRepeated) return outer === undefined ? [] : [outer, `${outer}-${name}`];
  return outer === undefined ? [name] : [name, `${outer}-${name}`];
}

/** `films` for `module.media["films"]`, `media` for `module.media` and `module.media[0]`. */
function nameOfModule(module: string): string | undefined {
  const [, name, key] = /(?:^|\.)module\.([^.[\]]+)(?:\[(?:"((?:[^"\\]|\\.)*)"|\d+)\])?$/.exec(module) ?? [];
  return key === undefined || key.includes('.') || generic.has(key) ? name : key;
}
