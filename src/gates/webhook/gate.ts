import type * as file from '../../../schema/generated/config.ts';
import { secretSourceOf } from '../../config/model/secret-source.ts';
import { phrase } from '../shared/admitted-words.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { listHint } from '../shared/settings-hint.ts';
import { plainTerms } from '../shared/terms.ts';
import { builtWebhook } from './calls.ts';

export const webhookGate: GateRow<NonNullable<file.Gate['webhook']>> = {
  example: 'webhook: { actions: [reconcile], secret: { env: NAME } }',
  settingsHint: (value) =>
    listHint(value, (actions) => `webhook: { actions: ${actions}, secret: { env: NAME } }`),
  schemaRule: ([key]) => (key === 'secret' ? 'G113' : undefined),
  references: [
    { section: 'actions', keys: ['actions'] },
    { section: 'serviceTokens', keys: ['tokens'] },
  ],
  normalize: ({ actions, secret, tokens = [] }) => ({
    ...plainTerms,
    type: 'webhook',
    name: 'webhook',
    // With tokens, Access asks before the daemon does.
    enforcedBy: tokens.length > 0 ? 'access' : 'daemon',
    visitors: 'machines',
    readsDecoded: tokens.length === 0,
    actions,
    secret: secretSourceOf(secret),
    tokens,
  }),
  built: () => builtWebhook,
  words: ({ actions, tokens }) => ({
    gate: { name: 'Webhook', how: 'signed calls' },
    isOpen: false,
    admits: [
      phrase('caller', `callers who sign with the secret, for ${actions.join(', ')}`),
      { sort: 'token', names: tokens },
    ],
    reason: undefined,
  }),
  guard: ({ tokens }) => (tokens.length > 0 ? { tokens: [...tokens] } : {}),
};
