import { ConfigError } from '../../core/errors.ts';
import { changesSince } from '../../export/changes-since.ts';
import { formatChanges } from '../../export/changes-text.ts';
import { readExport } from '../../export/export-folder.ts';
import type { SystemsExport } from '../../export/exported-answer.ts';
import { readSystems } from '../../export/read-systems.ts';
import { widthOf } from '../../report/screen/screen.ts';
import type { ReadAccount } from '../surroundings/asked-config.ts';
import { print, printJson, wantsColor } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { configOrNone, type ExportFileOptions } from './config-or-none.ts';
import { liveSystems } from './live-systems.ts';

export interface PlanAgainstOptions extends ExportFileOptions {
  readonly output: 'text' | 'json' | 'markdown';
}

/**
 * Prints what changed in both systems since an export, and changes nothing. Exit codes: 0 = nothing, 2 = changes, 1 =
 * something cannot be compared.
 */
export async function planAgainst(folder: string, options: PlanAgainstOptions): Promise<number> {
  if (options.output === 'markdown') {
    throw new UsageError('--against has no output as Markdown', { hint: 'Choose text or json' });
  }
  const before = await readExport(folder);
  if (before.isAnonymized) {
    throw new ConfigError(`${folder} is anonymized, so that nothing in it has its real name`, {
      hint: 'Name one that `gates export` made without --anonymize',
    });
  }
  const asked = await configOrNone(options);
  if (asked === 'mistakes') return 1;
  const systems = systemsOf(before, asked);
  const now = await readSystems({ ...systems, account: before.account, zones: before.zones });
  const since = changesSince(before, now);
  const form = { color: wantsColor(process.stdout, options.color), width: widthOf(process.stdout) };
  if (options.output === 'json') printJson({ version: 1, ...since });
  else print(formatChanges(since, { ...form, quiet: options.quiet }));
  if (since.notCompared.length > 0) return 1;
  return since.changes.length > 0 ? 2 : 0;
}

/** The systems that the export has: an Authentik that it lacks would be new with all its objects. */
function systemsOf(
  before: SystemsExport,
  { config, settings }: Partial<ReadAccount> & Pick<ReadAccount, 'settings'>,
): ReturnType<typeof liveSystems> {
  const systems = liveSystems(settings, config, before.zones);
  const hasAuthentik = [...before.answers, ...before.refused].some(({ system }) => system === 'authentik');
  if (!hasAuthentik) return { ...systems, authentik: undefined };
  if (systems.authentik !== undefined) return systems;
  throw new ConfigError('Nobody says where the Authentik of the export is', {
    hint: 'Set AUTHENTIK_URL, or `authentik.url` in the file',
  });
}
