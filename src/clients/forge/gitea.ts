import type { Forge, ForgeComment, ForgeParts } from './forge.ts';
import { createForgeWire, listIn, MOST_COMMENT_PAGES, rowIn } from './forge-wire.ts';

interface GiteaComment {
  readonly id: number;
  readonly body: string;
  readonly html_url: string;
  readonly user: { readonly id: number } | null;
}

export function giteaHeaders(token: string): Readonly<Record<string, string>> {
  return { authorization: `token ${token}` };
}

/** Gitea and Forgejo. */
export function gitea(parts: ForgeParts): Forge {
  const call = createForgeWire(parts, giteaHeaders(parts.token));
  const issues = `/repos/${parts.place.repository.split('/').map(encodeURIComponent).join('/')}/issues`;
  return {
    async whoAmI() {
      const reply = await call({ method: 'GET', path: '/user', repeatable: true });
      return rowIn(reply).id;
    },
    async *comments(pull) {
      // The API returns all of them at once, without pages. If it gets pages one day, reading ends at a page without
      // new comments, or once the announced number is reached.
      const seenIds = new Set<number>();
      for (let page = 1, more = true; more && page <= MOST_COMMENT_PAGES; page += 1) {
        const path = `${issues}/${pull}/comments?limit=50&page=${page}`;
        const reply = await call({ method: 'GET', path, repeatable: true });
        const fresh = listIn<GiteaComment>(reply).filter(({ id }) => !seenIds.has(id));
        for (const { id } of fresh) seenIds.add(id);
        yield fresh.map(commentOf);
        const total = reply.headers.get('x-total-count');
        more = fresh.length > 0 && (total === null || seenIds.size < Number(total));
      }
    },
    async create(pull, body) {
      const path = `${issues}/${pull}/comments`;
      const reply = await call({ method: 'POST', path, body: { body }, repeatable: false });
      return commentOf(rowIn<GiteaComment>(reply));
    },
    async update(_, comment, body) {
      const path = `${issues}/comments/${comment}`;
      const reply = await call({ method: 'PATCH', path, body: { body }, repeatable: true });
      return commentOf(rowIn<GiteaComment>(reply));
    },
  };
}

function commentOf({ id, body, html_url: url, user }: GiteaComment): ForgeComment {
  return { id, body, author: user?.id, url };
}
