/** How long ago, for people. */
export function formatAge(milliseconds: number): string {
  return milliseconds < 1000 ? 'just now' : `${formatSpan(milliseconds)} ago`;
}

/** How long until then, for people. */
export function formatAhead(milliseconds: number): string {
  return milliseconds < 1000 ? 'due' : `in ${formatSpan(milliseconds)}`;
}

/** The same instant by the clocks of a zone, `2026-11-28 02:00 Europe/Paris`; by UTC where the zone is not known. */
export function formatLocal(time: string, timezone = 'UTC'): string {
  const local = new Date(time).toLocaleString('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return `${local} ${timezone}`;
}

/** The two greatest units, `2 h 5 min`: nobody needs the seconds of a day. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
