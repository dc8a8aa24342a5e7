/** Seconds as a Go duration in its largest whole unit, `24h`, `90m`, `45s`, `0s`: what Access takes and returns. */
export function goDuration(seconds: number | 'forever'): string {
  if (seconds === 'forever') return 'forever';
  if (seconds === 0) return '0s';
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
