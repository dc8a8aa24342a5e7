import { createHash } from 'node:crypto';
import { type FieldTable, fieldMistake, flag, oneOf } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, Zone } from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';

/** The settings of a zone apart from its records, and its certificates. */
export const zoneSettingRoutes: readonly CloudflareRoute[] = [
  ['GET', '/zones/{zone_id}/bot_management', getBotManagement],
  ['PUT', '/zones/{zone_id}/bot_management', setBotManagement],
  ['GET', '/zones/{zone_id}/settings/{setting_id}', getSetting],
  ['PATCH', '/zones/{zone_id}/settings/{setting_id}', changeSetting],
  ['GET', '/zones/{zone_id}/ssl/certificate_packs', listCertificates],
];

function bodyOf(call: CloudflareCall, table: FieldTable): JsonObject {
  const mistake = isObject(call.body) ? fieldMistake(call.body, table) : 'the body must be an object';
  if (isObject(call.body) && mistake === null) return call.body;
  throw new CloudflareApiError(400, { code: 1001, message: `Invalid request: ${mistake}` });
}

/** Only Bot Fight Mode, the one setting without a paid plan. */
function getBotManagement(call: CloudflareCall): CloudflareReply {
  return okEnvelope({
    fight_mode: requireZone(call).fightMode === true,
    enable_js: true,
    using_latest_model: true,
  });
}

function setBotManagement(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call);
  const body = bodyOf(call, { fight_mode: flag });
  if (typeof body.fight_mode === 'boolean') zone.fightMode = body.fight_mode;
  return getBotManagement(call);
}

/** The played settings, each with the field that stores it. */
const SETTINGS = { always_use_https: 'alwaysUseHttps', browser_check: 'browserCheck' } as const;

function settingOf(call: CloudflareCall): {
  zone: Zone;
  id: string;
  kept: 'alwaysUseHttps' | 'browserCheck';
} {
  const zone = requireZone(call);
  const found = Object.entries(SETTINGS).find(([id]) => id === param(call, 'setting_id'));
  if (found !== undefined) return { zone, id: found[0], kept: found[1] };
  throw new CloudflareApiError(400, {
    code: 1003,
    message: `Invalid zone setting: ${param(call, 'setting_id')}`,
  });
}

function getSetting(call: CloudflareCall): CloudflareReply {
  const { zone, id, kept } = settingOf(call);
  const value = zone[kept] === true ? 'on' : 'off';
  return okEnvelope({ id, value, editable: true, modified_on: zone.createdOn });
}

function changeSetting(call: CloudflareCall): CloudflareReply {
  const { zone, kept } = settingOf(call);
  zone[kept] = bodyOf(call, { value: oneOf('on', 'off') }).value === 'on';
  return getSetting(call);
}

/** The universal certificate and the advanced ones, each without its inner certificates. */
function listCertificates(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call);
  const pack = (type: string, hosts: readonly string[]): JsonObject => ({
    id: createHash('sha256').update(`${zone.id}/${hosts}`).digest('hex').slice(0, 32),
    type,
    hosts: [...hosts],
    status,
    certificates: [],
  });
  const status =
    call.world.outages?.certificates?.includes(zone.name) === true ? 'pending_validation' : 'active';
  const bought = (zone.certificates ?? []).map((hosts) => pack('advanced', hosts));
  return okEnvelope([pack('universal', [zone.name, `*.${zone.name}`]), ...bought]);
}
