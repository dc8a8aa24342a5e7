import { GatesError, RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { authentikOf } from '../reading/api.ts';
import { identity } from '../reading/identity.ts';
import type { AuthentikApplicationReply } from './application.ts';
import { countingBindings } from './binding.ts';

/** The people whom an application admits, as the file says. */
export interface ApplicationAdmission {
  /** Slug and id of the application. */
  readonly application: string;
  readonly id: string;
  readonly admits: 'named' | 'everyone';
  /** Ids of groups, of users, and of policies that have to agree too. */
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly policies: readonly string[];
}

/**
 * Checks that an application admits exactly the people that the file names: all that gates can check if the application
 * behind the host asks for the login by itself. Keyed by the host, and always read from the server.
 */
export interface AdmissionSpec {
  readonly expect: ApplicationAdmission;
}

const kind = 'authentik/admission';

export const admission: Reconciler<AdmissionSpec> = {
  kind,
  title: 'admission check',
  traits: { unmarked: true },

  observe: async () => [],

  moments: {
    async blind(_check, world) {
      try {
        await outsiderOf(world, new Set());
        return undefined;
      } catch (error) {
        if (error instanceof GatesError) return error;
        throw error;
      }
    },
  },

  write: (changes, world) =>
    carryOut(changes, async ({ want }) => {
      if (want === undefined) return undefined;
      const wrong = await whatIsWrong(want.expect, world);
      if (wrong !== undefined) {
        throw new UnsafeError('The application admits others than the file says', { hint: wrong });
      }
      return {};
    }),
};

async function whatIsWrong(expect: ApplicationAdmission, world: World): Promise<string | undefined> {
  const wire = authentikOf(world);
  const { application: slug, id, admits, groups, users, policies } = expect;
  const live = (await wire.get(`/core/applications/${slug}/`)) as AuthentikApplicationReply | undefined;
  if (live?.pk !== id) {
    throw new RejectedError('The application is gone', { hint: 'The next run makes it again' });
  }
  // An application that asks for more than the file says admits nobody else; the run makes it laxer in the end.
  const asksAll = live.policy_engine_mode === 'all';
  if (policies.length > 0 && !asksAll)
    return 'each of its policies admits people by itself: the next run mends it';
  const bindings = await countingBindings(world, id);
  // An extra group or person is no fault: an exchange removes the old binding last. These two sorts admit whole crowds.
  const crowds = bindings.filter(({ policy, negate }) => {
    // As long as a negated policy stands beside the same policy as the file wants it, nobody gets in.
    const isVain =
      asksAll &&
      policy !== null &&
      bindings.some((other) => other.policy === policy && other.negate !== true);
    return (negate === true && !isVain) || (policy !== null && !asksAll);
  });
  if (crowds.length > 0) {
    return `${crowds.length} of its bindings are policies or negated, and admit others: the next run removes them`;
  }
  const bound = new Set(
    bindings.flatMap(({ group, user, policy }) => [group, policy, user === null ? null : String(user)]),
  );
  const missing = [...groups, ...users, ...policies].filter((each) => !bound.has(each));
  if (missing.length > 0)
    return `${missing.length} of its groups, users and policies are not bound: the next run binds them`;
  return admits === 'everyone' ? undefined : outsiderGetsIn(slug, bound, world);
}

/** Ids of groups and users that have a binding. */
type Bound = ReadonlySet<string | null>;

interface UserReply {
  readonly pk: number;
  readonly username: string;
  readonly is_superuser?: boolean;
  readonly groups?: readonly string[];
}

/** A person in no group and not bound. Undefined if the token may not ask about others, or if there is no such person. */
async function outsiderOf(world: World, bound: Bound): Promise<UserReply | undefined> {
  const [me] = await world.read(identity);
  if (me?.spec.superuser !== true) return undefined;
  const people = { is_active: true, type: 'internal', page_size: 100 };
  const { results } = (await authentikOf(world).get('/core/users/', people)) as {
    readonly results: readonly UserReply[];
  };
  return results.find(
    ({ pk, is_superuser: superuser, groups }) => !superuser && groups?.length === 0 && !bound.has(String(pk)),
  );
}

async function outsiderGetsIn(slug: string, bound: Bound, world: World): Promise<string | undefined> {
  const outsider = await outsiderOf(world, bound);
  if (outsider === undefined) return undefined;
  const wire = authentikOf(world);
  const reply = await wire.get(`/core/applications/${slug}/check_access/`, { for_user: outsider.pk });
  const { passing } = reply as { readonly passing: boolean };
  return passing
    ? `${outsider.username}, who is in no group, gets in: look at the policies of the application`
    : undefined;
}
