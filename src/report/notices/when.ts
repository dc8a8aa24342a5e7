/** `2026-03-01 13:00 Europe/Paris`: a person whom a notice wakes should not have to convert times. */
export function formatTime(time: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return `${parts.format(time)} ${timezone}`;
}
