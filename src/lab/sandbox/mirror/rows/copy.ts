import type { JsonObject } from '../../state/json.ts';
import type { World } from '../../state/world.ts';
import type { Omissions } from './omissions.ts';
import { keyOf } from './reply.ts';

/** A copy in the making. */
export interface Copy {
  world: World;
  omissions: Omissions;
}

/** Whether the object has these texts, none of them empty; else it is left out, and that is said. */
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
