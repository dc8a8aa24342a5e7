import type { JobForge } from '../../init/ci-job.ts';
import type { Settings } from '../surroundings/settings.ts';
import { UsageError } from '../surroundings/usage-error.ts';

/** The answers of the command line; undefined: it does not answer. */
export interface InitCommandOptions {
  readonly owner: string;
  readonly account?: string;
  readonly zone: readonly string[];
  readonly tunnel?: string;
  readonly authentik?: string;
  readonly loginHost?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly admit?: string;
  readonly reason?: string;
  readonly live: boolean;
  readonly forge?: JobForge;
  readonly quiet: boolean;
}

/**
 * Refuses flags that do not go together, and, without a terminal, a command line that leaves out an answer that is
 * always needed.
 * @throws UsageError that lists everything that is missing.
 */
export function requireAnswers(options: InitCommandOptions, settings: Settings, hasTerminal: boolean): void {
  const { host, origin, admit, reason, live, authentik } = options;
  const aboutHost = [origin, admit, reason].some((answer) => answer !== undefined);
  if (host === undefined && aboutHost && (!hasTerminal || live))
    throw new UsageError('--origin, --admit and --reason are about a host', { hint: 'Give --host too' });
  if (hasTerminal) return;
  const wantsHost = host !== undefined || !live;
  const words = admit?.toLowerCase() ?? '';
  const usesAuthentik = words.includes('group:');
  const missing = [
    ...(settings.cloudflareToken === undefined
      ? ['CLOUDFLARE_API_TOKEN (or CLOUDFLARE_API_TOKEN_FILE)']
      : []),
    ...(wantsHost && host === undefined ? ['--host (or --live, for what is live)'] : []),
    ...(wantsHost && origin === undefined ? ['--origin'] : []),
    ...(wantsHost && admit === undefined ? ['--admit'] : []),
    ...(words === 'public' && reason === undefined ? ['--reason'] : []),
    ...(usesAuthentik && authentik === undefined && settings.authentikUrl === undefined
      ? ['--authentik (or AUTHENTIK_URL)']
      : []),
    ...(usesAuthentik && settings.authentikToken === undefined
      ? ['AUTHENTIK_TOKEN (or AUTHENTIK_TOKEN_FILE)']
      : []),
  ];
  if (missing.length > 0)
    throw new UsageError('There is no terminal to ask at, and answers are missing', {
      hint: `Give: ${missing.join(', ')}`,
    });
}
