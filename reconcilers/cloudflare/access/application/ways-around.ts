import { IneffectiveError } from '../../../../src/core/errors.ts';
import type { World } from '../../../../src/core/world.ts';
import { organizationSettings } from '../../account/organization.ts';
import type { AccessApplicationReply, WayAround } from './application-form.ts';

export const byDevice: WayAround = 'allow_authenticate_via_warp';

/** Names applications where gates turned devices off and the reply does not show it: false reads back as nothing. */
const closedTopic = 'no-devices';

/** True if the organization admits devices by default; false if the organization cannot be read. */
async function inheritsDevices(world: World): Promise<boolean> {
  return (await organizationSettings(world))?.admitsDevices === true;
}

/** Ids of our applications that admit devices only because the organization does. */
export async function deviceHeirs(
  ours: readonly AccessApplicationReply[],
  world: World,
): Promise<ReadonlySet<string>> {
  const silent = ours.filter(({ allow_authenticate_via_warp: setting }) => setting == null);
  if (silent.length === 0 || !(await inheritsDevices(world))) return new Set();
  const closedIds = new Set(await world.notes.list(closedTopic));
  return new Set(silent.map(({ id }) => id).filter((id) => !closedIds.has(id)));
}

export function waysAround(reply: AccessApplicationReply, heirs: ReadonlySet<string>): readonly WayAround[] {
  const devices = reply.allow_authenticate_via_warp === true || heirs.has(reply.id);
  return [
    ...(devices ? (['allow_authenticate_via_warp'] as const) : []),
    ...(reply.options_preflight_bypass === true ? (['options_preflight_bypass'] as const) : []),
    ...(reply.read_service_tokens_from_header ? (['read_service_tokens_from_header'] as const) : []),
  ];
}

/** The fields of a new application. Without them, the organization decides whether it admits devices. */
export const closedWays = { allow_authenticate_via_warp: false, options_preflight_bypass: false } as const;

/** The body of a PUT without these ways. A header's name cannot be empty, so that field is left out instead. */
export function without(
  body: Readonly<Record<string, unknown>>,
  ways: readonly WayAround[],
): Readonly<Record<string, unknown>> {
  const kept = Object.entries(body).filter(([field]) => !ways.includes(field as WayAround));
  const closings = Object.entries(closedWays).filter(([field]) => ways.includes(field as WayAround));
  return Object.fromEntries([...kept, ...closings]);
}

/**
 * Checks that the reply to a write shows none of the ways around the login.
 * @throws IneffectiveError
 */
export async function confirmClosed(reply: AccessApplicationReply, world: World): Promise<void> {
  if (reply.allow_authenticate_via_warp == null && (await inheritsDevices(world)))
    await world.notes.put(closedTopic, reply.id);
  if (waysAround(reply, new Set()).length > 0) throw new IneffectiveError(['waysAround']);
}

export async function forgetTold(id: string, { notes }: World): Promise<void> {
  if ((await notes.list(closedTopic)).includes(id)) await notes.clear(closedTopic, id);
}
