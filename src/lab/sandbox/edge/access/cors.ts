import { isObject } from '../../state/json.ts';
import type { AccessApp, JsonObject } from '../../state/world.ts';
import { type Answer, answer, headerValues, type Visit } from '../view/visit.ts';

/** True if a browser asks if it may send a cross-origin request. */
export function isPreflight(visit: Visit): boolean {
  return visit.method === 'OPTIONS' && headerValues(visit, 'access-control-request-method').length > 0;
}

/** The own answer of Access to a preflight if the application has CORS headers; else null. */
export function preflightAnswer(app: AccessApp, visit: Visit): Answer | null {
  const cors = app.settings.cors_headers;
  if (!isObject(cors) || !isPreflight(visit)) return null;
  const allowed = Object.entries({
    'access-control-allow-origin': originFor(cors, visit),
    'access-control-allow-methods': listOf(cors.allow_all_methods, cors.allowed_methods),
    'access-control-allow-headers': listOf(cors.allow_all_headers, cors.allowed_headers),
    'access-control-allow-credentials': cors.allow_credentials === true ? 'true' : '',
    'access-control-max-age': cors.max_age === undefined ? '' : String(cors.max_age),
  }).filter(([, value]) => value !== '');
  return answer('access', 200, '', Object.fromEntries(allowed));
}

function originFor(cors: JsonObject, visit: Visit): string {
  const [origin = ''] = headerValues(visit, 'origin');
  if (cors.allow_all_origins === true) return '*';
  return Array.isArray(cors.allowed_origins) && cors.allowed_origins.includes(origin) ? origin : '';
}

function listOf(all: JsonObject[string] | undefined, some: JsonObject[string] | undefined): string {
  if (all === true) return '*';
  return Array.isArray(some) ? some.join(', ') : '';
}
