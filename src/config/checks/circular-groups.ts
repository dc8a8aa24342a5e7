import type { GatesFile } from '../../../schema/generated/config.ts';
import type { Finding } from '../mistakes/finding.ts';
import type { PartOf } from '../model/partial-file.ts';

/** Groups that lie in themselves: all of them would be one group. Each circle is one mistake, at its first group. */
export function circularGroups({ groups = {} }: PartOf<GatesFile>): Finding[] {
  const seen = new Set<string>();
  return Object.keys(groups).flatMap((name): Finding[] => {
    const way = [name];
    for (
      let next = groups[name]?.parent;
      next !== undefined && !seen.has(next);
      next = groups[next]?.parent
    ) {
      if (next === name) {
        for (const each of way) seen.add(each);
        const message =
          way.length === 1
            ? 'a group cannot be its own parent'
            : `these groups lie in each other: ${[...way, name].join(' → ')}`;
        const path = ['groups', name, 'parent'];
        return [
          { severity: 'error', rule: 'conflicting-keys', path, message, hint: 'remove one of the parents' },
        ];
      }
      // A circle further up is the mistake of its own groups.
      if (way.includes(next)) break;
      way.push(next);
    }
    return [];
  });
}
