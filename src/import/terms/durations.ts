const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** Seconds as the file has them: in whole days from a week on, else in the largest whole unit up to hours. */
export function durationText(seconds: number): string {
  const largest = seconds >= 7 * 86_400 ? units : units.slice(1);
  const [unit, length] = largest.find(([, each]) => seconds >= each && seconds % each === 0) ?? ['s', 1];
  return `${seconds / length}${unit}`;
}
