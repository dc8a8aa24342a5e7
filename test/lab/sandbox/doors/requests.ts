import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { hosts } from '../../../scenarios/random-files/file.ts';

export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
}

/** A request of one visitor. */
export interface Question extends Asked {
  /** The index of the visitor, modulo their number. */
  readonly visitor: number;
}

const paths = [
  ...[
    '/',
    '/below',
    '/open',
    '/open/',
    '/open/x',
    '/open/x.css',
    '/opened',
    '/health',
    '/health/x',
    '/admin',
  ],
  ...[
    '/admin/x',
    '/ADMIN',
    '/api/v1/status',
    '/api/v1/status/x',
    '/api/v1',
    '/api/v1/x',
    '/api/x',
    '/api',
    '/API/x',
  ],
  ...[
    '/.well-known/a_b-c~d',
    '/x.pdf',
    '/robots.txt',
    '/a/below',
    '/v1/items',
    '/v1/items/7',
    '/v1/items/7/x',
  ],
  ...['/api/x/status', '/outpost.goauthentik.io/start', '/application/o/authorize/', '/above/open'],
];

/** Spellings of the same places. */
const spellings: readonly ((path: string) => string)[] = [
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => `/${path}`,
  (path) => `/x/..${path}`,
  (path) => `${path}%2f`,
];

/** Requests for hosts that exist in the world, and a few for one that does not. */
export function requestsIn(world: World, count: number, pick: () => number): readonly Asked[] {
  const named = new Set([
    ...hosts,
    ...world.records.map(({ name }) => name.toLowerCase().replace('*', 'wild')),
    'nowhere.example.dev',
  ]);
  const live = world.records
    .filter(({ type }) => ['CNAME', 'A', 'AAAA'].includes(type))
    .map(({ name }) => name.toLowerCase().replace('*', 'wild'));
  const all = [...named];
  return Array.from({ length: count }, (): Asked => {
    const from = pick() % 4 === 0 || live.length === 0 ? all : live;
    const host = from[pick() % from.length] as string;
    const plain = paths[pick() % paths.length] as string;
    const spelling = pick() % 12 === 0 ? spellings[pick() % spellings.length] : undefined;
    const method = (['GET', 'GET', 'GET', 'POST', 'DELETE', 'HEAD'] as const)[pick() % 6] as string;
    return { host, path: spelling?.(plain) ?? plain, method };
  });
}
