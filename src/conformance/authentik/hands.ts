import type { Person, Row } from './person.ts';
import { stockFlows } from './server.ts';
import type { Stage } from './stage.ts';

/** The id of a stock flow. */
export async function flowPk(person: Person, slug: string): Promise<string> {
  return String((await person.get(`/flows/instances/${slug}/`)).pk);
}

export async function flowPks(
  person: Person,
): Promise<{ readonly authorization_flow: string; readonly invalidation_flow: string }> {
  return {
    authorization_flow: await flowPk(person, stockFlows[0]),
    invalidation_flow: await flowPk(person, stockFlows[2]),
  };
}

/** Another person's proxy provider. */
export async function theirProxy({ person, names }: Stage, name = 'theirs'): Promise<Row> {
  return person.post('/providers/proxy/', {
    name: names.own(name),
    mode: 'forward_single',
    external_host: `https://${name}.${names.host}`,
    ...(await flowPks(person)),
  });
}

export async function theirClient({ person, names }: Stage, name = 'theirs'): Promise<Row> {
  return person.post('/providers/oauth2/', {
    name: names.own(name),
    redirect_uris: [],
    ...(await flowPks(person)),
  });
}

/** Another person's LDAP provider, with a base DN of its own. */
export async function theirLdap({ person, names }: Stage, name = 'theirs'): Promise<Row> {
  return person.post('/providers/ldap/', {
    name: names.own(name),
    base_dn: `dc=${name},dc=${names.owner}`,
    ...(await flowPks(person)),
  });
}

export async function theirSamlProvider({ person, names }: Stage, name = 'theirs'): Promise<Row> {
  const acs_url = `https://${name}.${names.host}/acs`;
  return person.post('/providers/saml/', { name: names.own(name), acs_url, ...(await flowPks(person)) });
}

export async function theirApplication({ person, names }: Stage, changes: object = {}): Promise<Row> {
  const slug = names.own('theirs');
  return person.post('/core/applications/', { name: slug, slug, ...changes });
}

export async function theirGroup({ person, names }: Stage, name = 'theirs'): Promise<Row> {
  return person.post('/core/groups/', { name: names.own(name) });
}

export interface OutpostRow extends Row {
  readonly providers: readonly number[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** Another person's outpost, which nobody runs, with a provider of that person. */
export async function theirOutpost(stage: Stage, config: object = {}): Promise<void> {
  const { pk } = await theirProxy(stage, 'served');
  const settings = { log_level: 'debug', refresh_interval: 'minutes=7', ...config };
  const body = { name: stage.names.outpost, type: 'proxy', providers: [pk], config: settings };
  await stage.person.post('/outposts/instances/', body);
}

/** The same with an outpost that speaks LDAP. */
export async function theirLdapOutpost(stage: Stage): Promise<void> {
  const { pk } = await theirLdap(stage, 'served');
  const body = { name: stage.names.outpost, type: 'ldap', providers: [pk], config: {} };
  await stage.person.post('/outposts/instances/', body);
}

export async function outpostOf({ person, names }: Stage): Promise<OutpostRow> {
  const rows = (await person.list('/outposts/instances/')) as readonly OutpostRow[];
  return theOne(rows.filter(({ name }) => name === names.outpost));
}

/** The object of ours in a list, by its name in the API. */
export async function listedRow(person: Person, path: string, name: string): Promise<Row> {
  const rows = await person.list(path);
  return theOne(rows.filter((row) => row.name === name || row.slug === name));
}

export function theOne<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined || items.length > 1) {
    throw new Error(`there should be exactly one, and there are ${items.length}`);
  }
  return first;
}
