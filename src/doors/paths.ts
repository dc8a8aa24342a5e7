import type { Part } from '../core/objects/part.ts';
import type { ProxyProviderPart } from '../core/objects/parts/authentik-parts.ts';
import {
  parsedRoute,
  type RoutePattern,
  routeCoversHost,
  routeCoversPath,
} from '../core/objects/route-pattern.ts';
import { mayAnswer, outpostPath } from './layers/authentik.ts';
import { isStorable } from './layers/cache.ts';
import { coversHost, coversPath, type Destination, parsedDestination } from './layers/destination.ts';
import { endpointExpression } from './layers/edge-rules.ts';
import { expressionOf } from './layers/expression.ts';
import type { PartStore } from './state/part-store.ts';
import { anyHostOf, domainKey, everyKey, externalHostKey, ruleKeys, wildcardHost } from './state/places.ts';

/**
 * One path for each class of a host's paths that everything in use treats alike: destinations of Access, Workers routes, rules of
 * tunnels, saved operations, paths that the host's own providers skip, and the endings that Cloudflare stores. All
 * values of choices count. Computed once for each host. An expression without a known matching path has no class.
 */
export function pathClasses(store: PartStore, host: string): readonly string[] {
  const hosts = classes.get(store) ?? new Map<string, readonly string[]>();
  classes.set(store, hosts);
  const found = hosts.get(host) ?? computedClasses(store, host);
  hosts.set(host, found);
  return found;
}

const classes = new WeakMap<PartStore, Map<string, readonly string[]>>();

/** A test that some layer makes of a path, and paths that show its different results. */
interface PathTest {
  readonly name: string;
  readonly result: (path: string) => unknown;
  readonly samples: readonly string[];
}

/** A segment that no path in use has. */
const other = 'gates-other';

function computedClasses(store: PartStore, host: string): readonly string[] {
  const tests = new Map(testsAt(store, host).map((test) => [test.name, test]));
  const samples = ['/', ...[...tests.values()].flatMap((test) => test.samples)].flatMap((sample) => {
    const below = sample.endsWith('/') ? sample : `${sample}/`;
    return [sample, `${below}${other}`, `${below}${other}.css`, `${sample}.css`];
  });
  const bySignature = new Map<string, string>();
  for (const path of samples.filter((sample) => sample.startsWith('/'))) {
    const results = [...tests.values()].map(({ result }) => result(path));
    const signature = JSON.stringify([isStorable(path), ...results]);
    if (!bySignature.has(signature)) bySignature.set(signature, path);
  }
  return [...bySignature.values()];
}

function testsAt(store: PartStore, host: string): readonly PathTest[] {
  const parts = <S extends Part['part']>(sort: S, ...keys: readonly string[]) =>
    store.possibleParts(sort, keys);
  const tunnels = parts('tunnel', everyKey).flatMap(({ id }) => ruleKeys(id, host));
  const providers = parts('proxy-provider', externalHostKey(host), domainKey);
  return [
    ...parts('access-application', host, wildcardHost).flatMap(({ destinations }) =>
      destinations.map(parsedDestination).flatMap((destination) => destinationTests(destination, host)),
    ),
    ...parts('tunnel-rule', ...tunnels).flatMap(({ path }) => (path ? [expressionTest(path, '')] : [])),
    ...zonesOf(host)
      .flatMap((zone) => parts('worker-route', host, anyHostOf(zone)))
      .map(({ pattern }) => parsedRoute(pattern))
      .filter((route) => routeCoversHost(route, host))
      .map(routeTest),
    ...parts('operation', host).map(({ endpoint }) => operationTest(endpoint)),
    ...providers.filter((provider) => mayAnswer(provider, host)).flatMap((each) => skipTests(each, host)),
    ...(parts('outpost-entry', everyKey).length > 0 ? [outpostTest] : []),
  ];
}

const outpostTest: PathTest = {
  name: 'path of an outpost',
  result: (path) => path.startsWith(`${outpostPath}/`),
  samples: [`${outpostPath}/${other}`],
};

function destinationTests(destination: Destination, host: string): readonly PathTest[] {
  if (!coversHost(destination, host)) return [];
  const { path: covered } = destination;
  const samples = [other, ''].map((letters) => covered.replaceAll('*', letters));
  return [{ name: `access ${covered}`, result: (path) => coversPath(destination, path), samples }];
}

/** The names of zones that a host may be in. */
function zonesOf(host: string): readonly string[] {
  const labels = host.split('.');
  return labels.map((_, place) => labels.slice(place).join('.'));
}

function routeTest(route: RoutePattern): PathTest {
  const sample = route.path.replace(/\*$/, '');
  const result = (path: string) => routeCoversPath(route, path);
  return { name: `route ${route.path}`, result, samples: [sample, `${sample}${other}`] };
}

function operationTest(endpoint: string): PathTest {
  const expression = endpointExpression(endpoint);
  const sample = endpoint.replace(/\{[^{}]*\}/g, other);
  return { name: `operation ${endpoint}`, result: (path) => expression.test(path), samples: [sample] };
}

/** Mode `forward_domain` matches the whole URL. */
function skipTests({ mode, skipPaths }: ProxyProviderPart, host: string): readonly PathTest[] {
  const prefix = mode === 'forward_domain' ? `https://${host}` : '';
  const lines = skipPaths.split('\n').filter((line) => line !== '');
  return lines.map((line) => expressionTest(line, prefix));
}

function expressionTest(source: string, prefix: string): PathTest {
  const expression = expressionOf(source);
  const matches = (path: string) => expression?.matches(prefix + path) ?? 'not an expression';
  return { name: `${prefix} ${source}`, result: matches, samples: samplesOf(source, prefix, matches) };
}

/** The letters that an expression demands, for each alternative: enough for expressions that people write. */
function samplesOf(source: string, prefix: string, matches: (path: string) => unknown): readonly string[] {
  const paths = alternativesOf(source).flatMap((text) => {
    const plain = text
      .replace(/[\^$]|\\[zAbB]/g, '')
      .replace(/\[\^?[^\]]*\]|\\[dDwWsS]/g, 'a')
      .replace(/\\(.)|\.[*+?]?|[*+?]|\{[^}]*\}/g, (token, escaped?: string) => {
        return escaped ?? (token.startsWith('.') ? other : '');
      });
    const path = plain.startsWith(prefix) ? plain.slice(prefix.length) : plain;
    return path.startsWith('/') ? path : `/${path}`;
  });
  return [...paths.filter((path) => matches(path) === true), ...paths];
}

const mostAlternatives = 16;

/** `^/a/x`, `^/b/x` of `^/(a|b)/x`. */
function alternativesOf(source: string): readonly string[] {
  const [group, inner = ''] = /\((?:\?[a-zA-Z]*:?)?([^()]*)\)[*+?]?/.exec(source) ?? [];
  if (group === undefined) return source.split('|');
  const found: string[] = [];
  for (const one of inner.split('|')) {
    found.push(...alternativesOf(source.replace(group, () => one)));
    // Several groups multiply, so nobody looks further.
    if (found.length >= mostAlternatives) break;
  }
  return found.slice(0, mostAlternatives);
}
