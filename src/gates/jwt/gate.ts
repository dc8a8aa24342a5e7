import type * as file from '../../../schema/generated/config.ts';
import type { Finding } from '../../config/mistakes/finding.ts';
import { gatesOf, type PartOf } from '../../config/model/partial-file.ts';
import { phrase } from '../shared/admitted-words.ts';
import { protocolOf, protocolWords } from '../shared/client-protocol.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { builtAtEdge, shieldLookups } from './edge.ts';
import { keyPlaceOf } from './key-place.ts';
import { clientMeant, type JwtGate, type JwtSettings, normalizeJwt } from './normal-form.ts';
import { builtAtOrigin } from './origin.ts';

export const jwtGate: GateRow<JwtSettings, JwtGate> = {
  example: 'jwt: { keys: { client: … }, audience: …, operations: […] }',
  references: [{ section: 'clients', keys: ['keys', 'client'] }],
  disagreements: (partial) => [...unexplainedLogs(partial), ...keylessClients(partial)],
  normalize: normalizeJwt,
  built: ({ at }) => (at === 'edge' ? builtAtEdge : builtAtOrigin),
  words: ({ at, action, audience, reason }) => {
    const isOnlyLogged = action === 'log';
    return {
      gate: { name: 'JWT', how: `${isOnlyLogged ? 'only logged' : 'checked'} at the ${at}` },
      isOpen: isOnlyLogged,
      admits: [
        isOnlyLogged
          ? phrase('everyone', 'everyone: bad tokens are only logged')
          : phrase('caller', `callers with a token for ${audience}`),
      ],
      reason,
    };
  },
  guard: () => ({}),
  sharedObjects: (_config, built) => shieldLookups(built),
  bearer: (gate, config) => {
    const place = gate.at === 'origin' ? keyPlaceOf(gate.keys, config) : undefined;
    if (place === undefined) return undefined;
    const client = clientMeant(gate);
    const { from, operations, audience } = gate;
    return { ...place, audience: client === undefined ? audience : { client }, from, operations };
  },
};

/** A client of another protocol than OpenID Connect issues no tokens, so it has no keys for them. */
function keylessClients(partial: PartOf<file.GatesFile>): readonly Finding[] {
  return gatesOf(partial).flatMap(({ gate, path }): readonly Finding[] => {
    const client = gate.jwt?.keys?.client;
    if (client === undefined) return [];
    const protocol = protocolOf(partial, client);
    if (protocol === undefined || protocol === 'oidc') return [];
    return [
      {
        severity: 'error',
        rule: 'conflicting-keys',
        path: [...path, 'jwt', 'keys', 'client'],
        message: `the client ${client} logs people in by ${protocolWords[protocol]} and issues no tokens`,
        hint: 'name an OIDC client, or another source with `url`',
        restsOn: [['clients', client]],
      },
    ];
  });
}

/** G107: an open door has a reason. */
function unexplainedLogs(partial: PartOf<file.GatesFile>): readonly Finding[] {
  return gatesOf(partial).flatMap(({ gate, path }): readonly Finding[] => {
    if (gate.jwt?.action !== 'log' || gate.jwt.reason !== undefined) return [];
    const at = [...path, 'jwt'];
    const hint = 'add `reason:`, or say `action: block`';
    const message = '`log` leaves the door open to everybody';
    const restsOn = [[...at, 'reason']];
    return [{ severity: 'error', rule: 'G107', path: [...at, 'action'], message, hint, restsOn }];
  });
}
