import { newUuid } from '../../state/ids.ts';
import type { Json, JsonObject } from '../../state/json.ts';
import { timestamp } from '../../state/world.ts';
import type { AuthentikCall } from './router.ts';

/** The Django model of a row, with its names in events and permissions. */
export interface ModelName {
  /** For example `authentik_core`. */
  app: string;
  /** For example `application`. */
  model: string;
}

/**
 * An event of the call. The model's key has no dashes; there is no diff, which only the Enterprise edition
 * writes (facts §2.13).
 */
export function record(call: AuthentikCall, action: string, name: ModelName, pk: Json, title: string): void {
  const { world, state, caller } = call;
  const brand = state.brands.find((candidate) => candidate.default);
  state.events.push({
    pk: newUuid(world),
    user: { pk: caller?.pk ?? 0, username: caller?.username ?? '', email: caller?.email ?? '' },
    action,
    app: 'authentik.events.middleware',
    context: {
      model: { app: name.app, model_name: name.model, pk: plainPk(pk), name: title },
      http_request: {
        path: call.path,
        method: call.method,
        args: Object.fromEntries(call.query),
        user_agent: call.userAgent,
        request_id: call.requestId,
      },
      ...(brand === undefined ? {} : { brand: brandReference(brand.brand_uuid) }),
    },
    created: timestamp(world),
  });
}

export function brandReference(uuid: string): JsonObject {
  return { pk: plainPk(uuid), app: 'authentik_brands', name: 'Default brand', model_name: 'brand' };
}

/** A key for an event: a UUID as 32 hex digits; an integer stays. */
export function plainPk(pk: Json): Json {
  return typeof pk === 'string' ? pk.replaceAll('-', '') : pk;
}
