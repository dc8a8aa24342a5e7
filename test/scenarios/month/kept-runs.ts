import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HistoryRun } from '../../../src/core/record/history.ts';

/** The history in its folder, the oldest run first. */
export function keptRuns(folder: string): readonly HistoryRun[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  return files
    .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n'))
    .flatMap((line): readonly HistoryRun[] => {
      try {
        return [JSON.parse(line).run];
      } catch {
        // The rest is the end of the file, or a line that a kill cut short, which `history verify` judges.
        return [];
      }
    });
}

/** True if the plan, as far as it went, had something to write. */
export function hasChanges({ counts }: Pick<HistoryRun, 'counts'>): boolean {
  return (['create', 'adopt', 'update', 'replace', 'prune'] as const).some((verb) => (counts[verb] ?? 0) > 0);
}
