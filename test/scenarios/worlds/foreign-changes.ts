import { isOurs, type Row, type State } from '../random-files/neighbours.ts';

type Tables = Readonly<Record<string, readonly Row[]>>;

/** Tables of a snapshot whose rows people and owners make, each with a mark or without. */
const ofCloudflare = ['records', 'apps', 'policies', 'tags', 'serviceTokens', 'identityProviders'];
const ofAuthentik = [
  ...['users', 'groups', 'applications', 'providers', 'bindings', 'scopeMappings', 'keyPairs', 'flows'],
  'brands',
];

/**
 * The objects of others that differ between two snapshots: those that are gone, and those that changed and do not carry our
 * mark now. Of the shared lists, the rules of hosts that the file does not have, and the entries.
 */
export function foreignChanges(before: State, after: State, hosts: ReadonlySet<string>): readonly string[] {
  const adopted = new Set(after.apps.filter(isOurs).map(({ id }) => id));
  // A policy that belongs to one application goes with the list in which it is.
  const isApart = ({ appId }: Row) => !adopted.has(appId);
  const rows = (names: readonly string[], was: Tables, is: Tables) =>
    names.flatMap((name) => changedRows(name, (was[name] ?? []).filter(isApart), is[name] ?? []));
  return [
    ...rows(ofCloudflare, before as unknown as Tables, after as unknown as Tables),
    ...rows(ofAuthentik, before.authentik as Tables, after.authentik as Tables),
    ...listChanges('rules', rulesOf(before, hosts), rulesOf(after, hosts)),
    ...listChanges('WAF and cache rules', rulesetsOf(before), rulesetsOf(after)),
    ...lostEntries(before, after),
  ];
}

function changedRows(table: string, before: readonly Row[], after: readonly Row[]): readonly string[] {
  const byId = new Map(after.map((row) => [idOf(row), row]));
  return before.flatMap((row) => {
    const now = byId.get(idOf(row));
    if (now === undefined) return [`${table} ${nameOf(row)} is gone`];
    if (JSON.stringify(now) === JSON.stringify(row) || (isOurs(now) && !isOfAnother(row))) return [];
    return [`${table} ${nameOf(row)} changed:\n${JSON.stringify(row)}\n${JSON.stringify(now)}`];
  });
}

/** True for an object with the mark of another owner. */
function isOfAnother({ name, comment, tags, meta_publisher, attributes }: Row): boolean {
  const texts = [name, comment, meta_publisher, (attributes as Row | undefined)?.['gates/owner'], tags];
  return /gates[:-](?:work|homer|lab)\b|^(?:work|homer|lab)$/.test(texts.flat().map(String).join('\n'));
}

function rulesOf({ tunnels }: State, hosts: ReadonlySet<string>): readonly string[] {
  return tunnels.flatMap(({ versions }) => {
    const all = versions as readonly { readonly config: { readonly ingress: readonly Row[] } }[];
    const rules = all.at(-1)?.config.ingress ?? [];
    return rules
      .filter(({ hostname }) => !hosts.has(String(hostname).toLowerCase()))
      .map((rule) => JSON.stringify(rule));
  });
}

function rulesetsOf(state: State): readonly string[] {
  const { rulesets = [] } = state as unknown as Tables;
  return rulesets
    .flatMap(({ rules }) => (rules ?? []) as readonly Row[])
    .filter(({ description, ref }) => !/gates[:_]home/.test(`${description} ${ref}`))
    .map((rule) => JSON.stringify(rule));
}

function listChanges(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [`${what} changed:\n${before.join('\n')}\nto\n${after.join('\n')}`];
}

function lostEntries({ authentik: before }: State, { authentik: after }: State): readonly string[] {
  return before.outposts.flatMap(({ pk, name, providers }) => {
    const now = after.outposts.find((row) => row.pk === pk)?.providers as readonly unknown[] | undefined;
    const lost = (providers as readonly unknown[]).filter((each) => now?.includes(each) !== true);
    return lost.map((each) => `outpost ${name} lost the provider ${each}`);
  });
}

function idOf({ id, pk, name }: Row): string {
  return String(id ?? pk ?? name);
}

function nameOf(row: Row): string {
  return String(row.name ?? row.slug ?? idOf(row));
}
