import type * as file from '../../schema/generated/config.ts';
import { compileRecords } from '../desired/records.ts';
import { breakGlassEmails, ownLogin } from './access/access-login.ts';
import { ImportedTokens } from './access/tokens.ts';
import { type ImportedClient, importedClients } from './authentik/clients.ts';
import { importedGroups } from './authentik/group-parents.ts';
import { authentikSection, loginHosts } from './authentik-section.ts';
import type { ExistingFile } from './existing/existing-file.ts';
import { withoutKnown } from './existing/without-known.ts';
import { type ImportedHost, importedHost, knownPart } from './hosts.ts';
import { plainRecords, tunnelOf } from './records.ts';
import { serviceNames } from './service-names.ts';
import type { Excluded, FileDraft, LeftOut } from './terms/draft.ts';
import { expressed } from './terms/inexpressible.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import { naturalOrder } from './terms/natural-order.ts';
import { namedOrigins } from './terms/origins.ts';
import { noLabels, sourceWithLabels } from './terms/resource-label.ts';
import type { LiveGround } from './terms/visit.ts';
import { headingsOf, hostLabels, inOrderOfState } from './terraform/labeled-entries.ts';
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
  const tokens = new ImportedTokens(live, known?.serviceTokens, labels);
  const found = importedClients(live);
  const ofClient = ({ objects }: ImportedClient) => objects.flatMap((each) => labels.of(each) ?? []);
  const clients = inOrderOfState(
    found.clients.filter(({ slug }) => !excluded.clients.has(slug)),
    (client) => ofClient(client)[0],
  );
  const knownHosts = new Map([...(known?.services.values() ?? [])].map(({ host, name }) => [host, name]));
  const ground = { live, visits, tokens, clients, loginHosts: loginHosts(live, visits) };
  const knownRecords = new Set(known && compileRecords(known).map(({ address }) => address.key));
  const labelsAt = hostLabels(live, labels);
  const ofHost = ({ host }: { readonly host: string }) => labelsAt.get(host) ?? [];
  const sorted = live
    .of('cloudflare/dns-record')
    .filter((record) => tunnelOf(record) !== undefined && !knownRecords.has(record.address.key))
    .sort(
      ({ spec: left }, { spec: right }) =>
        naturalOrder(left.zone, right.zone) || naturalOrder(left.name, right.name),
    );
  const records = inOrderOfState(sorted, ({ spec }) => labelsAt.get(spec.name)?.[0]);
  const places = records.map(({ spec }) => spec);
  const services = serviceNames(places, knownHosts, labelsAt);
  const zones = new Map(places.map(({ name, zone }) => [name, zone]));
  const isWanted = (host: string) =>
    !knownHosts.has(host) &&
    (selection.host ?? host) === host &&
    (selection.service ?? services.get(host)) === services.get(host);
  const read = records
    .filter(({ spec }) => isWanted(spec.name))
    .map((record) => {
      const host = record.spec.name;
      const other = live.otherOwnerOf(record);
      const reason = other === undefined ? excluded.hosts.get(host) : `it belongs to the owner ${other}`;
      const result = expressed(() => importedHost(record, ground));
      return { record, host, name: services.get(host) ?? host, result, reason };
    });
  const hosts = read.flatMap(({ result, reason }) =>
    reason === undefined && 'value' in result ? [result.value] : [],
  );
  const isWhole = selection.host === undefined && selection.service === undefined;
  const used = isWhole
    ? clients
    : clients.filter(({ slug }) => hosts.some(({ gate }) => gate.authentik?.client === slug));
  const plain = isWhole
    ? plainRecords(live, { excluded: excluded.records, known: knownRecords, labels })
    : { zones: [], leftovers: [] };
  const skip = isWhole && known === undefined ? importedSkip(live) : { waf: undefined, leftovers: [] };
  const origins = namedOrigins(
    hosts.map(({ host, target, asks, gate, paths }) => ({
      host,
      origin: target.origin,
      asks,
      gate: JSON.stringify([gate, paths]),
    })),
    known?.origins,
  );
  const entries = Object.fromEntries(
    hosts.map((each) => [
      services.get(each.host) ?? each.host,
      serviceOf(each, origins.nameOf(each.host), excluded.aliases.has(each.host)),
    ]),
  );
  const authentik = authentikSection(live, hosts, services, used);
  const tokenNames = [...new Set([...hosts.flatMap(tokensNamed), ...(isWhole ? tokens.own : [])])].sort();
  const usedTokens = tokenNames.map((name) => [name, tokens.entry(name)] as const);
  const clientEntries = Object.fromEntries(used.map(({ slug, client }) => [slug, client]));
  const groups = groupsNamed([Object.values(entries), clientEntries, authentik]);
  const tunnels = [...new Set(hosts.map(({ target }) => target.origin.tunnel))].sort();
  const draft: FileDraft = {
    file: {
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
      services: entries,
      clients: clientEntries,
      serviceTokens: Object.fromEntries(usedTokens.map(([name, { token }]) => [name, token])),
      dns: Object.fromEntries(
        plain.zones.map(({ zone, records: list }) => [zone, list.map(({ record }) => record)]),
      ),
      ...(skip.waf && { waf: skip.waf }),
    },
    sources: new Map([
      ...hosts.map(
        (each) =>
          [`services/${services.get(each.host)}`, sourceWithLabels(each.source, ofHost(each))] as const,
      ),
      ...used.map((each) => [`clients/${each.slug}`, sourceWithLabels(each.source, ofClient(each))] as const),
      ...usedTokens.map(([name, { source }]) => [`serviceTokens/${name}`, source] as const),
      ...plain.zones.map(
        ({ zone, records: list }) => [`dns/${zone}`, `records of the zone: ${list.length}`] as const,
      ),
    ]),
    headings: new Map<string | file.DnsRecord, string>([
      ...headingsOf(hosts, ({ host }) => ({
        key: `services/${services.get(host)}`,
        label: labelsAt.get(host)?.[0],
        otherwise: zones.get(host),
      })),
      ...headingsOf(used, (client) => ({ key: `clients/${client.slug}`, label: ofClient(client)[0] })),
      ...plain.zones.flatMap(({ records: list }) => [
        ...headingsOf(list, ({ record, label }) => ({ key: record, label })),
      ]),
    ]),
    recordSources: new Map(
      plain.zones.flatMap(({ records: list }) =>
        list.flatMap(({ record, label }) => (label === undefined ? [] : [[record, label.address] as const])),
      ),
    ),
    leftovers: [
      ...read.flatMap(({ record, host, name, result, reason }): readonly LeftOut[] => {
        const why = reason ?? ('reason' in result ? result.reason : undefined);
        if (why === undefined) return [];
        const known =
          'value' in result
            ? serviceOf(result.value, result.value.target.origin.url, false)
            : knownPart(record, live);
        return [{ section: 'services', what: host, reason: why, entry: { [name]: known } }];
      }),
      ...(isWhole ? found.leftovers : []),
      ...[...excluded.clients].map(([what, reason]) => ({ section: 'clients' as const, what, reason })),
      ...plain.leftovers,
      ...skip.leftovers,
    ],
    hosts: new Map(hosts.map(({ host }) => [services.get(host) ?? host, host])),
    recordIds: new Map(plain.zones.map(({ zone, records: list }) => [zone, list.map(({ id }) => id)])),
  };
  return existing === undefined ? draft : withoutKnown(draft, existing);
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
