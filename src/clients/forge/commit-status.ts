import { RejectedError } from '../../core/errors.ts';
import type { CommitStatus } from '../../core/record/commit-status.ts';
import type { ForgeName, ForgeParts, ForgePlace } from './forge.ts';
import { createForgeWire } from './forge-wire.ts';
import { giteaHeaders } from './gitea.ts';
import { githubHeaders } from './github.ts';
import { gitlabHeaders } from './gitlab.ts';

/** Commit statuses of one repository. Setting one twice does no harm. */
export interface CommitStatuses {
  /** @throws UnreachableError if the forge may accept it later, RejectedError if it never will. */
  set(revision: string, status: CommitStatus): Promise<void>;
}

export interface CommitStatusOptions extends ForgeParts {
  /** Distinguishes the status from others, including those of other files of the repository: `gates`. */
  readonly context: string;
  /** GitLab keeps statuses by branch. */
  readonly branch: string;
}

interface Form {
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly path: (place: ForgePlace, revision: string) => string;
  /** The forge's own word. A superseded revision was not applied, so no forge may call it a success. */
  readonly states: Readonly<Record<CommitStatus['state'], string>>;
  /** The most characters of a description. Longer ones are refused, or cut on the pages of Gitea and Forgejo. */
  readonly longest: number;
}

const repos = ({ repository }: ForgePlace, revision: string) =>
  `/repos/${repository.split('/').map(encodeURIComponent).join('/')}/statuses/${revision}`;

const forms: Readonly<Record<ForgeName, Form>> = {
  github: {
    headers: githubHeaders,
    path: repos,
    states: { pending: 'pending', success: 'success', failure: 'failure', superseded: 'error' },
    longest: 140,
  },
  gitlab: {
    headers: gitlabHeaders,
    path: ({ repository }, revision) => `/projects/${encodeURIComponent(repository)}/statuses/${revision}`,
    states: { pending: 'pending', success: 'success', failure: 'failed', superseded: 'canceled' },
    longest: 255,
  },
  gitea: {
    headers: giteaHeaders,
    path: repos,
    states: { pending: 'pending', success: 'success', failure: 'failure', superseded: 'warning' },
    longest: 255,
  },
};

/** The commit statuses of a repository on GitHub, GitLab, Gitea or Forgejo. */
export function createCommitStatuses(options: CommitStatusOptions): CommitStatuses {
  const { place, token, context, branch, redactor } = options;
  const { headers, path, states, longest } = forms[place.forge];
  const call = createForgeWire(options, headers(token), 'commit status');
  return {
    async set(revision, status) {
      const description = fitted(status, longest, (text) => redactor.redact(text));
      const body = {
        state: states[status.state],
        description,
        context,
        ...(place.forge === 'gitlab' && { ref: branch }),
      };
      try {
        await call({ method: 'POST', path: path(place, revision), body, repeatable: true });
      } catch (error) {
        if (!isSoAlready(error)) throw error;
      }
    },
  };
}

/** GitLab refuses to set a pending status to pending. */
function isSoAlready(error: unknown): boolean {
  if (!(error instanceof RejectedError) || error.facts.status !== 400) return false;
  return /cannot transition status via :(enqueue|run) from :(pending|running)/i.test(
    error.facts.detail ?? '',
  );
}

/**
 * One line of at most so many characters. Secrets are removed before anything is cut, because half a secret would not
 * be recognized any more. Characters beyond the first plane, which GitHub refuses, are replaced like invisible ones.
 */
function fitted(
  { description, more }: CommitStatus,
  longest: number,
  redact: (text: string) => string,
): string {
  const plain = redact(description)
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u{10000}-\u{10FFFF}\p{Bidi_Control}]/gu, '·')
    .trim();
  const end = more === undefined ? '' : ` (${more})`;
  const room = longest - end.length;
  return `${plain.length > room ? `${plain.slice(0, room - 1).trimEnd()}…` : plain}${end}`;
}
