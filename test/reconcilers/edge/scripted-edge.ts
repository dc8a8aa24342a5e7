import type { Edge, EdgeAnswer, EdgeRequest, World } from '../../../src/core/world.ts';
import { createWorld } from '../../../src/observed/world.ts';
import { memoryNotes, memorySinks, memoryVault } from '../../support/memory.ts';
import { eagerClock } from '../../support/world.ts';

export const host = 'grafana.example.dev';
const login = 'https://auth.example.dev';

/** The login that our outpost should ask for. */
export const expectation = { type: 'authentik', login, clientId: 'ours', callback: host } as const;

const redirectUri = encodeURIComponent(`https://${host}/outpost.goauthentik.io/callback`);
const authorize = `${login}/application/o/authorize/?client_id=ours&redirect_uri=${redirectUri}`;

export const answers = {
  gate: edgeAnswer(302, { location: authorize }),
  theirs: edgeAnswer(302, { location: authorize.replace('ours', 'theirs') }),
  start: edgeAnswer(302, { location: `https://${host}/outpost.goauthentik.io/start?rd=%2F` }),
  application: edgeAnswer(200),
  closed: edgeAnswer(503),
  noConnector: edgeAnswer(530),
  challenge: edgeAnswer(403, { 'cf-mitigated': 'challenge' }),
} as const;

export function edgeAnswer(status: number, headers: Readonly<Record<string, string>> = {}): EdgeAnswer {
  return { status, headers: { 'cf-ray': '8f1', ...headers }, body: '' };
}

export interface ScriptedEdge extends Edge {
  readonly requests: readonly EdgeRequest[];
}

/** An edge that answers by the request and its number, from 1. */
export function scriptedEdge(
  answer: (request: EdgeRequest, number: number) => EdgeAnswer | Error,
): ScriptedEdge {
  const requests: EdgeRequest[] = [];
  return {
    requests,
    async get(request, signal) {
      signal.throwIfAborted();
      requests.push(request);
      const given = answer(request, requests.length);
      if (given instanceof Error) throw given;
      return given;
    },
  };
}

/** A world with this edge, a zone with two name servers, and a clock that records the time slept. */
export function worldWith(
  edge: Edge | undefined,
  signal: AbortSignal = new AbortController().signal,
): { readonly world: World; readonly slept: () => number } {
  const clock = eagerClock();
  const began = clock.now().getTime();
  const zones = [
    { id: 'z1', name: 'example.dev', status: 'active', name_servers: ['ada.ns.test', 'bob.ns.test'] },
    { id: 'z2', name: 'sub.example.dev', status: 'active', name_servers: ['eve.ns.test'] },
  ];
  const unexpected = async (): Promise<never> => {
    throw new Error('nothing is written by looking');
  };
  const world = createWorld({
    scope: {
      owner: 'home',
      account: '0123456789abcdef0123456789abcdef',
      zones: ['example.dev', 'sub.example.dev'],
      tunnels: [],
    },
    cloudflare: {
      get: unexpected,
      list: async (path) => (path === '/zones' ? zones : []),
      post: unexpected,
      put: unexpected,
      patch: unexpected,
      delete: unexpected,
    },
    ...(edge !== undefined && { edge }),
    vault: memoryVault(),
    sinks: memorySinks(),
    notes: memoryNotes(),
    clock,
    signal,
  });
  return { world, slept: () => clock.now().getTime() - began };
}
