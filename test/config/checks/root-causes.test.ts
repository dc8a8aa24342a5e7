import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootCauses } from '../../../src/config/checks/root-causes.ts';
import type { Finding, Path } from '../../../src/config/mistakes/finding.ts';

function finding(path: Path, rest: Partial<Finding> = {}): Finding {
  return { severity: 'error', rule: 'wrong-value', path, message: path.join('.'), ...rest };
}

const rows: readonly { because: string; findings: readonly Finding[]; kept: readonly number[] }[] = [
  {
    because: 'findings that say nothing of each other stay',
    findings: [finding(['a']), finding(['a', 'b']), finding([])],
    kept: [0, 1, 2],
  },
  {
    because: 'what is at a spoiled place, or below it, follows',
    findings: [
      finding(['a', 'x'], { spoils: [['a', 'y']] }),
      finding(['a', 'y']),
      finding(['a', 'y', 'z']),
      finding(['a', 'yy']),
    ],
    kept: [0, 3],
  },
  {
    because: 'a key that is missing is at the place where it should be',
    findings: [
      finding(['a', 'x'], { spoils: [['a', 'y']] }),
      finding(['a'], { absent: 'y' }),
      finding(['a'], { absent: 'z' }),
    ],
    kept: [0, 2],
  },
  {
    because: 'with an error at, above or below what it rests on, a finding follows',
    findings: [
      finding(['groups', 'a']),
      finding(['at'], { restsOn: [['groups', 'a']] }),
      finding(['below'], { restsOn: [['groups']] }),
      finding(['above'], { restsOn: [['groups', 'a', 'x']] }),
      finding(['beside'], { restsOn: [['groups', 'b']] }),
      finding(['spelt'], { restsOn: [['origins']] }),
      finding(['orgins'], { spoils: [['origins']] }),
    ],
    kept: [0, 4, 6],
  },
  {
    because: 'nothing follows from a warning',
    findings: [
      finding(['a'], { severity: 'warning', spoils: [['b']] }),
      finding(['b'], { restsOn: [['a']] }),
    ],
    kept: [0, 1],
  },
  {
    because: 'of two that spoil each other the first stays',
    findings: [finding(['a', 'x'], { spoils: [['a']] }), finding(['a', 'y'], { spoils: [['a']] })],
    kept: [0],
  },
  {
    because: 'findings of one cause do not follow from each other',
    findings: [finding(['a'], { spoils: [[]], cause: 'c' }), finding(['b'], { spoils: [[]], cause: 'c' })],
    kept: [0, 1],
  },
];

describe('findings that follow from others', () => {
  it.each(rows)('are left out: $because', ({ findings, kept }) => {
    expect(rootCauses(findings)).toEqual(kept.map((index) => findings[index]));
  });

  it('never leave out every error, whatever they claim of each other', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 0), { maxLength: 3 });
    const paths = fc.array(path, { maxLength: 3 });
    const one = fc.record({
      path,
      spoils: paths,
      restsOn: paths,
      severity: fc.constantFrom<Finding['severity']>('error', 'warning'),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (drawn) => {
        const findings = drawn.map(({ path: at, ...rest }) => finding(at, rest));
        const kept = rootCauses(findings);
        expect(findings).toEqual(expect.arrayContaining([...kept]));
        expect(kept.some(({ severity }) => severity === 'error')).toBe(
          findings.some(({ severity }) => severity === 'error'),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
