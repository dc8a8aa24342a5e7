import type { ParseResult } from '../../config/parse-config.ts';
import type { Mistake } from '../../core/mistake.ts';
import type { FileDraft } from '../terms/draft.ts';
import { recordPlace } from '../terms/record-place.ts';
import type { ExistingFile } from './existing-file.ts';

/**
 * The mistakes that an extended file has and the file before had not, each at a new entry. Two entries may disagree of which
 * the older one has the mistake: then it counts for the new services of the same server, or at the same host.
 */
export function newMistakes(read: ParseResult, draft: FileDraft, existing: ExistingFile): readonly Mistake[] {
  const { config, warnings } = existing;
  const before = new Set(warnings.map(({ code, path }) => `${code} ${path}`));
  const found = (read.ok ? read.parsed.warnings : read.mistakes).filter(
    ({ severity, code, path }) =>
      // The warning asks for a key of an origin, and import changes no entry of the file.
      severity === 'error' || (code === 'G117' && !before.has(`${code} ${path}`)),
  );
  const services = Object.entries(draft.file.services ?? {});
  const urlOf = (origin: string) => draft.file.origins?.[origin]?.url ?? config.origins.get(origin)?.url;
  const atServer = (url: string | undefined) =>
    services.filter(([, { origin }]) => urlOf(origin) === url).map(([name]) => name);
  return found.flatMap((mistake) => {
    const [section = '', name = ''] = mistake.path.split('.');
    const older = section === 'services' ? config.services.get(name) : undefined;
    const names =
      older !== undefined
        ? atServer(older.origin.url)
        : section === 'origins' && mistake.code === 'G117'
          ? atServer(urlOf(name))
          : atHost(hostOf(mistake, existing), draft);
    return names.length === 0 ? [mistake] : names.map((each) => ({ ...mistake, path: `services.${each}` }));
  });
}

/** The host of an assertion or of a record of the files. */
function hostOf({ path, file }: Mistake, existing: ExistingFile): string | undefined {
  const { expectations, records } = existing.config;
  const record = recordPlace(path);
  if (record === undefined) return expectations.find((each) => each.key === path && each.file === file)?.host;
  const { zone, index } = record;
  return records.filter((each) => each.zone === zone)[existing.firstRecordOf(file, zone) + index]?.name;
}

/** The new services at a host that the file named before. */
function atHost(host: string | undefined, { hosts }: FileDraft): readonly string[] {
  return [...hosts].filter(([, each]) => each === host).map(([name]) => name);
}
