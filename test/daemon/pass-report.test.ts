import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../src/core/change.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { summarise } from '../../src/daemon/pass-report.ts';

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

describe('what is not as the file says when a pass has ended', () => {
  const differs = { because: 'services.a', drift: [{ field: 'content', before: 'b', after: 'c' }] };
  const update = change('update', 'a', differs);
  const prune = change('prune', 'b');
  const others = [change('keep', 'c'), change('verify', 'd'), change('refuse', 'e')];

  it('is what was planned and not done, without values, and without what is refused', () => {
    const plan = planOf(update, prune, ...others);
    expect(summarise({ mistakes: [], plan, outcomes: [] }, false, 'gates.yaml').drifted).toEqual({
      count: 2,
      objects: [
        { verb: 'update', what: 'cloudflare/dns-record:a', because: 'services.a', fields: ['content'] },
        { verb: 'prune', what: 'cloudflare/dns-record:b' },
      ],
    });
  });

  it('is what failed or was skipped, where it was tried', () => {
    const plan = planOf(update, prune, ...others);
    const outcomes = [outcome(update, 'done'), outcome(prune, 'failed')];
    const { drifted } = summarise({ mistakes: [], plan, outcomes }, true, 'gates.yaml');
    expect(drifted).toEqual({ count: 1, objects: [{ verb: 'prune', what: 'cloudflare/dns-record:b' }] });
  });

  it('is listed as far as a status has room, and counted whole', () => {
    const plan = planOf(...Array.from({ length: 70 }, (_, index) => change('create', `r${index}`)));
    const { drifted } = summarise({ mistakes: [], plan, outcomes: [] }, false, 'gates.yaml');
    expect([drifted?.count, drifted?.objects.length]).toEqual([70, 50]);
  });

  it('is not known where nothing could be planned', () => {
    expect(summarise({ mistakes: [], outcomes: [] }, true, 'gates.yaml')).not.toHaveProperty('drifted');
  });
});
