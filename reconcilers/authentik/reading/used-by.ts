import { GatesError, UnsafeError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { authentikOf } from './api.ts';

/** An object that uses another one, in the words of Authentik's `used_by`. */
export interface UsedBy {
  readonly model_name: string;
  readonly name: string;
}

/** The users of a kind of object that gates knows. */
export interface KnownUsers {
  /** Reads the users that gates can list itself. */
  readonly listed: () => Promise<readonly UsedBy[]>;
  /** Models whose objects may remain. */
  readonly harmless?: ReadonlySet<string>;
  /** The lists name every user that a removal could harm, so a failed `used_by` does not matter. */
  readonly suffices?: true;
}

/**
 * Removes an object unless something still uses it. Authentik itself protects nothing: with a group it removes the
 * bindings, and an application without bindings admits everybody; a provider without its signing key signs with its
 * secret. Two sources name the users: the lists that gates reads, and `used_by`. `used_by` shows what the token may
 * view (brands, SAML providers, flows); for groups, real servers answer 500 to a token without superuser rights.
 */
export async function removeUnused(
  world: World,
  path: string,
  { listed, harmless = new Set(), suffices }: KnownUsers,
): Promise<void> {
  const wire = authentikOf(world);
  const users = [...(await listed()), ...(await usedBy(world, path, suffices === true))];
  const others = users.filter(({ model_name: model }) => !harmless.has(model));
  if (others.length > 0) {
    const list = [...new Set(others.map(({ model_name: model, name }) => `${model} "${name}"`))].join(', ');
    throw new UnsafeError('It is still used by what gates does not manage', {
      hint: `Take it out there first: ${list}`,
    });
  }
  await wire.delete(path);
}

async function usedBy(world: World, path: string, mayFail: boolean): Promise<readonly UsedBy[]> {
  try {
    return ((await authentikOf(world).get(`${path}used_by/`)) ?? []) as readonly UsedBy[];
  } catch (error) {
    const status = error instanceof GatesError ? error.facts.status : undefined;
    if (mayFail && status !== undefined && (status >= 500 || status === 403)) return [];
    throw error;
  }
}
