import type { Clock } from '../../core/world.ts';
import type { Redactor } from '../redaction.ts';

export const forgeNames = ['github', 'gitlab', 'gitea'] as const;

/** `gitea` includes Forgejo: their APIs for comments are the same. */
export type ForgeName = (typeof forgeNames)[number];

/** A repository on a forge, as its API names it. */
export interface ForgePlace {
  readonly forge: ForgeName;
  /** `https://api.github.com`, `https://gitlab.com/api/v4`, `https://codeberg.org/api/v1`. */
  readonly api: string;
  /** `owner/name`; on GitLab the full path of the project, or its number. */
  readonly repository: string;
}

export interface ForgeParts {
  readonly place: ForgePlace;
  readonly token: string;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>;
}

/** A comment under a pull request. */
export interface ForgeComment {
  readonly id: number;
  readonly body: string;
  /** Number of the account that wrote it; undefined if the account is gone. */
  readonly author: number | undefined;
  /** The address for people; GitLab does not give one. */
  readonly url?: string;
}

/** Comments of one repository's pull requests; GitLab calls them notes of merge requests. */
export interface Forge {
  /** Number of the token's account. */
  whoAmI(): Promise<number>;
  /** Page by page, the oldest first, so that a comment on the first page needs no further one. */
  comments(pull: number): AsyncIterable<readonly ForgeComment[]>;
  create(pull: number, body: string): Promise<ForgeComment>;
  update(pull: number, comment: number, body: string): Promise<ForgeComment>;
}
