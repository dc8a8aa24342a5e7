import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import schema from '../../../schema/gates.schema.json' with { type: 'json' };
import { ConfigError } from '../../core/errors.ts';
import type { FileDraft } from '../../import/terms/draft.ts';
import { fileText } from '../../import/text/file-text.ts';
import { ciJob } from '../../init/ci-job.ts';
import { draftHosts, emptyDraft, judgmentOf } from '../../init/file-draft.ts';
import { ignoredFiles } from '../../init/ignored-files.ts';
import { nextSteps } from '../../init/next-steps.ts';
import { table, widthOf } from '../../report/screen/screen.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { redactor, tell } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';
import { type AuthentikReach, authentikPlace } from './authentik-questions.ts';
import { type Dialogue, say, startDialogue } from './dialogue.ts';
import { type NewFile, writeAll } from './folder.ts';
import { jobPlace } from './forge-job.ts';
import { type InitCommandOptions, requireAnswers } from './init-options.ts';
import { liveDraft } from './live-services.ts';
import { cloudflarePlace } from './place-questions.ts';
import { withAskedServices } from './service-questions.ts';
import { addressesIn, leadsIntoTunnel } from './systems.ts';

const FILE = 'gates.yaml';

/**
 * Asks for what it cannot find out, and writes the first gates.yaml, with its schema, .gitignore and a CI job. Changes
 * nothing at Cloudflare or Authentik. Exit codes: 0 = written, 1 = not; then the folder is as it was.
 */
export async function init(options: InitCommandOptions): Promise<number> {
  if (existsSync(FILE))
    throw new UsageError(`${FILE} exists`, {
      hint: 'Edit it, or print what is live beside it: `gates import`',
    });
  const settings = readSettings(process.env);
  const dialogue = startDialogue();
  try {
    requireAnswers(options, settings, dialogue.asks);
    const asked = await askedDraft(dialogue, options, settings);
    const written = await newFiles(asked.draft, options, settings, dialogue);
    dialogue.signal.throwIfAborted();
    writeAll(process.cwd(), written.files);
    if (!options.quiet) tellEnd(written, asked);
    return 0;
  } catch (error) {
    if (!dialogue.signal.aborted) throw error;
    tell('\nNothing was written.');
    return 1;
  } finally {
    dialogue.end();
  }
}

interface AskedDraft {
  readonly draft: FileDraft;
  /** Variables of the secrets that a person typed. */
  readonly typedSecrets: readonly string[];
  /** A host of the file exists already. */
  readonly adopts: boolean;
}

async function askedDraft(
  dialogue: Dialogue,
  options: InitCommandOptions,
  settings: Settings,
): Promise<AskedDraft> {
  const place = await cloudflarePlace(dialogue, options, settings);
  const addresses = await addressesIn(place.cloudflare, place.zoneReplies);
  const live = [...addresses.values()].filter(leadsIntoTunnel).length;
  let authentik: AuthentikReach | undefined;
  const takesLive = options.live || (live > 0 && (await wantsLive(dialogue, options, live)));
  if (takesLive) authentik = await authentikPlace(dialogue, options, settings, false);
  const start = takesLive ? await liveDraft(place, authentik, settings, dialogue.signal) : emptyDraft(place);
  const ground = {
    place,
    addresses: new Set(addresses.keys()),
    authentik: async () => {
      authentik ??= await authentikPlace(dialogue, options, settings, true);
      if (authentik === undefined) throw new ConfigError('A group needs an Authentik');
      return authentik;
    },
  };
  const isComplete = takesLive && options.host === undefined && !dialogue.asks;
  const draft = isComplete ? start : await withAskedServices(start, dialogue, options, ground);
  return {
    draft,
    typedSecrets: [
      ...(settings.cloudflareToken === undefined ? ['CLOUDFLARE_API_TOKEN'] : []),
      ...(settings.authentikToken === undefined && authentik !== undefined ? ['AUTHENTIK_TOKEN'] : []),
    ],
    adopts: takesLive || draftHosts(draft).some((host) => addresses.has(host)),
  };
}

/** Asks whether to begin with what is live. The command line says it with `--live`, or names a host. */
function wantsLive(dialogue: Dialogue, { host }: InitCommandOptions, count: number): Promise<boolean> {
  const hosts = count === 1 ? 'A host leads' : `${count} hosts lead`;
  return dialogue.answer<boolean>(
    {
      flag: '--live',
      text: `${hosts} into your tunnels already. Begin with what is live? yes or no`,
      preset: { words: 'yes', answer: 'yes' },
      read: (answer) => {
        if (/^y(es)?$/i.test(answer)) return { value: true };
        return /^no?$/i.test(answer) ? { value: false } : { wrong: 'Answer yes or no' };
      },
    },
    host !== undefined || !dialogue.asks ? 'no' : undefined,
  );
}

interface NewFiles {
  readonly files: readonly NewFile[];
  /** Files that are not written, each with the reason. */
  readonly left: readonly string[];
}

/**
 * The files, gates.yaml last: its presence says that all are there.
 * @throws ConfigError if the file is wrong, or if an answer was a secret.
 */
async function newFiles(
  draft: FileDraft,
  { forge }: InitCommandOptions,
  settings: Settings,
  dialogue: Dialogue,
): Promise<NewFiles> {
  const { wrong } = judgmentOf(draft);
  if (wrong !== undefined) throw new ConfigError(`The file would be wrong: ${wrong}`);
  const folder = process.cwd();
  const text = fileText(draft);
  const ignored = ignoredFiles(textOf('.gitignore'), stateFolder(folder, settings.stateDir));
  const job = await jobPlace(folder, forge ?? settings.forge, dialogue.signal);
  const made = 'forge' in job ? ciJob(job.forge, draft.file.authentik?.url) : undefined;
  const isKept = made !== undefined && existsSync(made.file);
  const own: readonly NewFile[] = [
    ...(ignored === undefined ? [] : [{ file: '.gitignore', text: ignored, replaces: true as const }]),
    ...(made === undefined || isKept ? [] : [made]),
    { file: FILE, text },
  ];
  if (own.some((one) => redactor.redact(one.text) !== one.text))
    throw new ConfigError('An answer contains a secret, and no file may have one', {
      hint: 'Begin again: tokens belong only to the question for the token',
    });
  const schemaFile = 'gates.schema.json';
  const hasSchema = existsSync(schemaFile);
  return {
    files: [
      ...(hasSchema ? [] : [{ file: schemaFile, text: `${JSON.stringify(schema, undefined, 2)}\n` }]),
      ...own,
    ],
    left: [
      ...('without' in job ? [`No CI job: ${job.without}`] : []),
      ...(isKept ? [`${made.file} exists and is unchanged: docs/pull-requests.md has the job`] : []),
    ],
  };
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The state folder, relative to this folder; undefined if it is elsewhere. */
function stateFolder(folder: string, stateDir: string): string | undefined {
  const relative = path.relative(folder, path.resolve(stateDir));
  return relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? undefined : relative;
}

function tellEnd({ files, left }: NewFiles, { typedSecrets, adopts }: AskedDraft): void {
  const names = files.map(({ file }) => file).reverse();
  tell('');
  tell(`Written: ${names.join(', ')}`);
  for (const line of left) say(line);
  tell('');
  const { title, secrets, commands } = nextSteps({ typedSecrets, adopts });
  tell(title);
  for (const line of secrets) say(line);
  for (const line of table(commands, widthOf(process.stderr))) tell(line);
}
