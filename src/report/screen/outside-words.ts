import type { Change } from '../../core/change.ts';
import { type AddressId, addressId, systemNames } from '../../core/objects/address.ts';
import type { Actor, Attribution, OutsideChange } from '../../core/record/change-log.ts';
import { harmlessLine } from './harmless.ts';

/** `changed by me@example.dev in the dashboard, 14:05 UTC today`; undefined if gates does not know. */
export function outsideWords(change: Change, attribution: Attribution | undefined): string | undefined {
  const outside = outsideChange(change, attribution);
  return outside && attribution && wordsOf(outside, attribution.at);
}

/** The same words; with `now`, it says today and yesterday. */
export function wordsOf({ how, by }: OutsideChange, now?: string): string {
  if (by.length === 0) return `${how} outside gates, not in the log`;
  return `${how} ${by.map((actor) => `by ${actorWords(actor, now)}`).join(', or ')}`;
}

/** The change by others to the object of a step; undefined if gates does not know it, or if the step does nothing. */
export function outsideChange(
  { verb, address }: Change,
  attribution: Attribution | undefined,
): OutsideChange | undefined {
  if (verb === 'keep' || verb === 'verify') return undefined;
  return attribution?.changes.get(addressId(address) as AddressId);
}

/** One line for each log that could not be read, or not far enough back. */
export function gapLines(attribution: Attribution | undefined): readonly string[] {
  return (attribution?.gaps ?? []).map(
    ({ system, reason }) => `gates cannot tell who changed what at ${systemNames[system]}: ${reason}`,
  );
}

function actorWords({ name, at, interface: way }: Actor, now: string | undefined): string {
  const how = way === undefined ? '' : way === 'dashboard' ? ' in the dashboard' : ' over the API';
  return `${harmlessLine(name)}${how}, ${momentWords(at, now)}`;
}

/** `14:05 UTC today`, `14:05 UTC yesterday`, `14:05 UTC on 2026-11-20`; without `now` always the last form. */
function momentWords(at: string, now: string | undefined): string {
  if (now === undefined) return `${at.slice(11, 16)} UTC on ${at.slice(0, 10)}`;
  const [time, today] = [new Date(at), new Date(now)];
  const dayOf = (date: Date) => date.toISOString().slice(0, 10);
  const yesterday = new Date(today.getTime() - 24 * 60 * 60 * 1000);
  const day =
    dayOf(time) === dayOf(today)
      ? 'today'
      : dayOf(time) === dayOf(yesterday)
        ? 'yesterday'
        : `on ${dayOf(time)}`;
  return `${time.toISOString().slice(11, 16)} UTC ${day}`;
}
