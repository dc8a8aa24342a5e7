import { ConfigError } from '../../core/errors.ts';
import { importedFile } from '../../import/checked-draft.ts';
import { readLive } from '../../import/reading.ts';
import type { FileDraft } from '../../import/terms/draft.ts';
import { tellLeft, tellSummary } from '../importing/import-report.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import type { Settings } from '../surroundings/settings.ts';
import type { AuthentikReach } from './authentik-questions.ts';
import type { CloudflarePlace } from './place-questions.ts';

/** The draft that says what is live, as `gates import` makes it; prints what it leaves out. */
export async function liveDraft(
  { owner, account, zones, token }: CloudflarePlace,
  authentik: AuthentikReach | undefined,
  settings: Settings,
  signal: AbortSignal,
): Promise<FileDraft> {
  const known = {
    ...settings,
    cloudflareToken: token,
    authentikToken: authentik?.token,
    authentikUrl: authentik?.url,
  };
  const effects = effectsMaker(known)(signal);
  const place = { owner, account, zones, ...(authentik !== undefined && { authentik: authentik.url }) };
  const found = await readLive(effects, place);
  const imported = importedFile(found, effects, {});
  tellLeft(found, imported);
  if (imported.mistakes.length > 0)
    throw new ConfigError('What is live would be a file with mistakes', {
      hint: 'See them with `gates import`, or begin with one host',
    });
  tellSummary(imported, effects, found);
  return imported.draft;
}
