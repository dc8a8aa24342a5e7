import { GatesError, RejectedError } from '../../core/errors.ts';
import type { Asker, Chart } from './check.ts';

/** A zone, as the API describes it. */
export interface ZoneReply {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly paused?: boolean;
  readonly type?: string;
  readonly name_servers?: readonly string[];
  readonly permissions?: readonly string[];
  readonly plan?: { readonly legacy_id?: string };
}

export interface TunnelReply {
  readonly id: string;
  readonly name: string;
  readonly status?: string;
  readonly config_src?: string;
}

/** `/accounts/<id>`, of the account of the file or of the chart; without both, of the only one that the token sees. */
export async function chartedAccountPath({ config, account, cloudflare }: Chart): Promise<string> {
  const named = config?.cloudflare.account ?? account;
  if (named !== undefined && /^[0-9a-f]{32}$/.test(named)) return `/accounts/${named}`;
  const all = await readAll<{ readonly id: string; readonly name: string }>(cloudflare, '/accounts', 50);
  const found = named === undefined ? all : all.filter(({ name }) => name === named);
  const [only] = found;
  if (only !== undefined && found.length === 1) return `/accounts/${only.id}`;
  const many = found.length > 1;
  throw new RejectedError(many ? 'The token sees several accounts' : 'The token sees no such account', {
    hint: many
      ? 'Name one: `cloudflare.account` of the file, by its id'
      : 'See whether `cloudflare.account` is its exact name or id, and whether the token is for it',
  });
}

/** The zones of the file that the token sees; without a file, all that it sees in the account. */
export async function zonesOf(chart: Chart): Promise<readonly ZoneReply[]> {
  const id = (await chartedAccountPath(chart)).slice('/accounts/'.length);
  const query = { 'account.id': id, per_page: 50 };
  const all = (await chart.cloudflare.list('/zones', query)) as readonly ZoneReply[];
  const { config } = chart;
  return config === undefined ? all : all.filter(({ name }) => config.cloudflare.zones.includes(name));
}

export async function tunnelsOf(chart: Chart): Promise<readonly TunnelReply[]> {
  const path = `${await chartedAccountPath(chart)}/cfd_tunnel`;
  const query = { is_deleted: false, per_page: 1000 };
  return (await chart.cloudflare.list(path, query)) as readonly TunnelReply[];
}

/** Every page of a list, of which the API accepts at most so many at once. */
export async function readAll<Row>(asker: Asker, path: string, perPage: number): Promise<readonly Row[]> {
  return (await asker.list(path, { per_page: perPage })) as readonly Row[];
}

/** The answer to a question that a token may not be permitted to ask. */
export type Permitted<Answer> = { readonly may: true; readonly answer: Answer } | { readonly may: false };

/** A refusal for lack of permission is an answer; every other failure is not. */
export async function ifPermitted<Answer>(asking: Promise<Answer>): Promise<Permitted<Answer>> {
  try {
    return { may: true, answer: await asking };
  } catch (error) {
    if (isLackOfPermission(error)) return { may: false };
    throw error;
  }
}

/** Cloudflare uses the codes 9109 and 10000 for this, Authentik uses text. */
export function isLackOfPermission(error: unknown): boolean {
  if (!(error instanceof GatesError) || error.facts.status !== 403) return false;
  const { code, detail = '' } = error.facts;
  return code === '10000' || code === '9109' || detail.includes('permission');
}
