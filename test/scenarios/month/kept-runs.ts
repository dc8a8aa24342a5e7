import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HistoryRun } from '../../../src/core/record/history.ts';

/** The history as it lies in its folder, the oldest run first. */
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
        // The end of the file, or what a kill left of a line: `history verify` judges that.
        return [];
      }
    });
}

/** Whether anything was to be written, as far as the plan went. */
export function hasChanges({ counts }: Pick<HistoryRun, 'counts'>): boolean {
  return (['create', 'adopt', 'update', 'replace', 'prune'] as const).some((verb) => (counts[verb] ?? 0) > 0);
}
