import { phrase } from '../shared/admitted-words.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { builtAtEdge } from './edge.ts';
import { keyPlaceOf } from './key-place.ts';
import { clientMeant, type JwtGate, type JwtSettings, normaliseJwt } from './normal-form.ts';
import { builtAtOrigin } from './origin.ts';

export const jwtGate: GateRow<JwtSettings, JwtGate> = {
  normalise: normaliseJwt,
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
  bearer: (gate, config) => {
    const place = gate.at === 'origin' ? keyPlaceOf(gate.keys, config) : undefined;
    if (place === undefined) return undefined;
    const client = clientMeant(gate);
    const { from, operations, audience } = gate;
    return { ...place, audience: client === undefined ? audience : { client }, from, operations };
  },
};
