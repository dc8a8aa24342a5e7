import type { Attributes, TokenRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import { now } from '../../state/world.ts';
import { record } from '../api/event.ts';
import {
  checked,
  choiceOf,
  flagField,
  integerOf,
  nullable,
  required,
  textField,
  unique,
} from '../api/field.ts';
import { equals, isTrue, type Model, modelRoutes, visibleRow } from '../api/model.ts';
import { isSuperuser, need } from '../api/permission.ts';
import { type AuthentikReply, invalidField, noContent, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { newSecret } from '../api/secret.ts';
import { readBody } from '../api/serializer.ts';
import { userView } from './user-view.ts';

const DAY_MS = 24 * 3600 * 1000;
const KEY_LENGTH = 60;

export const tokenModel: Model<TokenRow> = {
  app: 'authentik_core',
  model: 'token',
  className: 'Token',
  path: '/core/tokens/',
  lookup: 'identifier',
  keyKind: 'text',
  parameter: 'identifier',
  table: (state) => state.tokens,
  belongs: (row) => row.hidden !== true,
  title: (row) => row.identifier,
  pk: (row) => row.pk,
  fields: {
    managed: nullable(
      unique<TokenRow>(
        textField(),
        'managed',
        (state) => state.tokens,
        'Token with this Managed by authentik already exists.',
      ),
    ),
    identifier: unique<TokenRow>(
      checked(required(textField({ max: 255 })), (value) =>
        /^[-a-zA-Z0-9_]+$/.test(String(value))
          ? null
          : 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.',
      ),
      'identifier',
      (state) => state.tokens,
      'Token with this identifier already exists.',
    ),
    intent: choiceOf('verification', 'api', 'recovery', 'app_password'),
    user: integerOf((state, pk) => state.users.some((row) => row.pk === pk)),
    description: textField({ blank: true }),
    expires: nullable(textField()),
    expiring: flagField,
  },
  ordering: 'identifier',
  searched: ['identifier', 'description'],
  filters: {
    identifier: equals('identifier'),
    intent: equals('intent'),
    description: equals('description'),
    managed: equals('managed'),
    expiring: isTrue((row) => row.expiring),
    user__username: (value, call) => (row) =>
      call.state.users.find(({ pk }) => pk === row.user)?.username === value,
  },
  view: tokenView,
  validate: validateToken,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    identifier: '',
    intent: 'api',
    user: call.caller?.pk ?? 0,
    description: '',
    expires: null,
    expiring: true,
    managed: null,
    key: newSecret(call.world, KEY_LENGTH),
    ...attributes,
  }),
  remove: () => {},
};

export const tokenRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(tokenModel),
  ['GET', '/core/tokens/{identifier}/view_key/', viewKey],
  ['POST', '/core/tokens/{identifier}/set_key/', setKey],
];

/** Sets the end of an API token to a day from now, whatever was requested (facts §2.11). */
function validateToken(call: AuthentikCall, attributes: Attributes, row: TokenRow | null): void {
  const intent = attributes.intent ?? row?.intent ?? 'api';
  if (intent !== 'api' && intent !== 'app_password') {
    throw invalidField('intent', `Invalid intent ${String(attributes.intent)}`);
  }
  if (row !== null && attributes.user !== undefined && attributes.user !== row.user) {
    throw invalidField('user', 'User cannot be changed');
  }
  if (row === null && call.caller !== null && !isSuperuser(call.state, call.caller)) {
    attributes.user = call.caller.pk;
    attributes.expiring = true;
  }
  if (intent === 'api') attributes.expires = new Date(now(call.world) + DAY_MS).toISOString();
}

function tokenView(call: AuthentikCall, row: TokenRow): JsonObject {
  const { pk, managed, identifier, intent, user, description, expires, expiring } = row;
  const owner = call.state.users.find((candidate) => candidate.pk === user);
  const view = owner === undefined ? {} : userView(call.state, owner);
  return { pk, managed, identifier, intent, user, user_obj: view, description, expires, expiring };
}

function viewKey(call: AuthentikCall): AuthentikReply {
  const token = visibleRow(tokenModel, call);
  need(call, 'authentik_core.view_token_key');
  record(call, 'secret_view', tokenModel, token.pk, token.identifier);
  return ok({ key: token.key });
}

function setKey(call: AuthentikCall): AuthentikReply {
  const token = visibleRow(tokenModel, call);
  need(call, 'authentik_core.set_token_key');
  const { key } = readBody({ key: required(textField()) }, call.body, 'create', {
    state: call.state,
    row: null,
  });
  token.key = String(key);
  record(call, 'model_updated', tokenModel, token.pk, token.identifier);
  return noContent;
}
