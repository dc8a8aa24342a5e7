/** `2026-03-01 13:00 Europe/Paris`: who is woken by it does not want to reckon. */
export function formatTime(time: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return `${parts.format(time)} ${timezone}`;
}
