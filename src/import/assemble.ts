import type * as file from '../../schema/generated/config.ts';
import type { Config } from '../config/model/config.ts';
import { compileRecords } from '../desired/records.ts';
import { breakGlassEmails, ownLogin } from './access/access-login.ts';
import { ImportedTokens } from './access/tokens.ts';
import { type ImportedClient, importedClients } from './authentik/clients.ts';
import { importedGroups } from './authentik/group-parents.ts';
import { authentikSection, loginHosts } from './authentik-section.ts';
import { type CommentedEntries, draftComments, type LabeledClient } from './draft-comments.ts';
import type { ExistingFile } from './existing/existing-file.ts';
import { withoutKnown } from './existing/without-known.ts';
import { type ImportedHost, knownPart } from './hosts.ts';
import { hostRecords, type ReadHost, readHosts } from './read-hosts.ts';
import { plainRecords } from './records.ts';
import { serviceNames } from './service-names.ts';
import type { Excluded, FileDraft, LeftOut } from './terms/draft.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import { type NamedOrigins, namedOrigins } from './terms/origins.ts';
import { type LabelSource, noLabels } from './terms/resource-label.ts';
import type { LiveGround } from './terms/visit.ts';
import { hostLabels, inOrderOfState } from './terraform/labeled-entries.ts';
import { importedSkip } from './waf-skip.ts';

/** The part of the live objects that a person wants in the file; absent keys: all of them. */
export interface Selection {
  readonly host?: string;
  /** The name that the service would have. */
  readonly service?: string;
}

/** The live objects, and a file that has some of them already. */
export interface DraftGround extends LiveGround {
  readonly existing?: ExistingFile | undefined;
}

/** The draft of the file that says what is live, without what the checks have excluded and what is known. */
export function assembled(
  { live, visits, existing, labels = noLabels }: DraftGround,
  selection: Selection,
  excluded: Excluded,
): FileDraft {
  const known = existing?.config;
  const isWhole = selection.host === undefined && selection.service === undefined;
  const tokens = new ImportedTokens(live, known?.serviceTokens, labels);
  const found = importedClients(live);
  const clients = labeledClients(found.clients, excluded.clients, labels);
  const knownRecords = new Set(known && compileRecords(known).map(({ address }) => address.key));
  const knownHosts = new Map([...(known?.services.values() ?? [])].map(({ host, name }) => [host, name]));
  const labelsAt = hostLabels(live, labels);
  const records = hostRecords(live, knownRecords, labelsAt);
  const places = records.map(({ spec }) => spec);
  const services = serviceNames(places, knownHosts, labelsAt);
  const isWanted = ({ spec: { name: host } }: (typeof records)[number]) =>
    !knownHosts.has(host) &&
    (selection.host ?? host) === host &&
    (selection.service ?? services.get(host)) === services.get(host);
  const ground = { live, visits, tokens, clients, loginHosts: loginHosts(live, visits) };
  const read = readHosts(records.filter(isWanted), ground, services, excluded.hosts);
  const zoneOf = new Map(places.map(({ name, zone }) => [name, zone]));
  const hosts = read.flatMap(({ host, name, result, reason }) =>
    reason === undefined && 'value' in result
      ? [{ ...result.value, name, zone: zoneOf.get(host), labels: labelsAt.get(host) ?? [] }]
      : [],
  );
  const used = isWhole
    ? clients
    : clients.filter(({ slug }) => hosts.some(({ gate }) => gate.authentik?.client === slug));
  const { zones, leftovers: leftRecords } = isWhole
    ? plainRecords(live, { excluded: excluded.records, known: knownRecords, labels })
    : { zones: [], leftovers: [] };
  const skip = isWhole && known === undefined ? importedSkip(live) : { waf: undefined, leftovers: [] };
  const entries = { hosts, clients: used, tokens: usedTokens(hosts, tokens, isWhole), zones };
  const authentik = authentikSection(live, hosts, services, used);
  const rest = { authentik, waf: skip.waf, origins: originsOf(hosts, known), aliases: excluded.aliases };
  const draft: FileDraft = {
    file: fileOf(live, entries, rest),
    ...draftComments(entries),
    leftovers: [
      ...read.flatMap((each) => leftHost(each, live)),
      ...(isWhole ? found.leftovers : []),
      ...[...excluded.clients].map(([what, reason]) => ({ section: 'clients' as const, what, reason })),
      ...leftRecords,
      ...skip.leftovers,
    ],
    hosts: new Map(hosts.map(({ host, name }) => [name, host])),
    recordIds: new Map(zones.map(({ zone, records: list }) => [zone, list.map(({ id }) => id)])),
  };
  return existing === undefined ? draft : withoutKnown(draft, existing);
}

/** The clients that no check has excluded, in the order of the Terraform state. */
function labeledClients(
  clients: readonly ImportedClient[],
  excluded: Excluded['clients'],
  labels: LabelSource,
): readonly LabeledClient[] {
  const labeled = clients
    .filter(({ slug }) => !excluded.has(slug))
    .map((client) => ({ ...client, labels: client.objects.flatMap((each) => labels.of(each) ?? []) }));
  return inOrderOfState(labeled, (client) => client.labels[0]);
}

/** The tokens that gates of the file name, and in a complete file also our own. */
function usedTokens(hosts: readonly ImportedHost[], tokens: ImportedTokens, isWhole: boolean) {
  const names = new Set([...hosts.flatMap(tokensNamed), ...(isWhole ? tokens.own : [])]);
  return [...names].sort().map((name) => ({ name, ...tokens.entry(name) }));
}

function originsOf(hosts: readonly ImportedHost[], known: Config | undefined): NamedOrigins {
  const uses = hosts.map(({ host, target, asks, gate, paths }) => ({
    host,
    origin: target.origin,
    asks,
    gate: JSON.stringify([gate, paths]),
  }));
  return namedOrigins(uses, known?.origins);
}

/** The entries of a file, with the tokens that they name. */
interface FileEntries extends CommentedEntries {
  readonly tokens: ReturnType<typeof usedTokens>;
}

/** The parts of a file besides its entries. */
interface FileRest {
  readonly waf: file.GatesFile['waf'] | undefined;
  readonly authentik: file.Authentik | undefined;
  readonly origins: NamedOrigins;
  /** Hosts that the file confirms as aliases. */
  readonly aliases: ReadonlySet<string>;
}

function fileOf(
  live: LiveObjects,
  { hosts, clients, tokens, zones }: FileEntries,
  { authentik, waf, origins, aliases }: FileRest,
): file.GatesFile {
  const services = Object.fromEntries(
    hosts.map((each) => [each.name, serviceOf(each, origins.nameOf(each.host), aliases.has(each.host))]),
  );
  const clientEntries = Object.fromEntries(clients.map(({ slug, client }) => [slug, client]));
  const groups = groupsNamed([Object.values(services), clientEntries, authentik]);
  const tunnels = [...new Set(hosts.map(({ target }) => target.origin.tunnel))].sort();
  return {
    version: 1,
    owner: live.scope.owner,
    cloudflare: {
      account: live.scope.account,
      zones: [...live.scope.zones],
      tunnels: Object.fromEntries(tunnels.map((name) => [name, {}])),
      ...accessSection(live, hosts),
    },
    ...(authentik !== undefined && { authentik }),
    origins: { ...origins.origins },
    groups: importedGroups(groups, live),
    services,
    clients: clientEntries,
    serviceTokens: Object.fromEntries(tokens.map(({ name, token }) => [name, token])),
    dns: Object.fromEntries(zones.map(({ zone, records }) => [zone, records.map(({ record }) => record)])),
    ...(waf && { waf }),
  };
}

/** A host that is left out, with the part of its entry that is known; none for a host of the file. */
function leftHost({ record, host, name, result, reason }: ReadHost, live: LiveObjects): readonly LeftOut[] {
  const why = reason ?? ('reason' in result ? result.reason : undefined);
  if (why === undefined) return [];
  const known =
    'value' in result
      ? serviceOf(result.value, result.value.target.origin.url, false)
      : knownPart(record, live);
  return [{ section: 'services', what: host, reason: why, entry: { [name]: known } }];
}

/** The logins of Access, if it asks Authentik for any host of the file. */
function accessSection(
  live: LiveObjects,
  hosts: readonly ImportedHost[],
): Pick<file.Cloudflare, 'access'> | undefined {
  const gates = hosts.flatMap(({ gate, paths }) => [gate, ...Object.values(paths)]);
  if (live.once(ownLogin) === undefined || !gates.some(({ cloudflare }) => cloudflare)) return undefined;
  const emails = live.once(breakGlassEmails);
  const reason = 'imported: they may log in with a one-time PIN';
  const breakGlass = emails && { breakGlass: { emails: [...emails], reason } };
  return { access: { identityProvider: 'authentik', ...breakGlass } };
}

/** The reason that the file gives for a host whose server another host reaches too, behind another gate. */
const aliasReason = 'imported: another host leads to the same server, behind another gate';

function serviceOf(
  { host, target, gate, paths }: ImportedHost,
  origin: string,
  isAlias: boolean,
): file.Service {
  const { hostHeader } = target;
  return {
    host,
    origin,
    ...(hostHeader !== undefined && { hostHeader }),
    gate,
    ...(Object.keys(paths).length > 0 && { paths: { ...paths } }),
    ...(isAlias && { alias: { reason: aliasReason } }),
  };
}

function tokensNamed({ gate, paths }: ImportedHost): readonly string[] {
  return [gate, ...Object.values(paths)].flatMap(({ serviceToken, cloudflare }) => [
    ...(serviceToken?.tokens ?? []),
    ...(cloudflare?.tokens ?? []),
    ...(cloudflare?.anyOf ?? []).flatMap((rule) => rule.tokens ?? []),
  ]);
}

/** Every name in a list `groups` anywhere below these values, sorted. */
function groupsNamed(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = Object.entries(value).flatMap(([key, inner]) =>
    key === 'groups' && Array.isArray(inner) ? inner.map(String) : groupsNamed(inner),
  );
  return [...new Set(found)].sort();
}
