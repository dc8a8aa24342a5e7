import { UnreachableError } from '../../core/errors.ts';
import { planMarkerOf } from '../../core/record/plan-comment.ts';
import type { Forge, ForgeComment, ForgeName, ForgeParts } from './forge.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

const forges: Readonly<Record<ForgeName, (parts: ForgeParts) => Forge>> = { github, gitlab, gitea };

export function createForge(parts: ForgeParts): Forge {
  return forges[parts.place.forge](parts);
}

export interface PostedPlan {
  readonly done: 'created' | 'updated' | 'unchanged';
  readonly comment: ForgeComment;
}

/**
 * Keeps one comment for each owner under a pull request: rewrites the oldest that this token's own account wrote and
 * that begins with the marker, or makes one. A marker in a foreign comment does not count, because its author may
 * change it.
 */
export async function postPlan(
  forge: Forge,
  pull: number,
  plan: { readonly marker: string; readonly body: string },
): Promise<PostedPlan> {
  const { marker, body } = plan;
  const me = await forge.whoAmI();
  const own = await findOwn(forge, pull, me, marker);
  if (own !== undefined) {
    if (sameText(own.body, body)) return { done: 'unchanged', comment: own };
    return { done: 'updated', comment: await forge.update(pull, own.id, body) };
  }
  try {
    return { done: 'created', comment: await forge.create(pull, body) };
  } catch (error) {
    if (!(error instanceof UnreachableError) || error.facts.applied !== 'maybe') throw error;
    // The reply was lost: the comment may exist.
    const ownComment = await findOwn(forge, pull, me, marker);
    if (ownComment === undefined) throw error;
    return { done: 'created', comment: ownComment };
  }
}

async function findOwn(
  forge: Forge,
  pull: number,
  me: number,
  marker: string,
): Promise<ForgeComment | undefined> {
  for await (const page of forge.comments(pull)) {
    const own = page.find(({ author, body }) => author === me && planMarkerOf(body) === marker);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** Forges return other line ends, and none at the end. */
function sameText(one: string, other: string): boolean {
  const plain = (text: string) => text.replaceAll('\r\n', '\n').trim();
  return plain(one) === plain(other);
}
