import type { Change, Plan } from '../../../../src/core/change.ts';
import { describeError } from '../../../../src/core/errors.ts';
import type { Outcome } from '../../../../src/core/outcome.ts';

/** The reasons why a change may stay undone. */
export interface Hindrance {
  /** Hosts that cannot be opened: changes at them, and changes that depend on those, may wait. */
  readonly waiting: ReadonlySet<string>;
  /**
   * True if foreign objects serve every host of the domain, perhaps behind its login; a person must remove that one.
   */
  readonly servesAll: boolean;
  /**
   * False: nothing is removed, so a login that is to ask for less may have to wait. So may a group's parent that lies in the
   * group by an earlier file.
   */
  readonly prune: boolean;
}

/** The changes that a run left undone though it could have made them, each with the reason. */
export function excuses(plan: Plan, outcomes: readonly Outcome[], hindrance: Hindrance): readonly string[] {
  const reasons = reasonsOf(outcomes);
  const excused = hindered(plan, reasons, hindrance);
  return [...reasons].flatMap(([change, reason]) => (excused.has(change) ? [] : [`${change}: ${reason}`]));
}

/** The reason where somebody has removed the rule of ours that stood before the foreign one for all hosts. */
const servedByAll = '*.example.dev is not ours and still serves';

/** What the reasons say where objects of an earlier file stay, since nothing is removed. */
const keptInPlace = [
  'which the file no longer asks for',
  'a path of an earlier file that pruning would remove',
];

/** For each change that a run left undone, by its id: the reason that the run gives. */
export function reasonsOf(outcomes: readonly Outcome[]): ReadonlyMap<string, string> {
  const undone = outcomes.filter(({ status }) => status !== 'done');
  return new Map(
    undone.map(({ change, error, reason = '' }) => [
      change,
      error === undefined ? reason : describeError(error),
    ]),
  );
}

/**
 * The ones of these changes that cannot be made, or wait for such a change, by their ids, with the reasons that the run gives. A plan has
 * each behind those that it waits for.
 */
export function hindered(
  { changes }: Plan,
  among: ReadonlyMap<string, string>,
  { waiting, servesAll, prune }: Hindrance,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const change of changes) {
    const reason = among.get(change.id);
    const isHindered =
      isAt(change, waiting) ||
      // Somebody gave the parent rights in Authentik.
      reason?.includes('which gates gives nobody') === true ||
      (servesAll && (isLeftOfDomain(change) || reason?.includes(servedByAll) === true)) ||
      (!prune &&
        ((change.verb === 'refuse' && change.want === undefined) ||
          isNewParent(change) ||
          // A person must remove what would let somebody in, or what a check finds open.
          keptInPlace.some((words) => reason?.includes(words) === true)));
    if (reason !== undefined && (isHindered || change.needs.some((need) => found.has(need))))
      found.add(change.id);
  }
  return found;
}

/** Hosts that are not yet as the file says and keep earlier objects. The domain's login counts for all of its hosts. */
export function hostsOfUndone({ changes }: Plan, outcomes: readonly Outcome[]): readonly string[] {
  const undone = new Set(outcomes.filter(({ status }) => status !== 'done').map(({ change }) => change));
  return changes
    .filter(({ id, verb }) => undone.has(id) && verb !== 'verify')
    .flatMap(({ address, doors }) =>
      address.key.startsWith('domain-example-dev/') ? ['*.example.dev'] : doors.map(({ host }) => host),
    );
}

function isAt({ doors, address }: Change, waiting: ReadonlySet<string>): boolean {
  const names = [...waiting].flatMap((host) => [host, host.replaceAll('.', '-')]);
  return doors.some(({ host }) => waiting.has(host)) || names.some((name) => address.key.includes(name));
}

function isNewParent({ verb, address }: Change): boolean {
  return verb === 'create' && address.kind === 'authentik/group-parent';
}

/** True for a part of the domain's login, if no host of it is left. */
function isLeftOfDomain({ verb, want, doors }: Change): boolean {
  return verb === 'refuse' && want === undefined && doors.some(({ host }) => host === '*.example.dev');
}
