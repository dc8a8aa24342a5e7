import type { JsonObject } from '../../state/json.ts';
import type { World } from '../../state/world.ts';
import type { Omissions } from './omissions.ts';
import { keyOf } from './reply.ts';

/** A copy while it is being made. */
export interface Copy {
  world: World;
  omissions: Omissions;
}

/** True if the object has these nonempty texts; if not, it is omitted and reported. */
export function has<Name extends string>(
  { omissions }: Copy,
  what: string,
  object: JsonObject,
  ...names: readonly Name[]
): object is JsonObject & { [name in Name]: string } {
  const missing = names.find((name) => typeof object[name] !== 'string' || object[name] === '');
  if (missing === undefined) return true;
  omissions.leaveOut(`${what} ${keyOf(object)}`, keyOf(object), `its reply has no ${missing}`);
  return false;
}
