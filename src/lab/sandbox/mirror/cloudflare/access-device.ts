import { entitledToEverything } from '../../cloudflare/api/access-entitlement.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { World } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { put, textsOf, without, wordOf } from '../rows/row.ts';

/** The inverse of the view of a posture rule. */
export function readPostureRule(copy: Copy, object: JsonObject): void {
  const { world } = copy;
  if (!has(copy, 'posture rule', object, 'id', 'name')) return;
  const settings = without(object, 'id', 'name', 'type', 'enabled');
  world.postureRules ??= [];
  put(world.postureRules, 'id', {
    id: object.id,
    name: object.name,
    type: wordOf(object.type) ?? 'file',
    settings,
  });
}

/** The inverse of the view of an authority, whose certificate no reply shows. */
export function readAccessCertificate(copy: Copy, object: JsonObject): void {
  const { world } = copy;
  if (!has(copy, 'Access certificate', object, 'id', 'name')) return;
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  world.accessCertificates ??= [];
  put(world.accessCertificates, 'id', {
    id: object.id,
    name: object.name,
    certificate: '',
    hostnames: textsOf(object.associated_hostnames).map((host) => host.toLowerCase()),
    fingerprint: wordOf(object.fingerprint) ?? '',
    expiresOn: wordOf(object.expires_on) ?? createdAt,
    createdAt,
    updatedAt: wordOf(object.updated_at) ?? createdAt,
  });
}

/** Adds unread posture rules that policies name, and every entitlement, because no reply shows those. */
export function standInsOfDevices(world: World, isWhole: boolean): void {
  world.account.entitlements = entitledToEverything();
  if (isWhole) return;
  const named = world.policies
    .flatMap(({ include, exclude, require }) => [...include, ...exclude, ...require])
    .flatMap(({ device_posture: check }) =>
      isObject(check) && typeof check.integration_uid === 'string' ? [check.integration_uid] : [],
    );
  for (const id of new Set(named)) {
    if (world.postureRules?.some((rule) => rule.id === id)) continue;
    world.postureRules = [...(world.postureRules ?? []), { id, name: id, type: 'file', settings: {} }];
  }
}
