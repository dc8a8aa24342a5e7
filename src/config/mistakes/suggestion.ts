import { distance } from 'fastest-levenshtein';

/** `did you mean "grafana"?` for the nearest known word; undefined if none is near. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const nearest = nearestOf(word, known);
  return nearest === undefined ? undefined : `did you mean ${JSON.stringify(nearest)}?`;
}

/** The known word that was most likely meant by `word`; undefined if none is near. */
export function nearestOf(word: string, known: Iterable<string>): string | undefined {
  // Nobody mistypes so long a word, and the cost of the distance is the product of both lengths.
  if (word.length > 100) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least && steps < candidate.length) {
      least = steps;
      best = candidate;
    }
  }
  return best;
}
