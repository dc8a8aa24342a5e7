import { createHash } from 'node:crypto';
import type { JsonObject, Zone } from '../world.ts';
import { type FieldTable, fieldMistake, flag, isObject, oneOf } from './field.ts';
import { ApiError, ok, type Reply } from './reply.ts';
import { type ApiCall, param, type Route } from './router.ts';
import { requireZone } from './zones.ts';

/** What a zone is set to beside its records, and its certificates. */
export const zoneSettingRoutes: readonly Route[] = [
  ['GET', '/zones/{zone_id}/bot_management', getBotManagement],
  ['PUT', '/zones/{zone_id}/bot_management', setBotManagement],
  ['GET', '/zones/{zone_id}/settings/{setting_id}', getSetting],
  ['PATCH', '/zones/{zone_id}/settings/{setting_id}', changeSetting],
  ['GET', '/zones/{zone_id}/ssl/certificate_packs', listCertificates],
];

function bodyOf(call: ApiCall, table: FieldTable): JsonObject {
  const mistake = isObject(call.body) ? fieldMistake(call.body, table) : 'the body must be an object';
  if (isObject(call.body) && mistake === null) return call.body;
  throw new ApiError(400, { code: 1001, message: `Invalid request: ${mistake}` });
}

/** Bot Fight Mode alone: that is what there is of it without a paid plan. */
function getBotManagement(call: ApiCall): Reply {
  return ok({ fight_mode: requireZone(call).fightMode === true, enable_js: true, using_latest_model: true });
}

function setBotManagement(call: ApiCall): Reply {
  const zone = requireZone(call);
  const body = bodyOf(call, { fight_mode: flag });
  if (typeof body.fight_mode === 'boolean') zone.fightMode = body.fight_mode;
  return getBotManagement(call);
}

/** One setting is played. */
function settingOf(call: ApiCall): Zone {
  const zone = requireZone(call);
  if (param(call, 'setting_id') === 'always_use_https') return zone;
  throw new ApiError(400, { code: 1003, message: `Invalid zone setting: ${param(call, 'setting_id')}` });
}

function getSetting(call: ApiCall): Reply {
  const { alwaysUseHttps, createdOn } = settingOf(call);
  const value = alwaysUseHttps === true ? 'on' : 'off';
  return ok({ id: 'always_use_https', value, editable: true, modified_on: createdOn });
}

function changeSetting(call: ApiCall): Reply {
  const zone = settingOf(call);
  zone.alwaysUseHttps = bodyOf(call, { value: oneOf('on', 'off') }).value === 'on';
  return getSetting(call);
}

/** The universal certificate, and those that somebody bought. */
function listCertificates(call: ApiCall): Reply {
  const zone = requireZone(call);
  const pack = (type: string, hosts: readonly string[]): JsonObject => ({
    id: createHash('sha256').update(`${zone.id}/${hosts}`).digest('hex').slice(0, 32),
    type,
    hosts: [...hosts],
    status: 'active',
  });
  const bought = (zone.certificates ?? []).map((hosts) => pack('advanced', hosts));
  return ok([pack('universal', [zone.name, `*.${zone.name}`]), ...bought]);
}
