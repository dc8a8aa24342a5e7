/** The time since then in words. */
export function formatAge(milliseconds: number): string {
  return milliseconds < 1000 ? 'just now' : `${formatSpan(milliseconds)} ago`;
}

/** The time until then in words. */
export function formatAhead(milliseconds: number): string {
  return milliseconds < 1000 ? 'due' : `in ${formatSpan(milliseconds)}`;
}

/** The same instant in a time zone, `2026-11-28 02:00 Europe/Paris`; in UTC if the zone is unknown. */
export function formatLocal(time: string, timezone = 'UTC'): string {
  const local = new Date(time).toLocaleString('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return `${local} ${timezone}`;
}

/** The two largest units, `2 h 5 min`: nobody needs the seconds of a day. */
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
