import type * as file from '../../../schema/generated/config.ts';
import type { Gate, KeySource } from '../../config/model/gate.ts';
import type { Operation, TokenPlace } from '../shared/gate-row.ts';
import { plainTerms } from '../shared/terms.ts';

export type JwtSettings = NonNullable<file.Gate['jwt']>;

export interface JwtGate extends Gate {
  readonly at: 'edge' | 'origin';
  readonly keys: KeySource;
  readonly audience: string;
  readonly from: readonly TokenPlace[];
  readonly operations: readonly Operation[];
  readonly action: 'block' | 'log';
  /** Always set with action `log`. */
  readonly reason: string | undefined;
}

export function normalizeJwt(settings: JwtSettings): JwtGate {
  const { at = 'edge', keys, audience, from, operations, action = 'block', reason } = settings;
  return {
    ...plainTerms,
    type: 'jwt',
    name: 'jwt',
    enforcedBy: at === 'edge' ? 'shield' : 'origin',
    visitors: 'machines',
    at,
    keys: keys.client === undefined ? { url: keys.url ?? '' } : { client: keys.client },
    audience,
    from: (from ?? [{ header: 'authorization' }]).map(({ header, cookie }) =>
      header === undefined ? { cookie: cookie ?? '' } : { header: header.toLowerCase() },
    ),
    operations: operations.map((operation) => {
      const space = operation.indexOf(' ');
      return { method: operation.slice(0, space), path: operation.slice(space + 1) };
    }),
    action,
    reason,
  };
}

/**
 * The client that `audience` names, at the edge and at the origin: the one under `keys`, if the names are equal. Then a
 * token must be for the id of this client, which Authentik generates. Undefined: `audience` is the `aud` itself.
 */
export function clientMeant({ audience, keys }: JwtGate): string | undefined {
  return 'client' in keys && keys.client === audience ? keys.client : undefined;
}
