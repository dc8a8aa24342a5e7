import { identityScript } from '../../../../reconcilers/cloudflare/worker/identity-script.ts';
import { identityCode } from '../../../../reconcilers/cloudflare/worker/worker.ts';
import { routePattern, workerName } from '../../../../reconcilers/cloudflare/worker/workers-wire.ts';
import type { JsonObject, WorkerScript, World } from '../../../../src/lab/sandbox/state/world.ts';

/** Foreign Workers: one that answers by itself, one that refuses everybody, and one that passes requests on. */
const foreign: Readonly<Record<string, string>> = {
  answers: "export default { fetch: () => new Response('hello') };",
  refuses: "export default { fetch: () => new Response('no', { status: 403 }) };",
  passes: 'export default { fetch: (request) => fetch(request) };',
};

/** Patterns after a scheme and a host. */
const paths = ['/*', '/open*', '/admin/*', '/api/v1', '/x*'];

/** The world with Workers of others and one of ours, in one of three worlds. */
export function withWorkers(world: World, file: string, pick: () => number): World {
  const zone = world.zones[0];
  if (pick() % 3 !== 0 || zone === undefined) return world;
  const names = world.records.filter(({ type }) => type === 'CNAME').map(({ name }) => name.toLowerCase());
  const oneOf = <T>(items: readonly T[]) => items[pick() % items.length] as T;
  const routes = Array.from({ length: 1 + (pick() % 4) }, (): JsonObject => {
    const host = oneOf(['*.example.dev', '*example.dev', ...names, ...names]);
    const script = oneOf([...Object.keys(foreign), undefined]);
    const pattern = `${oneOf(['', '', '', 'https://', 'http://'])}${host}${oneOf(paths)}`;
    return { id: '', pattern, ...(script === undefined ? {} : { script }), request_limit_fail_open: false };
  });
  const own = pick() % 2 === 0 ? ownAt(world, file, pick) : undefined;
  const all = [...routes, ...(own === undefined ? [] : [own.route])];
  const byPattern = new Map(all.map((route) => [String(route.pattern), route]));
  const workersRoutes = [...byPattern.values()].map((route, index) => ({
    ...route,
    id: String(index).padStart(32, '0'),
  }));
  return {
    ...world,
    workerScripts: [
      ...Object.entries(foreign).map(([id, code]) => scriptOf(id, code)),
      ...(own === undefined ? [] : [own.script]),
    ],
    zoneExtras: { ...world.zoneExtras, [zone.id]: { ...world.zoneExtras?.[zone.id], workersRoutes } },
  };
}

/** The Worker of ours before some application of Access, as gates uploads it. */
function ownAt({ apps, organization }: World, file: string, pick: () => number) {
  const [, owner = ''] = /^owner: (\S+)$/m.exec(file) ?? [];
  const whole = apps.flatMap(({ aud, destinations: [first] }) => {
    const uri = String(first?.uri ?? '/').toLowerCase();
    return /[/*]/.test(uri) ? [] : [{ aud, host: uri }];
  });
  const app = whole[pick() % Math.max(1, whole.length)];
  if (app === undefined) return undefined;
  const name = workerName(owner, app.host);
  const texts = {
    ...{ HOST: app.host, TEAM: organization?.authDomain ?? '', AUDIENCE: app.aud },
    ...{ USER_HEADER: 'X-User', GROUPS_HEADER: '', VERSION: identityCode },
  };
  const bindings = Object.entries(texts).map(([key, text]) => ({ type: 'plain_text', name: key, text }));
  return {
    script: { ...scriptOf(name, identityScript), bindings, tags: [`gates-${owner}`] },
    route: { pattern: routePattern(app.host), script: name, request_limit_fail_open: pick() % 8 === 0 },
  };
}

function scriptOf(id: string, code: string): WorkerScript {
  const times = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
  return {
    ...{ id, etag: `etag-${id}`, mainModule: 'worker.js', code, bindings: [], tags: [] },
    ...{ compatibilityDate: '2026-01-01', ...times },
  };
}

/** The notes of gates about the scripts that it has uploaded. */
export function notesOfWorkers({ workerScripts = [] }: World): Map<string, string> {
  const own = workerScripts.filter(({ code }) => code === identityScript);
  return new Map(own.map(({ id, etag }) => [`worker-code\n${id}`, `${etag} ${identityCode}`]));
}
