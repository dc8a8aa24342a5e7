import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import type { ForgeName, ForgePlace } from '../../clients/forge/forge.ts';
import { createForge, postPlan } from '../../clients/forge/post-plan.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { ConfigError } from '../../core/errors.ts';
import { MOST_OF_A_COMMENT, planMarkerOf } from '../../core/record/plan-comment.ts';
import { reconcile } from '../../run/reconcile.ts';
import { type AskedAccount, accountsIn, inEachAccount } from '../surroundings/accounts.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { readGatesFile, tellMistakes } from '../surroundings/file.ts';
import { forgePlace } from '../surroundings/forge-place.ts';
import { readSettings } from '../surroundings/settings.ts';
import { redactor, tell } from '../surroundings/terminal.ts';
import { planAsMarkdown } from './plan.ts';

export interface CommentOptions {
  readonly file: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
  readonly pull: number;
  readonly forge?: ForgeName | 'forgejo';
  /** The file that `gates plan --output markdown` wrote; `-` is stdin. */
  readonly from?: string;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** Writes the plan under a pull request, replacing the owner's comment: one for each account. Exit codes: 0 = written, 1 = not. */
export async function comment(options: CommentOptions): Promise<number> {
  const settings = readSettings(process.env);
  const repository = settings.forgeUrl ?? settings.repository;
  const place = forgePlace(process.env, repository, options.forge ?? settings.forge);
  const token = settings.forgeToken;
  if (token === undefined) {
    throw new ConfigError('No token for the forge', {
      hint: 'Set GATES_FORGE_TOKEN, or GATES_FORGE_TOKEN_FILE; docs/pull-requests.md says what it must be allowed',
    });
  }
  // Registered before the plan is made, so that the plan cannot contain the token.
  redactor.register(token);
  const post = (made: string) => postComment(made, options, { place, token });
  if (options.from !== undefined) return post(await readPlan(options.from));
  const accounts = accountsIn(await readGatesFile(options.file), options, settings);
  return inEachAccount(accounts, async (account) => {
    const made = await planned(account, options);
    return made === undefined ? 1 : post(made);
  });
}

async function postComment(
  made: string,
  options: CommentOptions,
  { place, token }: { readonly place: ForgePlace; readonly token: string },
): Promise<number> {
  const body = redactor.redact(made);
  const marker = planMarkerOf(body);
  if (marker === undefined || body.length > MOST_OF_A_COMMENT) {
    throw new ConfigError('This is not a plan to comment with', {
      hint: 'Give --from what `gates plan --output markdown` wrote, as it is',
    });
  }
  const { signal } = new AbortController();
  const forge = createForge({ place, token, redactor, clock: systemClock, signal });
  const posted = await postPlan(forge, options.pull, { marker, body });
  const where = posted.comment.url ?? `comment ${posted.comment.id} of ${options.pull}`;
  if (!options.quiet) tell(`${words[posted.done]}: ${where}`);
  return 0;
}

const words = {
  created: 'Commented',
  updated: 'Updated the comment',
  unchanged: 'The comment is up to date',
} as const;

async function planned(
  { text, settings }: AskedAccount,
  { file, color, quiet }: CommentOptions,
): Promise<string | undefined> {
  const effects = effectsMaker(settings)(new AbortController().signal);
  const request = { adopt: false, allow: [], unverified: [] };
  const planRequest = { text, file, apply: false, options: request };
  const { mistakes, plan, ground, attribution } = await reconcile(planRequest, effects);
  const errors = tellMistakes(mistakes, file, text, color);
  if (errors > 0 || plan === undefined || ground === undefined) return undefined;
  return planAsMarkdown({ plan, ground }, quiet, { attribution });
}

async function readPlan(from: string): Promise<string> {
  if (from === '-') return readStream(process.stdin);
  try {
    return await readFile(from, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${from} cannot be read`, { hint: 'Name what `gates plan` wrote, or -', cause });
  }
}
