import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { clientVaultName } from '../../authentik/provider/client-secret.ts';
import { atHosts } from '../../authentik/reading/door-effects.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { sameSet } from '../../shared/set.ts';
import { accountPath } from '../account/account.ts';
import { accessApplication } from './access-application.ts';
import {
  type IdentityProviderReply,
  identityProviderRow,
} from './identity-provider/identity-provider-row.ts';
import {
  clientState,
  keepProvider,
  loginObjects,
  providerVaultName,
} from './identity-provider/provider-client.ts';
import {
  type AccessIdentityProviderSpec,
  configText,
  openIdSpec,
  providerConfig,
} from './identity-provider/provider-form.ts';
import { narrow } from './session/revocation.ts';

export type { AccessIdentityProviderSpec } from './identity-provider/provider-form.ts';

const kind = 'cloudflare/access-identity-provider';

/** The key of the account's one-time PIN. */
export const oneTimePin = 'onetimepin';

/** Notes under this topic say that one of ours may exist, so that gates also looks for one that left the file. */
const topic = 'access-identity-provider';

/** The fields that decide who a person is; `client` is judged by how it differs. */
const plain = ['type', 'authUrl', 'tokenUrl', 'certsUrl', 'emailClaim', 'pkce'] as const;
const sets = ['scopes', 'claims'] as const;

export const accessIdentityProvider: Reconciler<AccessIdentityProviderSpec> = {
  kind,
  title: 'Access identity provider',

  async observe(world) {
    if (!(await matters(world))) return [];
    const replies = (await world.read(identityProviderRow)).map(({ spec }) => spec);
    const keys = await keysOf(replies, world);
    const taken = [...keys.values(), oneTimePin, ...replies.map(({ name }) => name)];
    return Promise.all(
      replies.map((reply) => {
        const isNamed = taken.filter((key) => key === reply.name).length === 1;
        return observed(reply, keys.get(reply.id), isNamed, world);
      }),
    );
  },

  drift(want, have) {
    const fields: string[] = plain.filter(
      (field) => want[field] !== undefined && !equal(want[field], have[field]),
    );
    for (const field of sets) {
      const wanted = want[field];
      if (wanted !== undefined && !sameSet(wanted, have[field] ?? [])) fields.push(field);
    }
    return want.client === undefined || want.client === have.client ? fields : [...fields, 'client'];
  },

  login: {
    servedAt: ({ authUrl }) =>
      authUrl !== undefined && URL.canParse(String(authUrl)) ? new URL(String(authUrl)).hostname : undefined,
  },

  /** An identity provider that asks only Authentik admits nobody new. */
  doors(want, have) {
    // No application uses an identity provider that is removed.
    if (want === undefined) return [];
    if (have === undefined) return atHosts(want.hosts ?? [], 'guard');
    const drift = accessIdentityProvider.drift?.(want as AccessIdentityProviderSpec, have.spec) ?? [];
    return trustChanges(drift, have.spec) ? atHosts(want.hosts ?? [], 'guard') : [];
  },

  async write(changes, world) {
    world.forget(identityProviderRow);
    return carryOut(changes, (change) => {
      if (change.want === undefined) return remove(change, world);
      return change.address.key === oneTimePin ? addPin(change, world) : write(change, change.want, world);
    });
  },
};

/** True if to read them at all: a home where Access never used Authentik saves the call. */
async function matters(world: World): Promise<boolean> {
  const { accessLogin, looksUp = [] } = world.scope;
  if (accessLogin === true || looksUp.includes(kind) || (await world.notes.list(topic)).length > 0)
    return true;
  return (await world.read(accessApplication)).some(({ spec }) => spec.ownProviders !== undefined);
}

/**
 * The keys of ours, by id, because names are not unique. Of several with one key, the one in the vault has it, else the
 * first.
 */
async function keysOf(
  replies: readonly IdentityProviderReply[],
  world: World,
): Promise<ReadonlyMap<string, string>> {
  const chosen = new Map<string, string>();
  for (const { id, name, type } of replies) {
    const { owner, key } = readName(name);
    if (owner !== world.scope.owner || type !== 'oidc') continue;
    const written = await world.vault.get(providerVaultName(world, key));
    if (written?.id === id || !chosen.has(key)) chosen.set(key, id);
  }
  return new Map([...chosen].map(([key, id]) => [id, key]));
}

async function observed(
  reply: IdentityProviderReply,
  key: string | undefined,
  isNamed: boolean,
  world: World,
): Promise<Observed<AccessIdentityProviderSpec>> {
  const { id, name, type } = reply;
  const marked = readName(name);
  const free = isNamed ? name : `${marked.owner === world.scope.owner ? marked.key : name} (${id})`;
  return {
    address: { kind, key: type === oneTimePin ? oneTimePin : (key ?? free) },
    id,
    owner: type === 'oidc' ? marked.owner : undefined,
    spec: {
      type,
      ...(type === 'oidc' && openIdSpec(reply)),
      ...(key !== undefined && { client: await clientState(reply, key, world) }),
    },
    attributes: { id },
    uses: key === undefined ? [] : await loginObjects(configText(reply, 'client_id'), world),
    raw: reply,
  };
}

/** True if Access may have trusted identities that Authentik does not know. */
function trustChanges(drift: readonly string[], have: AccessIdentityProviderSpec): boolean {
  return drift.some((field) => field !== 'client') || have.client === 'foreign';
}

async function write(
  { address: { key }, have, drift }: ReadyChange<AccessIdentityProviderSpec>,
  want: AccessIdentityProviderSpec,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  const client = await world.vault.get(clientVaultName(key));
  if (client?.clientId === undefined || client.clientSecret === undefined) {
    throw new UnsafeError("The vault has no secret of Access's client in Authentik", {
      hint: 'It is kept when the client is made or read; the next run goes on from there',
    });
  }
  const path = `${await accountPath(world)}/access/identity_providers`;
  const name = markName(world.scope.owner, key);
  if (have === undefined) {
    await world.notes.put(topic, key);
    const body = { name, type: 'oidc', config: providerConfig(want, client) };
    return keepProvider(await world.cloudflare.post(path, body), client, key, world);
  }
  const overwrite = async () => {
    const live = (await world.cloudflare.get(`${path}/${have.id}`)) as IdentityProviderReply | undefined;
    if (live === undefined) {
      throw new RejectedError('The Access identity provider is gone', {
        hint: 'The next run makes it again',
      });
    }
    // PUT replaces the complete provider, so it repeats the live values that gates does not decide.
    const { redirect_url: _, ...config } = live.config ?? {};
    const body = {
      name,
      type: 'oidc',
      config: { ...config, ...providerConfig(want, client) },
      ...(live.scim_config != null && { scim_config: live.scim_config }),
    };
    return world.cloudflare.put(`${path}/${have.id}`, body);
  };
  const applications = trustChanges(drift, have.spec) ? await applicationsAsking(have.id, world) : [];
  return keepProvider(await narrow(world, applications, overwrite), client, key, world);
}

async function applicationsAsking(id: string, world: World): Promise<readonly string[]> {
  const applications = await world.read(accessApplication);
  return applications.filter(({ uses }) => uses.includes(id)).map((application) => application.id);
}

/** Adds the account's only one-time PIN if it is missing. It is for everybody, so gates never changes or removes it. */
async function addPin(
  { have }: ReadyChange<AccessIdentityProviderSpec>,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  if (have !== undefined) return have.attributes;
  const path = `${await accountPath(world)}/access/identity_providers`;
  const body = { name: 'One-time PIN', type: oneTimePin, config: {} };
  const { id } = (await world.cloudflare.post(path, body)) as IdentityProviderReply;
  return { id };
}

async function remove(
  { address, have }: ReadyChange<AccessIdentityProviderSpec>,
  world: World,
): Promise<undefined> {
  if (have === undefined) return;
  await world.cloudflare.delete(`${await accountPath(world)}/access/identity_providers/${have.id}`);
  const name = providerVaultName(world, address.key);
  if ((await world.vault.get(name))?.id === have.id) await world.vault.remove(name);
  await world.notes.clear(topic, address.key);
}
