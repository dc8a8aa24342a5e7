import { rotateServiceToken as rotateToken } from '../../../reconcilers/cloudflare/service-token/rotation.ts';
import type { ServiceTokenSpec } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import type { ServiceToken } from '../../config/model/config.ts';
import { addressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { Deliver } from '../../core/record/delivery.ts';
import type { World } from '../../core/world.ts';
import { compile } from '../../desired/compile.ts';
import { rotateClientKey, withKeysOf } from '../rotation/rotate-signing-key.ts';
import { rotationTarget } from '../rotation/rotation-target.ts';
import { readConfigOrTell } from '../surroundings/asked-config.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { tell } from '../surroundings/terminal.ts';
import { exclusively } from './exclusive.ts';

export interface RotateOptions {
  readonly file: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
  readonly name: string;
  /** Seconds before the new signing key is used, so that the edge gets it. */
  readonly settle: number;
  readonly color: boolean;
}

/** Seconds for which the old secret is accepted if the file does not say: a day to fetch the new one. */
const defaultOverlap = 86_400;

/**
 * Makes a new secret for a service token, stores and delivers it, or makes a client sign with a new key. Returns 0, or
 * 1 if the file has mistakes.
 */
export async function rotate({ name, settle, ...options }: RotateOptions): Promise<number> {
  const asked = await readConfigOrTell(options);
  if (asked === undefined) return 1;
  const { config, settings } = asked;
  const target = rotationTarget(config, name);
  const make = effectsMaker(settings);
  return exclusively(settings.stateDir, 'gates rotate', async (turn) => {
    const { scope, objects } = compile(config);
    const enter = make(turn.signal, turn).world;
    if (target.type === 'serviceToken') await rotateSecret(enter(scope), target.token, objects);
    else {
      const world = enter(withKeysOf(target.client, scope));
      await rotateClientKey(target.client, { config, world, settle: settle * 1000 });
    }
    return 0;
  });
}

async function rotateSecret(
  world: World,
  { name, rotate: schedule }: ServiceToken,
  objects: readonly DesiredObject[],
): Promise<void> {
  const { way, oldUntil, delivered } = await rotateToken(world, name, {
    overlap: (schedule?.overlap ?? defaultOverlap) * 1000,
    sinks: sinksOf(objects, name),
  });
  const until = oldUntil.toISOString();
  if (way === 'rotated') tell(`${name} has a new secret; the old one is good until ${until}`);
  else
    tell(
      `${name} has a second token beside the first, which is good until ${until}: an apply after that retires it`,
    );
  for (const sink of delivered) tell(`delivered to ${sink.file}`);
}

/** The files in the local gates.yaml, which may differ from those with the old secret. */
function sinksOf(objects: readonly DesiredObject[], name: string): readonly Deliver[] {
  const token = objects.find(({ address }) => addressId(address) === `cloudflare/service-token:${name}`);
  return (token?.spec as ServiceTokenSpec | undefined)?.deliver ?? [];
}
