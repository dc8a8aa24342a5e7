import { objectName } from '../screen/step-name.ts';
import { formatSpan } from '../screen/time-words.ts';
import type { DriftedObject, Expiring, Status } from './status.ts';
import { actionSection } from './status-actions.ts';
import type { StatusSection } from './status-section.ts';

/** The sections about things that need a person, but are no problem of a run. */

const DAY = 86_400_000;
/** The same time before the end as in notices. */
const SOON = 14 * DAY;

export function pausedSection({ paused }: Status, ago: (time: string) => string): readonly StatusSection[] {
  if (paused === undefined) return [];
  const by = paused.by === undefined ? '' : ` by ${paused.by}`;
  const since = paused.since === undefined ? '' : `, ${ago(paused.since)}`;
  return [
    {
      about: 'pause',
      title: `Paused${by}${since}`,
      items: [{ lines: [paused.reason ?? 'no reason was given'] }],
      next: 'gates checks and reports, and writes nothing. `gates resume` ends the pause: gates then applies what was pushed meanwhile, and reverts what was changed by hand.',
    },
  ];
}

/** The drift that gates intentionally left. Changes that failed or were skipped are reported as problems. */
export function driftSection({ lastRun, paused, inForce }: Status): readonly StatusSection[] {
  const { drifted, result } = lastRun ?? {};
  if (drifted === undefined || drifted.count === 0 || result !== 'reported') return [];
  const more = drifted.count - drifted.objects.length;
  const why = paused === undefined ? 'since `reconcile.drift` is `report`' : 'while gates is paused';
  return [
    {
      about: 'drift',
      title: `Not as the file ${inForce === undefined ? '' : `of ${inForce.revision.slice(0, 8)} `}says, and left so ${why}`,
      items: [
        ...drifted.objects.map((object) => ({ lines: [driftText(object)] })),
        ...(more > 0 ? [{ lines: [`and ${more} more`] }] : []),
      ],
      next: '`gates plan` shows the values, `gates apply` reverts them.',
    },
  ];
}

/** `to update cloudflare/dns-record:grafana.example.dev (services.grafana): proxied` */
export function driftText({ verb, what, because, fields = [] }: DriftedObject): string {
  const named = fields.length === 0 ? '' : `: ${fields.join(', ')}`;
  return `to ${verb} ${objectName(what)}${because === undefined ? '' : ` (${because})`}${named}`;
}

/** Problems apart from the gates: tokens, commits, actions. */
export function besideSections(
  status: Status,
  now: Date,
  ago: (time: string) => string,
): readonly StatusSection[] {
  return [
    ...expiringSection(status, now),
    ...rotationSection(status, now),
    ...commitStatusSection(status),
    ...actionSection(status, ago),
  ];
}

export function expiringSection(status: Status, now: Date): readonly StatusSection[] {
  const soon = expiringSoon(status, now);
  if (soon.length === 0) return [];
  return [
    {
      about: 'expiring',
      title: 'Service tokens that expire soon',
      items: soon.map((token) => ({ lines: [`${expiryText(token, now)}, on ${token.at.slice(0, 10)}`] })),
      next: 'Refresh it in the dashboard of Cloudflare (Access, service tokens), or give it another `duration`.',
    },
  ];
}

function rotationSection({ rotations = [] }: Status, now: Date): readonly StatusSection[] {
  if (rotations.length === 0) return [];
  const inOrder = [...rotations].sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  return [
    {
      about: 'rotations',
      title: 'Service tokens that gates rotates',
      items: inOrder.map(({ name, at }) => {
        const rest = Date.parse(at) - now.getTime();
        const when = rest <= 0 ? 'by the next run' : `in ${formatSpan(rest)}, on ${at.slice(0, 10)}`;
        return { lines: [`${name} ${when}`] };
      }),
    },
  ];
}

export function commitStatusSection({ commitStatus }: Status): readonly StatusSection[] {
  if (commitStatus?.error === undefined) return [];
  const where = commitStatus.place === undefined ? '' : ` of ${commitStatus.place}`;
  return [
    {
      about: 'commits',
      title: `Commits${where} do not show what came of them`,
      items: [{ lines: [commitStatus.error] }],
    },
  ];
}

/** The text of the token that expires first, if that is soon. */
export function soonest(status: Status, now: Date): string | undefined {
  const [first] = expiringSoon(status, now);
  return first && `the service token ${expiryText(first, now)}`;
}

/** True if a token has expired, or expires within two weeks. */
export function isSoon({ at }: Expiring, now: Date): boolean {
  return Date.parse(at) - now.getTime() <= SOON;
}

function expiringSoon({ expiring = [] }: Status, now: Date): readonly Expiring[] {
  return expiring
    .filter((token) => isSoon(token, now))
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
}

function expiryText({ name, at }: Expiring, now: Date): string {
  const rest = Date.parse(at) - now.getTime();
  return rest <= 0 ? `${name} has expired` : `${name} ends in ${formatSpan(rest)}`;
}
