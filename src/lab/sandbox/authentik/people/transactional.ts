import type { Attributes } from '../../state/authentik-state.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import { type Model, made, permission, validated } from '../api/model.ts';
import { may } from '../api/permission.ts';
import { AuthentikApiError, type AuthentikReply, invalid, invalidField, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { ldapModel } from '../providers/ldap-providers.ts';
import { oauth2Model } from '../providers/oauth2-providers.ts';
import { proxyModel } from '../providers/proxy-providers.ts';
import { samlModel } from '../providers/saml-providers.ts';
import { applicationModel } from './applications.ts';
import { bindingModel } from './bindings.ts';

const MUST_CREATE = 'State is set to must_created and object exists already';

export const transactionalRoutes: readonly AuthentikRoute[] = [
  ['PUT', '/core/transactional/applications/', createTogether],
];

/** A provider model, as a transaction needs it. */
interface ProviderKind {
  name: string;
  mayAdd(call: AuthentikCall): boolean;
  read(call: AuthentikCall, body: unknown): Attributes;
  make(call: AuthentikCall, attributes: Attributes): number;
}

function kindOf<Row extends { pk: number }>(model: Model<Row>): ProviderKind {
  return {
    name: `${model.app}.${model.model}`,
    mayAdd: (call) => may(call, permission(model, 'add')),
    read: (call, body) => validated(model, call, body, null, 'create'),
    make: (call, attributes) => made(model, call, attributes).pk,
  };
}

const KINDS: readonly ProviderKind[] = [
  kindOf(proxyModel),
  kindOf(oauth2Model),
  kindOf(samlModel),
  kindOf(ldapModel),
];

/**
 * Creates provider, application and bindings together or not at all. It only makes new objects, and answers without any
 * key (facts §2.1).
 */
function createTogether(call: AuthentikCall): AuthentikReply {
  const { body } = call;
  if (!isObject(body)) throw invalid({ non_field_errors: ['Invalid data. Expected a dictionary.'] });
  for (const member of ['app', 'provider_model', 'provider']) {
    if (body[member] === undefined) throw invalidField(member, 'This field is required.');
  }
  const kind = KINDS.find(({ name }) => name === body.provider_model);
  if (kind === undefined) {
    throw invalidField('provider_model', `"${String(body.provider_model)}" is not a valid choice.`);
  }
  refuseUnlessAllowed(call, kind);
  refuseExisting(call, body);
  const provider = within('provider', () => kind.read(call, body.provider));
  const app = within('app', () => validated(applicationModel, call, body.app, null, 'create'));
  const bindings = checkedBindings(call, body.policy_bindings);

  app.provider = kind.make(call, provider);
  const application = made(applicationModel, call, app);
  for (const binding of bindings) made(bindingModel, call, { ...binding, target: application.pk });
  return ok({ applied: true, logs: [] });
}

function refuseUnlessAllowed(call: AuthentikCall, kind: ProviderKind): void {
  const lacks = (model: string) => `User lacks permission to create ${model}`;
  if (!kind.mayAdd(call)) throw new AuthentikApiError(403, { provider: lacks(kind.name) });
  for (const [member, model] of [
    ['app', applicationModel],
    ['policy_bindings', bindingModel],
  ] as const) {
    if (may(call, permission(model, 'add'))) continue;
    throw new AuthentikApiError(403, { [member]: lacks(`${model.app}.${model.model}`) });
  }
}

function refuseExisting({ state }: AuthentikCall, body: JsonObject): void {
  const { provider, app } = body;
  if (isObject(provider) && state.providers.some(({ name }) => name === provider.name)) {
    throw invalid({ provider: { name: [MUST_CREATE] } });
  }
  if (isObject(app) && state.applications.some(({ slug }) => slug === app.slug)) {
    throw invalid({ app: { slug: [MUST_CREATE] } });
  }
}

/** Checks bindings before anything is made, so with a placeholder for the new application as their target. */
function checkedBindings(call: AuthentikCall, given: Json | undefined): Attributes[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw invalidField('policy_bindings', 'Expected a list of items.');
  const [standIn] = call.state.flows;
  return given.map((binding) =>
    within('policy_bindings', () => {
      const body = isObject(binding) ? { ...binding, target: standIn?.pk ?? '' } : binding;
      return validated(bindingModel, call, body, null, 'create');
    }),
  );
}

/** Reports the mistakes of a part below the part's name. */
function within<T>(member: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AuthentikApiError && error.status === 400)
      throw new AuthentikApiError(400, { [member]: error.body });
    throw error;
  }
}
