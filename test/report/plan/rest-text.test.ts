import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../../src/core/change.ts';
import { restLines } from '../../../src/report/plan/rest-text.ts';

const change = (given: Partial<Change>): Change => ({
  id: 'change',
  verb: 'create',
  phase: 'prepare',
  address: { kind: 'cloudflare/dns-record', key: 'CNAME app.example.dev' },
  drift: [],
  needs: [],
  doors: [],
  ...given,
});
const plan = (changes: readonly Change[], unknown: Plan['unknown'] = []): Plan => {
  return { owner: 'home', changes, warnings: [], attributes: {}, unknown };
};
const lines = (made: Plan, service?: string) => restLines(made, { color: false, width: 120, service });

describe('the rest after an adoption', () => {
  it('says nothing if nothing is left', () => {
    expect(lines(plan([change({ verb: 'keep' }), change({ verb: 'verify' })]))).toEqual([]);
  });

  it('names each change with its fields or its reason, and the command that makes it', () => {
    const drift = [{ field: 'ttl', before: 60, after: 300 }];
    expect(lines(plan([change({ verb: 'update', drift }), change({ reason: 'the rest' })]), 'app')).toEqual([
      'left     update cloudflare/dns-record CNAME app.example.dev (ttl)',
      'left     create cloudflare/dns-record CNAME app.example.dev: the rest',
      '`gates apply --service app` does the rest',
    ]);
  });

  it('promises nothing of a refused change, whose reason says what to do', () => {
    expect(lines(plan([change({ verb: 'refuse', reason: 'it belongs to "work"' })]))).toEqual([
      'left     refuse cloudflare/dns-record CNAME app.example.dev: it belongs to "work"',
    ]);
  });

  it('names the kinds that could not be read', () => {
    expect(lines(plan([change({})], [{ kind: 'cloudflare/zone', reason: 'no permission' }]))).toEqual([
      'left     cloudflare/zone could not be read: no permission',
      'left     create cloudflare/dns-record CNAME app.example.dev',
      '`gates apply` does the rest',
    ]);
  });
});
