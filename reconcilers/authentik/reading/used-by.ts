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
  /** Reads those that gates can list itself. */
  readonly listed: () => Promise<readonly UsedBy[]>;
  /** Models of which an object may be left behind. */
  readonly harmless?: ReadonlySet<string>;
  /** The lists name every user that a removal could harm, so `used_by` may stay unanswered. */
  readonly suffices?: true;
}

/**
 * Removes an object unless something still uses it. Authentik protects nothing: with a group its bindings go,
 * and an application without bindings admits everybody; without its signing key a provider signs with its
 * secret. Two sources name the users: the lists that gates reads, and `used_by`, which shows a token what that token may
 * view (brands, SAML providers, flows), and which on real servers answers 500 for groups to a token without superuser
 * rights.
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
