import { describe, expect, it } from 'vitest';
import { describeError, RejectedError, UnreachableError } from '../../src/core/errors.ts';
import type { Kind } from '../../src/core/objects/address.ts';
import type { Observation } from '../../src/core/objects/object.ts';
import { withSharedCauses } from '../../src/observed/shared-causes.ts';

let requests = 0;

function refused(kind: Kind, permission: string, variable?: string): Observation {
  requests += 1;
  const answer = { status: 403, code: '10000', detail: 'Authentication error', requestId: `r${requests}` };
  const facts = { ...answer, ...(variable !== undefined && { variable }) };
  return { kind, state: 'unknown', error: new RejectedError('No', { hint: `Give it ${permission}`, facts }) };
}

function silent(kind: Kind): Observation {
  requests += 1;
  return {
    kind,
    state: 'unknown',
    error: new UnreachableError('Silence', { facts: { requestId: `r${requests}` } }),
  };
}

function read(kind: Kind, count: number): Observation {
  const object = {
    address: { kind, key: 'x' },
    id: 'x',
    owner: undefined,
    spec: {},
    attributes: {},
    uses: [],
  };
  return { kind, state: 'known', objects: Array.from({ length: count }, () => object) };
}

const texts = (observations: readonly Observation[]) =>
  withSharedCauses(observations).flatMap((item) =>
    item.state === 'unknown' ? [describeError(item.error)] : [],
  );

describe('an unreadable kind', () => {
  it('has one cause if the system rejects the token for everything', () => {
    const [first, ...others] = texts([
      refused('cloudflare/zone', 'Zone'),
      refused('cloudflare/tunnel', 'Tunnel'),
      read('cloudflare/account', 1),
      read('cloudflare/access-session', 0),
      read('authentik/group', 3),
    ]);
    expect(first).toMatch(
      /^Cloudflare refuses this token \(10000 Authentication error\)\. See whether CLOUDFLARE_API_TOKEN/,
    );
    expect(others).toEqual([first]);
  });

  it('names the variable of the token, and leaves the tokens of several zones apart', () => {
    const [first, second] = texts([
      refused('cloudflare/zone', 'Zone', 'CLOUDFLARE_API_TOKEN_WORK'),
      refused('cloudflare/tunnel', 'Tunnel', 'CLOUDFLARE_API_TOKEN_WORK'),
    ]);
    expect(first).toContain('See whether CLOUDFLARE_API_TOKEN_WORK is right');
    expect(second).toBe(first);
    const apart = texts([
      refused('cloudflare/zone', 'Zone', 'CLOUDFLARE_ZONE_TOKEN_NET'),
      refused('cloudflare/tunnel', 'Tunnel'),
    ]);
    expect(apart.map((text) => text.split('. ').at(-1))).toEqual(['Give it Zone', 'Give it Tunnel']);
  });

  it.each([
    { because: 'the token reads something', other: read('cloudflare/dns-record', 1) },
    { because: 'something else failed for another reason', other: silent('cloudflare/dns-record') },
  ])('keeps its own permissions when $because', ({ other }) => {
    const found = texts([refused('cloudflare/zone', 'Zone'), refused('cloudflare/tunnel', 'Tunnel'), other]);
    expect(found.slice(0, 2)).toEqual([
      expect.stringContaining('Give it Zone'),
      expect.stringContaining('Give it Tunnel'),
    ]);
  });

  it('has one cause if the errors differ only in the request', () => {
    const found = texts([silent('authentik/group'), silent('authentik/binding'), silent('cloudflare/zone')]);
    expect(new Set(found).size).toBe(1);
  });

  it('keeps the request if only one permission is missing', () => {
    const [only] = texts([refused('cloudflare/zone', 'Zone'), read('cloudflare/tunnel', 1)]);
    expect(only).toMatch(/\[request r\d+\]\. Give it Zone$/);
  });
});
