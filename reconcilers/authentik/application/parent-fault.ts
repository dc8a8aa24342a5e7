/** A group as the rule about parents sees it. */
export interface StandingGroup {
  readonly id: string;
  readonly name: string;
  readonly owner: string | undefined;
  /** Ids of the groups in which it lies. */
  readonly parents: readonly string[];
  /** The rights in Authentik that its members have, in words. */
  readonly rights?: string;
}

/**
 * The reason why gates must not put a group into another one, and what to do; undefined if it may. Whoever can change
 * gates.yaml must not be able to give anybody rights in Authentik: neither by a parent with rights, nor to the account of
 * gates itself.
 */
export function parentFault(
  id: string,
  parent: string,
  groups: readonly StandingGroup[],
  owner: string,
): string | undefined {
  const byId = new Map(groups.map((each) => [each.id, each]));
  const child = byId.get(id);
  if (child !== undefined && child.owner !== undefined && child.owner !== owner)
    return `Authentik's group "${child.name}" belongs to "${child.owner}": give it the parent in that file`;
  if (child !== undefined && child.owner === undefined)
    return `Authentik's group "${child.name}" is not marked as ours: \`gates adopt\` takes it over, or give it the parent in Authentik`;
  const above = withAncestors(parent, byId);
  const powerful = above.find(({ rights }) => rights !== undefined);
  if (powerful !== undefined)
    return `Authentik's group "${powerful.name}" ${powerful.rights}, which gates gives nobody: choose another parent, or give it in Authentik`;
  return above.some((each) => each.id === id)
    ? `Authentik's group "${byId.get(parent)?.name}" lies in "${child?.name}" already: remove that parent in Authentik`
    : undefined;
}

/** The group and all groups in which it lies, each once. */
function withAncestors(id: string, byId: ReadonlyMap<string, StandingGroup>): readonly StandingGroup[] {
  const found = new Map<string, StandingGroup>();
  const visit = (each: string): void => {
    const group = byId.get(each);
    if (group === undefined || found.has(each)) return;
    found.set(each, group);
    for (const above of group.parents) visit(above);
  };
  visit(id);
  return [...found.values()];
}
