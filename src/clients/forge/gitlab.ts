import type { Forge, ForgeComment, ForgeParts } from './forge.ts';
import { createForgeWire, listIn, MOST_COMMENT_PAGES, rowIn } from './forge-wire.ts';

interface GitlabNote {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number } | null;
}

export function gitlabHeaders(token: string): Readonly<Record<string, string>> {
  return { 'private-token': token };
}

/** GitLab, whose comments under a merge request are notes. */
export function gitlab(parts: ForgeParts): Forge {
  const call = createForgeWire(parts, gitlabHeaders(parts.token));
  const notes = (pull: number) =>
    `/projects/${encodeURIComponent(parts.place.repository)}/merge_requests/${pull}/notes`;
  return {
    async whoAmI() {
      const reply = await call({ method: 'GET', path: '/user', repeatable: true });
      return rowIn(reply).id;
    },
    async *comments(pull) {
      for (let page = '1', read = 0; page !== '' && read < MOST_COMMENT_PAGES; read += 1) {
        const path = `${notes(pull)}?sort=asc&order_by=created_at&per_page=100&page=${page}`;
        const reply = await call({ method: 'GET', path, repeatable: true });
        yield listIn<GitlabNote>(reply).map(commentOf);
        // Empty on the last page. Only a number is accepted, so that no header leads elsewhere.
        page = /^\d+$/.exec(reply.headers.get('x-next-page') ?? '')?.[0] ?? '';
      }
    },
    async create(pull, body) {
      const reply = await call({ method: 'POST', path: notes(pull), body: { body }, repeatable: false });
      return commentOf(rowIn<GitlabNote>(reply));
    },
    async update(pull, comment, body) {
      const path = `${notes(pull)}/${comment}`;
      const reply = await call({ method: 'PUT', path, body: { body }, repeatable: true });
      return commentOf(rowIn<GitlabNote>(reply));
    },
  };
}

function commentOf({ id, body, author }: GitlabNote): ForgeComment {
  return { id, body, author: author?.id };
}
