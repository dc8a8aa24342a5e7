import { describe, expect, it } from 'vitest';
import type { GateCheck } from '../../src/core/objects/object.ts';
import type { Part } from '../../src/core/objects/part.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { areNew } from '../../src/interlock/run-ends.ts';
import { application, origin, policy, provider, rule, served } from '../doors/parts.ts';

const host = 'app.example.dev';
const login = provider('authentik/proxy-provider:domain', 'https://auth.example.dev', {
  mode: 'forward_domain',
  cookieDomain: 'example.dev',
});

function newAt(paths: readonly string[], start: readonly Part[]): readonly string[] {
  const proof = { host, needs: ['authentik/proxy-provider:domain'] } as Partial<GateCheck> as GateCheck;
  const state = (parts: readonly Part[]) => ({ store: PartStore.of({ parts }) });
  const isNew = areNew({ proofs: [proof] }, { start: state(start), goal: state([login]) });
  return paths.filter((path) => isNew({ host, path, method: 'GET' }));
}

describe('a host behind the login of its domain', () => {
  it('is new where it lets nobody in, but not at a path that is open with and without a final slash', () => {
    const cover = [application('a', [host, `${host}/health/*`], ['p']), policy('p', 'deny', [])];
    const path = [
      application('h', [`${host}/health`], ['ph']),
      policy('ph', 'allow', [{ email: { email: 'me@example.dev' } }]),
      rule(host, 'http://app.lan', { path: '(?i)^/health(/)?$', audiences: ['aud-h'] }),
      origin('http://app.lan'),
    ];
    const start = served(host, ...path, ...cover);
    expect(newAt(['/', '/health', '/health/', '/health/a'], start)).toEqual(['/', '/health/a']);
  });

  it('is new everywhere without a name', () => {
    expect(newAt(['/', '/health'], [rule(host, 'http://app.lan')])).toEqual(['/', '/health']);
  });
});
