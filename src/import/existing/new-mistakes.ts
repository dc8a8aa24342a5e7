import type { ParseResult } from '../../config/parse-config.ts';
import type { Mistake } from '../../core/mistake.ts';
import type { FileDraft } from '../terms/draft.ts';
import type { ExistingFile } from './existing-file.ts';

/**
 * The mistakes that an extended file has and the file before had not, each at a new entry. Two entries may disagree of which
 * the older one has the mistake: then it counts for the new services of the same server.
 */
export function newMistakes(
  read: ParseResult,
  draft: FileDraft,
  { config, warnings }: ExistingFile,
): readonly Mistake[] {
  const before = new Set(warnings.map(({ code, path }) => `${code} ${path}`));
  const found = (read.ok ? read.parsed.warnings : read.mistakes).filter(
    ({ severity, code, path }) =>
      // The warning asks for a key of an origin, and the entries of the file stay as they are.
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
          : atExpectation(mistake, draft, config);
    return names.length === 0 ? [mistake] : names.map((each) => ({ ...mistake, path: `services.${each}` }));
  });
}

/** The new services at the host of an assertion that was not true of any host before. */
function atExpectation(
  { path }: Mistake,
  { hosts }: FileDraft,
  { expectations }: ExistingFile['config'],
): readonly string[] {
  const host = expectations.find(({ key }) => key === path)?.host;
  return [...hosts].filter(([, each]) => each === host).map(([name]) => name);
}
