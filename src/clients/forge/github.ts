import type { Forge, ForgeComment, ForgeParts } from './forge.ts';
import { createForgeWire, listIn, MOST_COMMENT_PAGES, rowIn } from './forge-wire.ts';

interface GithubComment {
  readonly id: number;
  readonly body?: string | null;
  readonly html_url: string;
  readonly user: { readonly id: number } | null;
}

export function githubHeaders(token: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  };
}

/** GitHub and GitHub Enterprise. The comments of a pull request are those of the issue of the same number. */
export function github(parts: ForgeParts): Forge {
  const { api, repository } = parts.place;
  const call = createForgeWire(parts, githubHeaders(parts.token));
  const issues = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}/issues`;
  return {
    async whoAmI() {
      // The token of a job may not use `GET /user`; this answers every sort of token.
      const path = `${api.replace(/\/v3$/, '')}/graphql`;
      const body = { query: 'query { viewer { id: databaseId } }' };
      const reply = await call({ method: 'POST', path, body, repeatable: true });
      const { data } = reply.body as { readonly data?: { readonly viewer?: unknown } };
      return rowIn({ ...reply, body: data?.viewer }).id;
    },
    async *comments(pull) {
      for (let page = 1, more = true; more && page <= MOST_COMMENT_PAGES; page += 1) {
        const path = `${issues}/${pull}/comments?per_page=100&page=${page}`;
        const reply = await call({ method: 'GET', path, repeatable: true });
        yield listIn<GithubComment>(reply).map(commentOf);
        more = /;\s*rel="next"/.test(reply.headers.get('link') ?? '');
      }
    },
    async create(pull, body) {
      const path = `${issues}/${pull}/comments`;
      const reply = await call({ method: 'POST', path, body: { body }, repeatable: false });
      return commentOf(rowIn<GithubComment>(reply));
    },
    async update(_, comment, body) {
      const path = `${issues}/comments/${comment}`;
      const reply = await call({ method: 'PATCH', path, body: { body }, repeatable: true });
      return commentOf(rowIn<GithubComment>(reply));
    },
  };
}

function commentOf({ id, body, html_url: url, user }: GithubComment): ForgeComment {
  return { id, body: body ?? '', author: user?.id, url };
}
