import { type Change, isPending, type Plan } from '../../core/change.ts';
import { makePaint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import { nameOfChange } from '../screen/step-name.ts';
import type { OutcomeOptions } from './outcome-text.ts';

export interface RestOptions extends OutcomeOptions {
  /** The only service that was taken over; undefined: the whole file. */
  readonly service: string | undefined;
}

/**
 * The changes that a plan still has after an adoption, each with its reason or its fields, and what finishes them.
 *
 * ```
 * left     prune authentik/binding grafana/family
 * left     refuse cloudflare/access-application wiki.example.dev: it belongs to "work"
 * `gates apply --service grafana` does the rest
 * ```
 */
export function restLines({ changes, unknown }: Plan, options: RestOptions): readonly string[] {
  const { color, width, service } = options;
  const paint = makePaint(color);
  const rest = changes.filter(isPending);
  const lead = `${paint.warn('left')}     `;
  const lines = [
    ...unknown.flatMap(({ kind, reason }) => paragraph(`${kind} could not be read: ${reason}`, width, lead)),
    ...rest.flatMap((change) => paragraph(`${nameOfChange(change)}${detailOf(change)}`, width, lead)),
  ];
  const isForApply = rest.some(({ verb }) => verb !== 'refuse');
  const command = service === undefined ? 'gates apply' : `gates apply --service ${service}`;
  return isForApply ? [...lines, `\`${command}\` does the rest`] : lines;
}

function detailOf({ reason, drift }: Change): string {
  if (reason !== undefined) return `: ${reason}`;
  return drift.length === 0 ? '' : ` (${drift.map(({ field }) => field).join(', ')})`;
}
