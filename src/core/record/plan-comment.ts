/** GitHub accepts 65,536 characters in a comment, GitLab a million, Gitea and Forgejo more. */
export const MOST_OF_A_COMMENT = 65_536;

/** The first line of a plan as a comment, which no forge shows. By the owner in it, the comment is found again. */
export function planMarker(owner: string): string {
  return `<!-- gates:plan:${owner} -->`;
}

/** The marker that a text begins with; undefined for a text that is no plan. */
export function planMarkerOf(text: string): string | undefined {
  return /^<!-- gates:plan:[a-z][a-z0-9-]{0,15} -->(?=\r?\n)/.exec(text)?.[0];
}
