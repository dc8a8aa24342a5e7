import { describe, expect, it } from 'vitest';
import type { Rehearsal } from '../../../src/report/rehearsal/rehearsal.ts';
import { formatRehearsal } from '../../../src/report/rehearsal/rehearsal-text.ts';

const safe: Rehearsal = {
  seed: 7,
  tried: 294,
  possible: 294,
  writes: 21,
  reads: 1,
  judged: 5816,
  originsTried: 'as described',
  holes: [],
  unfinished: [],
  standing: [],
  unplayed: [],
  unread: [],
};
const host = 'grafana.example.dev';
const door = { host, path: '/', principal: 'anonymous', servedBy: 'origin' };
const textOf = (changed: Partial<Rehearsal>) =>
  formatRehearsal({ ...safe, ...changed }, { color: false, width: 200 });

describe('the text of a rehearsal', () => {
  it('says what was tried, and that nobody got through', () => {
    expect(textOf({})).toBe(`Rehearsed on a copy of what is there now
  21 writes, each one with the process killed, the process stopped, the reply lost, not sent, and refused;
  1 read, each refused; and calls failing at random
  all 294 ways tried (seed 7), every door after each of 5,816 writes
Nobody gets through whom the file does not admit, at any step.
Each time the next run finished the work.
`);
  });

  it('says that there is nothing to write', () => {
    expect(textOf({ writes: 0 })).toContain('\n  nothing to write;\n  1 read, each refused');
  });

  it('lists several spellings at one door once, with what had gone wrong', () => {
    const holes = [
      { ...door, trouble: 'killed at write 3', step: 'prune a b', origins: 'do not ask' as const },
      { ...door, principal: 'token stranger' },
      { ...door, path: '/below' },
      { ...door, host: 'vault.client.invalid', client: 'vault', principal: 'person x@example.dev' },
    ];
    const text = textOf({ holes, tried: 10, originsTried: 'asking and not asking' });
    expect(text).toContain('\n  with origins that ask the outpost, and with origins that do not\n');
    expect(text).toContain('\n  10 of 294 ways tried (seed 7), every door');
    expect(
      text,
    ).toContain(`  ! grafana.example.dev/ lets anonymous through to the origin; also token stranger, /below
      killed at write 3; the origin does not ask who is there; seen in prune a b
  ! the login of vault gives person x@example.dev a code
      nothing went wrong
Exposed: the file does not admit them, and they get through. Do not apply this plan.
`);
  });

  it('separates doors that are open anyway, and parts that the copy lacks', () => {
    const text = textOf({ standing: [door], unplayed: ['Access applications: 1 of them is left out'] });
    expect(text).toContain('\n  not in the copy: Access applications: 1 of them is left out\n');
    expect(text).toContain(
      '\n  as before, and not by this plan: grafana.example.dev/ lets anonymous through to the origin\n',
    );
    expect(text).toContain('\nNobody gets through whom the file does not admit');
  });

  it('says that nothing is known if the copy cannot read a rule', () => {
    const rule = 'tunnel "homelab": the copy would not take its rules back';
    const unknown = { unplayed: [rule], unread: [rule] };
    expect(textOf(unknown)).toContain(`\n  not in the copy: ${rule}\nNot known who gets through: `);
    const unfinished = [{ change: 'c', trouble: 'killed at write 1' }];
    expect(textOf({ ...unknown, unfinished })).toMatch(
      /\nNot known .* A run did not finish what it should\.$/m,
    );
    for (const more of [{}, { unfinished }, { standing: [door] }])
      expect(textOf({ ...unknown, ...more })).not.toContain('Nobody gets through');
    expect(textOf({ ...unknown, holes: [door] })).toContain('\nExposed: ');
  });

  it('lists what a disturbed run leaves undone, at most ten of them', () => {
    const unfinished = Array.from({ length: 12 }, (_, n) => ({
      change: `c${n}`,
      trouble: 'killed at write 1',
    }));
    const text = textOf({ unfinished });
    expect(text).toContain('  ! not done afterwards: c9\n      killed at write 1\n  and 2 more\n');
    expect(text).not.toContain('c10');
    expect(text.trimEnd()).toMatch(/a run did not finish what it should\.$/);
  });
});
