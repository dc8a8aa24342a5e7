import { RejectedError } from '../../../src/core/errors.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { listAccess } from '../account/access-list.ts';
import { accountPath } from '../account/account.ts';
import { accessApplication } from './access-application.ts';
import { coverPolicyTopic, notingWrite } from './application/path-writes.ts';
import { longSession, secondFactor } from './application/widening.ts';
import { type InlinePolicy, inheritedDurations, inlinePolicies } from './policy/inline-policies.ts';
import {
  demandsBody,
  demandsDrift,
  demandsOf,
  explainedRefusal,
  type PolicyDemands,
  withKeptDemands,
} from './policy/policy-demands.ts';
import {
  type AccessDecision,
  isNarrowerPolicy,
  isWiderPolicy,
  type PolicyRules,
} from './policy/policy-rules.ts';
import { probeKey } from './policy/probe-key.ts';
import { groupsNamedIn, providersIn, readRules, sameRules, tokensIn } from './policy/rule.ts';
import { sameDuration } from './session/go-duration.ts';
import { endsSessions, narrow } from './session/revocation.ts';

export type { AccessDecision } from './policy/policy-rules.ts';
export type { AccessRule } from './policy/rule.ts';

/**
 * A reusable policy of the account. Keyed by what follows `gates:<owner>/` in its name: the door, `host` or
 * `host/path`; the same followed by ` break-glass`; or `public` for the policy that admits everybody. Attribute `id`.
 */
export interface AccessPolicySpec extends PolicyRules {
  /** Observed only: id of the only application that it belongs to. The account's list does not have it. */
  readonly inlineOf?: string;
}

interface PolicyReply {
  readonly id: string;
  readonly name: string;
  readonly decision: AccessDecision;
  readonly include?: unknown;
  readonly require?: unknown;
  readonly exclude?: unknown;
  readonly session_duration?: string | null;
  readonly mfa_config?: { readonly mfa_disabled?: boolean } | null;
  readonly created_at?: string;
  /** Number of the applications that refer to it. */
  readonly app_count?: number;
}

const kind = 'cloudflare/access-policy';
const quota = 'reusable Access policies';
const inlineQuota = 'Access policies of single applications';

/** Fields that the API computes, and that a PUT therefore omits. */
const computed: ReadonlySet<string> = new Set([
  'id',
  'uid',
  'app_count',
  'created_at',
  'updated_at',
  'reusable',
]);

export const accessPolicy: Reconciler<AccessPolicySpec> = {
  kind,
  title: 'Access policy',

  words: {
    quota: ({ inlineOf }) => (inlineOf === undefined ? quota : inlineQuota),

    afterwards: (want, have) => (isWiderPolicy(want, have) ? undefined : endsSessions),
  },

  login: { admitsByName: ({ include, require }) => groupsNamedIn([...include, ...require]) },

  async observe(world) {
    const [list, applications] = await Promise.all([
      listAccess(world, 'policies') as Promise<readonly PolicyReply[]>,
      world.read(accessApplication),
    ]);
    const inherited = inheritedDurations(applications);
    const duration = (reply: PolicyReply) => reply.session_duration || inherited.get(reply.id);
    return [
      ...list.map((reply) => observed(reply, world.scope.owner, duration(reply))),
      ...inlinePolicies(applications, list).map((inline) => observedInline(inline, duration)),
    ];
  },

  drift(want, have) {
    const fields: string[] = [];
    if (want.decision !== undefined && want.decision !== have.decision) fields.push('decision');
    for (const list of ['include', 'require', 'exclude'] as const) {
      const rules = want[list];
      if (rules !== undefined && !sameRules(rules, have[list])) fields.push(list);
    }
    const { sessionDuration } = want;
    if (sessionDuration !== undefined && !sameDuration(sessionDuration, have.sessionDuration)) {
      fields.push('sessionDuration');
    }
    return [...fields, ...demandsDrift(want, have)];
  },

  doors(want, have, address) {
    const host = hostOf(address.key);
    // A policy that no application uses opens and guards nothing.
    if (host === undefined || want === undefined || have === undefined) return [];
    if ((have.raw as Partial<PolicyReply> | undefined)?.app_count === 0) return [];
    if (admitsAlike(want, have.spec)) return [];
    const step = isWiderPolicy(want, have.spec)
      ? 'unguard'
      : isNarrowerPolicy(want, have.spec)
        ? 'guard'
        : 'change';
    return [{ host, step } satisfies DoorEffect];
  },

  async write(changes, world) {
    const policies = `${await accountPath(world)}/access/policies`;
    const manner = { oneQuota: true, sideBySide: world.sideBySide };
    return carryOutBy(manner, changes, async ({ verb, address, want, have, drift }) => {
      if (verb === 'prune' && have !== undefined) await world.cloudflare.delete(`${policies}/${have.id}`);
      if (want === undefined) return undefined;
      const name = markName(world.scope.owner, address.key);
      // An equal policy that gates adopts gets the name alone: it may have its session duration from its application.
      const body = verb === 'adopt' && drift.length === 0 ? { name } : written(want, name, have?.spec);
      const explained = explaining(want, have?.spec);
      const create = () => explained(() => world.cloudflare.post(policies, body));
      if (have === undefined) return attributesOf(await create());
      const path = `${policies}/${have.id}`;
      if (have.spec.inlineOf !== undefined) await makeReusable(have.spec.inlineOf, have.id, world);
      const overwrite = () =>
        explained(async () => world.cloudflare.put(path, { ...(await liveOf(world, path)), ...body }));
      if (isWiderPolicy(want, have.spec)) return attributesOf(await overwrite());
      const noted = address.key === probeKey ? [have.id] : [];
      const narrowed = async () => narrow(world, await applicationsWith(world, have.id), overwrite);
      return attributesOf(await notingWrite(world, coverPolicyTopic, noted, narrowed));
    });
  },
};

/** Makes a write whose refusal says to which features the account may not be entitled. */
function explaining(want: PolicyDemands, have: PolicyDemands | undefined) {
  return async (write: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await write();
    } catch (error) {
      throw explainedRefusal(error, want, have);
    }
  };
}

/** Id, name, rules and applications stay: from now on the account's endpoint changes the policy. */
async function makeReusable(applicationId: string, id: string, world: World): Promise<void> {
  const application = `${await accountPath(world)}/access/apps/${applicationId}`;
  await world.cloudflare.put(`${application}/policies/${id}/make_reusable`);
  world.forget(accessApplication);
}

/** A policy of a single application belongs to nobody: gates makes only reusable ones. */
function observedInline(
  { application, reply }: InlinePolicy,
  duration: (reply: PolicyReply) => string | undefined,
): Observed<AccessPolicySpec> {
  const policy = { name: '', ...reply } as PolicyReply;
  const { spec, ...have } = observed(policy, undefined, duration(policy));
  return { ...have, owner: undefined, spec: { ...spec, inlineOf: application } };
}

function observed(
  reply: PolicyReply,
  us: string | undefined,
  sessionDuration: string | undefined,
): Observed<AccessPolicySpec> {
  const { owner, key } = readName(reply.name);
  const [include, require, exclude] = [reply.include, reply.require, reply.exclude].map(readRules);
  const spec = {
    decision: reply.decision,
    include: include ?? [],
    require: require ?? [],
    exclude: exclude ?? [],
    ...(sessionDuration !== undefined && { sessionDuration }),
    ...demandsOf(reply),
  };
  const rules = [...spec.include, ...spec.require, ...spec.exclude];
  return {
    // Names contain the owner, so a foreign policy never has the key of ours, although names are not unique.
    address: { kind, key: us !== undefined && owner === us ? key : `${reply.name} (${reply.id})` },
    id: reply.id,
    owner,
    spec,
    attributes: { id: reply.id },
    uses: [...tokensIn(rules), ...providersIn(rules)],
    widenings: [...secondFactor(reply), ...longSession(reply)],
    ...(reply.created_at !== undefined && { createdAt: reply.created_at }),
    raw: reply,
  };
}

function written(
  want: AccessPolicySpec,
  name: string,
  have: AccessPolicySpec | undefined,
): Readonly<Record<string, unknown>> {
  const { decision, include, require, exclude, sessionDuration } = want;
  return {
    name,
    decision,
    include,
    require,
    exclude,
    ...(sessionDuration !== undefined && { session_duration: sessionDuration }),
    ...demandsBody(withKeptDemands(want, have), have),
  };
}

/** The live values of the fields that a PUT has to repeat, because it replaces the complete policy. */
async function liveOf(world: World, path: string): Promise<Readonly<Record<string, unknown>>> {
  const live = await world.cloudflare.get(path);
  if (live === undefined) {
    throw new RejectedError('The Access policy is gone', { hint: 'The next run makes it again' });
  }
  const entries = Object.entries(live as object);
  return Object.fromEntries(
    entries.filter(([field, value]) => !computed.has(field) && value !== null && value !== ''),
  );
}

async function applicationsWith(world: World, policyId: string): Promise<readonly string[]> {
  const applications = await world.read(accessApplication);
  return applications.filter(({ uses }) => uses.includes(policyId)).map(({ id }) => id);
}

function attributesOf(reply: unknown): { readonly id: string } {
  return { id: (reply as PolicyReply).id };
}

/** The host of a door's key; `public` names no door. */
function hostOf(key: string): string | undefined {
  const [host = ''] = key.split(/[/ ]/);
  return host.includes('.') ? host : undefined;
}

/** True if both differ at most in the question for a reason. */
function admitsAlike(want: Linked<AccessPolicySpec>, have: AccessPolicySpec): boolean {
  const drift = accessPolicy.drift?.(want as AccessPolicySpec, have) ?? [];
  return drift.every((field) => field === 'justification');
}
