import { AUTHENTIK_VERSIONS, type AuthentikVersion, isAtLeast } from '../../state/authentik-version.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { Copy } from '../rows/copy.ts';
import type { Omissions } from '../rows/omissions.ts';
import type { Endpoint } from '../rows/reply.ts';
import { numberOf, objectsOf, textOf, without, wordOf } from '../rows/row.ts';
import { readGates } from './authentik-gates.ts';
import { readPeople, settleOwner } from './authentik-people.ts';
import type { AuthentikCopy } from './authentik-rows.ts';
import { readStock, standInStock } from './authentik-stock.ts';
import { toldOf } from './authentik-told.ts';

/** Reads all of Authentik's replies into a world after a server's first start. */
export function readAuthentik(copy: Copy, endpoints: readonly Endpoint[]): void {
  const { authentik: state } = copy.world;
  const told = toldOf(endpoints);
  const only = (path: string) => endpoints.find((endpoint) => endpoint.path === path)?.objects[0];
  const me = only('/core/users/me/')?.user;
  const all: AuthentikCopy = { ...copy, told };
  if (isObject(me)) glimpseMe(all, me);
  readStock(all);
  readPeople(all);
  readGates(all);
  standInStock(all);
  settleOwner(all, isObject(me) ? numberOf(me.pk) : undefined);
  const [version, settings, config] = ['/admin/version/', '/admin/settings/', '/root/config/'].map(only);
  state.told = {
    ...(version === undefined ? {} : { version }),
    ...(settings === undefined ? {} : { settings: without(settings, 'flags') }),
    ...(config === undefined ? {} : { config }),
  };
  const clients = [...told.oauth2.objects.values()];
  if (isAtLeast(state.version, '2026.5') && clients.length > 0 && !clients.some(hasGrantTypes)) {
    state.ignoredFields = { grant_types: 'absent' };
  }
  if (isObject(settings?.flags)) {
    const flags = Object.entries(settings.flags).filter(([, value]) => typeof value === 'boolean');
    state.flags = Object.fromEntries(flags) as typeof state.flags;
  }
  const pks = (rows: readonly { pk: number }[]) => rows.map(({ pk }) => pk);
  state.lastPk = {
    user: Math.max(state.lastPk.user, ...pks(state.users)),
    provider: Math.max(state.lastPk.provider, ...pks(state.providers)),
  };
}

function hasGrantTypes(client: JsonObject): boolean {
  return client.grant_types !== undefined;
}

/** Reads the caller's own view, which shows groups and roles in another form. */
function glimpseMe({ told }: AuthentikCopy, me: JsonObject): void {
  const pk = numberOf(me.pk);
  if (pk === undefined) return;
  const keys = (member: 'groups' | 'roles') => objectsOf(me[member]).flatMap((each) => wordOf(each.pk) ?? []);
  for (const kind of ['groups', 'roles'] as const) {
    for (const each of objectsOf(me[kind])) {
      const key = String(each.pk);
      if (!told[kind].objects.has(key))
        told[kind].glimpsed.set(key, { ...each, ...told[kind].glimpsed.get(key) });
    }
  }
  if (told.users.objects.has(String(pk))) return;
  const user = { ...me, groups: keys('groups'), roles: keys('roles') };
  told.users.glimpsed.set(String(pk), { ...told.users.glimpsed.get(String(pk)), ...user });
}

/** The release of a server, or the closest earlier one that can be played; undefined if it is unknown. */
export function releaseOf(
  endpoints: readonly Endpoint[],
  omissions: Omissions,
): AuthentikVersion | undefined {
  const reply = endpoints.find(({ path }) => path === '/admin/version/')?.objects[0];
  const full = textOf(reply?.version_current);
  const [, year, month] = /^(\d{4})\.(\d{1,2})(?:\.|$|-)/.exec(full ?? '') ?? [];
  if (full === undefined || year === undefined || month === undefined) return undefined;
  const number = (release: string) => {
    const [of = 0, at = 0] = release.split('.').map(Number);
    return of * 100 + at;
  };
  const asked = number(`${year}.${month}`);
  const [oldest] = AUTHENTIK_VERSIONS;
  const played = AUTHENTIK_VERSIONS.findLast((release) => number(release) <= asked) ?? oldest;
  if (number(played) !== asked) omissions.say(`Authentik ${full} is played as a ${played}`);
  return played;
}
