/** `Retry-After` in milliseconds; the header is seconds, or a date. */
export function retryAfterOf(headers: Headers | undefined, now = Date.now()): { retryAfter?: number } {
  const value = headers?.get('retry-after');
  if (value === null || value === undefined) return {};
  const seconds = Number(value);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000;
  return Number.isNaN(milliseconds) ? {} : { retryAfter: Math.max(0, milliseconds) };
}
