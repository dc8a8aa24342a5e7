import type { Expiring, Status } from './status.ts';
import { actionSection } from './status-actions.ts';
import { formatSpan } from './time-words.ts';

/** What waits for a person without being the trouble of a run. */

const DAY = 86_400_000;
/** As long before its end as people are told of it. */
const SOON = 14 * DAY;

export function pausedSection({ paused }: Status, ago: (time: string) => string): readonly string[] {
  if (paused === undefined) return [];
  const by = paused.by === undefined ? '' : ` by ${paused.by}`;
  const since = paused.since === undefined ? '' : `, ${ago(paused.since)}`;
  return [
    '',
    `Paused${by}${since}`,
    `  ${paused.reason ?? 'no reason was given'}`,
    '  gates checks and reports, and writes nothing. `gates resume` ends the pause: gates then applies what was pushed meanwhile, and reverts what was changed by hand.',
  ];
}

/** What failed or was skipped is told as a problem; this is what was left on purpose. */
export function driftSection({ lastRun, paused, inForce }: Status): readonly string[] {
  const { drifted, result } = lastRun ?? {};
  if (drifted === undefined || drifted.count === 0 || result !== 'reported') return [];
  const more = drifted.count - drifted.objects.length;
  const why = paused === undefined ? 'since `reconcile.drift` is `report`' : 'while gates is paused';
  return [
    '',
    `Not as the file ${inForce === undefined ? '' : `of ${inForce.revision.slice(0, 8)} `}says, and left so ${why}`,
    ...drifted.objects.map(({ verb, what, because, fields = [] }) => {
      const named = fields.length === 0 ? '' : `: ${fields.join(', ')}`;
      return `  to ${verb} ${what}${because === undefined ? '' : ` (${because})`}${named}`;
    }),
    ...(more > 0 ? [`  and ${more} more`] : []),
    '  `gates plan` shows the values, `gates apply` reverts them.',
  ];
}

/** What stands beside the gates: tokens, commits, actions. */
export function besideSections(status: Status, now: Date, ago: (time: string) => string): readonly string[] {
  return [
    ...expiringSection(status, now),
    ...rotationSection(status, now),
    ...commitStatusSection(status),
    ...actionSection(status, ago),
  ];
}

function expiringSection(status: Status, now: Date): readonly string[] {
  const soon = expiringSoon(status, now);
  if (soon.length === 0) return [];
  return [
    '',
    'Service tokens that expire soon',
    ...soon.map((token) => `  ${expiryText(token, now)}, on ${token.at.slice(0, 10)}`),
    '  Refresh it in the dashboard of Cloudflare (Access, service tokens), or give it another `duration`.',
  ];
}

function rotationSection({ rotations = [] }: Status, now: Date): readonly string[] {
  if (rotations.length === 0) return [];
  const inOrder = [...rotations].sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  return [
    '',
    'Service tokens that gates rotates',
    ...inOrder.map(({ name, at }) => {
      const left = Date.parse(at) - now.getTime();
      return left <= 0
        ? `  ${name} by the next run`
        : `  ${name} in ${formatSpan(left)}, on ${at.slice(0, 10)}`;
    }),
  ];
}

function commitStatusSection({ commitStatus }: Status): readonly string[] {
  if (commitStatus?.error === undefined) return [];
  const where = commitStatus.place === undefined ? '' : ` of ${commitStatus.place}`;
  return ['', `Commits${where} do not show what came of them`, `  ${commitStatus.error}`];
}

/** Of the token that ends first, if that is soon. */
export function soonest(status: Status, now: Date): string | undefined {
  const [first] = expiringSoon(status, now);
  return first && `the service token ${expiryText(first, now)}`;
}

function expiringSoon({ expiring = [] }: Status, now: Date): readonly Expiring[] {
  return expiring
    .filter(({ at }) => Date.parse(at) - now.getTime() <= SOON)
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
}

function expiryText({ name, at }: Expiring, now: Date): string {
  const left = Date.parse(at) - now.getTime();
  return left <= 0 ? `${name} has expired` : `${name} ends in ${formatSpan(left)}`;
}
