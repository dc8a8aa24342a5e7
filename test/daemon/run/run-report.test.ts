import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../../src/core/change.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { rotationsIn, summarise } from '../../../src/daemon/run/run-report.ts';

function change(verb: Change['verb'], key: string, more: Partial<Change> = {}): Change {
  return {
    id: `${verb} ${key}`,
    verb,
    phase: 'open',
    address: { kind: 'cloudflare/dns-record', key },
    drift: [],
    needs: [],
    doors: [],
    ...more,
  };
}

const planOf = (...changes: readonly Change[]): Plan => ({
  owner: 'home',
  changes,
  warnings: [],
  attributes: {},
  unknown: [],
});

const outcome = ({ id, address }: Change, status: Outcome['status']): Outcome => ({
  change: id,
  address,
  status,
});

describe('the differences that remain after a run', () => {
  const differs = { because: 'services.a', drift: [{ field: 'content', before: 'b', after: 'c' }] };
  const update = change('update', 'a', differs);
  const prune = change('prune', 'b');
  const others = [change('keep', 'c'), change('verify', 'd'), change('refuse', 'e')];

  it('are the planned changes that were not made, without values and without refusals', () => {
    const plan = planOf(update, prune, ...others);
    expect(summarise({ mistakes: [], plan, outcomes: [] }, false, 'gates.yaml').drifted).toEqual({
      count: 2,
      objects: [
        { verb: 'update', what: 'cloudflare/dns-record:a', because: 'services.a', fields: ['content'] },
        { verb: 'prune', what: 'cloudflare/dns-record:b' },
      ],
    });
  });

  it('are the failed and skipped changes, if it applied', () => {
    const plan = planOf(update, prune, ...others);
    const outcomes = [outcome(update, 'done'), outcome(prune, 'failed')];
    const { drifted } = summarise({ mistakes: [], plan, outcomes }, true, 'gates.yaml');
    expect(drifted).toEqual({ count: 1, objects: [{ verb: 'prune', what: 'cloudflare/dns-record:b' }] });
  });

  it('are listed as far as a status has room, and counted completely', () => {
    const plan = planOf(...Array.from({ length: 70 }, (_, index) => change('create', `r${index}`)));
    const { drifted } = summarise({ mistakes: [], plan, outcomes: [] }, false, 'gates.yaml');
    expect([drifted?.count, drifted?.objects.length]).toEqual([70, 50]);
  });

  it('are unknown when nothing could be planned', () => {
    expect(summarise({ mistakes: [], outcomes: [] }, true, 'gates.yaml')).not.toHaveProperty('drifted');
  });
});

describe('the counts of a run', () => {
  it('include what time alone causes', () => {
    const plan = planOf(
      change('update', 'a', { foreseen: true }),
      change('update', 'b'),
      change('keep', 'c'),
    );
    const { counts, foreseen } = summarise({ mistakes: [], plan, outcomes: [] }, true, 'gates.yaml');
    expect({ counts, foreseen }).toEqual({ counts: { update: 2, keep: 1 }, foreseen: 1 });
    const none = { mistakes: [], plan: planOf(change('update', 'b')), outcomes: [] };
    expect(summarise(none, true, 'gates.yaml')).not.toHaveProperty('foreseen');
  });
});

describe('the next rotation of the tokens', () => {
  const token = (key: string, verb: Change['verb'], rotatesAt?: string): Change => {
    const address = { kind: 'cloudflare/service-token', key } as const;
    const have = { address, id: key, owner: 'home', spec: {}, attributes: {}, uses: [] };
    return change(verb, key, { address, have: { ...have, ...(rotatesAt !== undefined && { rotatesAt }) } });
  };
  const [due, next, other] = ['2026-03-01', '2026-05-30', '2026-04-01'].map((day) => `${day}T00:00:00.000Z`);
  const ci = token('ci', 'update', due);
  const plan = planOf(
    ci,
    token('backup', 'keep', other),
    token('old', 'prune', other),
    token('probe', 'keep'),
  );

  it('is as the run found it, or as it left it if the run rotated one', () => {
    expect(rotationsIn({ mistakes: [], plan, outcomes: [outcome(ci, 'failed')] })).toEqual([
      { name: 'ci', at: due },
      { name: 'backup', at: other },
    ]);
    const done = { ...outcome(ci, 'done'), attributes: { rotatesAt: next ?? '' } };
    expect(rotationsIn({ mistakes: [], plan, outcomes: [done] })?.[0]).toEqual({ name: 'ci', at: next });
  });

  it('is unknown when the tokens could not be read', () => {
    const unknown = [{ kind: 'cloudflare/service-token', reason: '403' }];
    expect(rotationsIn({ mistakes: [], plan: { ...plan, unknown }, outcomes: [] })).toBeUndefined();
    expect(rotationsIn({ mistakes: [], outcomes: [] })).toBeUndefined();
  });
});

describe('the effect of another writer during a run', () => {
  const what = 'cloudflare/tunnel:homelab';
  const summary = summarise(
    {
      mistakes: [],
      plan: planOf(),
      outcomes: [],
      interferences: [
        { severity: 'loss', what, text: 'a rule is lost' },
        { severity: 'notice', what, text: 'a rule was removed' },
      ],
    },
    true,
    'gates.yaml',
  );

  it('is a problem if something is lost, so that the run is not done', () => {
    expect(summary.result).toBe('incomplete');
    expect(summary.problems).toEqual([{ status: 'lost', what, reason: 'a rule is lost' }]);
  });

  it('is a warning if nothing is lost', () => {
    expect(summary.warnings).toEqual([`${what}: a rule was removed`]);
  });
});
