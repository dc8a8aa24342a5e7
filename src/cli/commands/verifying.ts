import { clientVaultName } from '../../../reconcilers/authentik/provider/client-secret.ts';
import { createEdge } from '../../clients/edge.ts';
import type { Config } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { type ParsedAccount, parseFile } from '../../config/parse-config.ts';
import { ConfigError, RejectedError } from '../../core/errors.ts';
import type { Vault } from '../../core/world.ts';
import type { AccountName } from '../../daemon/run/verdicts.ts';
import type { BearerDoor, ReadClientId } from '../../daemon/verify/bearers.ts';
import type { Expected, ExpectedReading } from '../../daemon/verify/expected.ts';
import type { ReadDocument } from '../../daemon/verify/key-sets.ts';
import { compile } from '../../desired/compile.ts';
import { refusalOf } from '../../desired/service.ts';
import { gateRow } from '../../gates/index.ts';
import { observe } from '../../observed/observe.ts';
import { type AccessOutputs, outputKinds, outputsOf } from '../../report/outputs/outputs.ts';
import type { Effects } from '../../run/reconcile.ts';
import { outputsAsked } from './outputs.ts';

/** The most bytes of a key set: those of Access contain certificates in addition to the keys. */
const mostKeys = 65_536;
/** Milliseconds. */
const patience = 10_000;

/** Every door of the file that Access guards, as it is now, in each account that can be read. */
export async function expectedOf(
  text: Uint8Array,
  reach: (account: AccountName | undefined) => Pick<Effects, 'reconcilers' | 'world'>,
): Promise<ExpectedReading> {
  const answers = await Promise.all(
    accountsOf(text).map(async ({ name, server, config }): Promise<ExpectedReading> => {
      try {
        const found = await expectedIn(config, reach(name === undefined ? undefined : { name, server }));
        const account = name === undefined ? {} : { account: name };
        return { doors: found.map((door) => ({ ...door, ...account })), unread: [] };
      } catch (error) {
        return { doors: [], unread: [{ account: name, error }] };
      }
    }),
  );
  return {
    doors: answers.flatMap(({ doors }) => doors),
    unread: answers.flatMap(({ unread }) => unread),
  };
}

function accountsOf(text: Uint8Array): readonly ParsedAccount[] {
  const read = parseFile(text);
  if (!read.ok) throw new ConfigError('The applied file has mistakes');
  return read.accounts;
}

async function expectedIn(
  config: Config,
  { reconcilers, world }: Pick<Effects, 'reconcilers' | 'world'>,
): Promise<readonly Expected[]> {
  const asked = { ...outputsAsked(config, {}), clients: [] };
  const kinds = outputKinds(asked);
  const readers = reconcilers.filter(({ kind }) => kinds.includes(kind));
  const observations = await observe(readers, world(compile(config).scope));
  for (const observation of observations) if (observation.state === 'unknown') throw observation.error;
  const { services } = outputsOf(asked, observations).document;
  return Object.values(services).flatMap(({ host, access, paths = {} }) => [
    ...expected(host, undefined, access),
    ...Object.entries(paths).flatMap(([path, outputs]) => expected(host, path, outputs)),
  ]);
}

/** The expectation for a door; none while its application does not exist. */
function expected(
  host: string,
  path: string | undefined,
  { issuer = null, aud = null, certsUrl = null }: Partial<AccessOutputs> = {},
): readonly Expected[] {
  if (issuer === null || aud === null || certsUrl === null) return [];
  return [{ host, ...(path !== undefined && { path }), issuer, audience: aud, keysUrl: certsUrl }];
}

/** Every host of the file whose callers have tokens of their own, if its gate can be built. */
export function bearersOf(text: Uint8Array): readonly BearerDoor[] {
  return accountsOf(text).flatMap(({ name, config }) =>
    [...config.services.values()].flatMap((service): readonly BearerDoor[] => {
      const { gate, host } = service;
      if (refusalOf(service, config) !== undefined) return [];
      const terms = gateRow(gate).bearer?.(gate, config);
      if (terms === undefined) return [];
      const account = name === undefined ? {} : { account: name };
      return [{ ...terms, ...account, host, keep: keptFor(gate, config) }];
    }),
  );
}

/** Reads the ids of clients from the vault of their account, where a run stores them once it has made or read a client. */
export function clientIdReader(vaultOf: (account: string | undefined) => Pick<Vault, 'get'>): ReadClientId {
  return async (client, account) => (await vaultOf(account).get(clientVaultName(client)))?.clientId;
}

/** Seconds that tokens of a foreign issuer are assumed to last at most. */
const lastsElsewhere = 86_400;
/** Seconds by which clocks may differ. */
const leeway = 60;

/** Milliseconds for which an unpublished key is accepted: as long as a token that it signed may be valid. */
function keptFor({ keys }: Gate, { clients }: Config): number {
  const client = keys !== undefined && 'client' in keys ? clients.get(keys.client) : undefined;
  const seconds = client?.protocol === 'oidc' ? client.lifetimes.access : lastsElsewhere;
  return (seconds + leeway) * 1000;
}

/** Reads key sets without credentials, or through `GATES_PROBE_EDGE` if that is set. */
export function keysReader(through: string | undefined): ReadDocument {
  if (through === undefined) {
    return async (url) => {
      const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patience) });
      if (!answer.ok) throw refused(answer.status);
      return answer.json();
    };
  }
  const edge = createEdge(through, { patience, mostBody: mostKeys });
  return async (url) => {
    const { host, pathname: path } = new URL(url);
    const { status, body } = await edge.get({ host, path, nameServers: [] }, AbortSignal.timeout(patience));
    if (status !== 200) throw refused(status);
    return JSON.parse(body);
  };
}

function refused(status: number): RejectedError {
  return new RejectedError('The keys are not where they should be', { facts: { status } });
}
