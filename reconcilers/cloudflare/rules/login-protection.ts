import { RejectedError } from '../../../src/core/errors.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { Wire } from '../../../src/core/world.ts';
import { zone } from '../account/zone.ts';
import type { RulesetRule } from './ruleset.ts';

/**
 * Cloudflare's own protection of a zone, as it affects requests for the login host, where Access redeems each login.
 * Looked up; keyed by the zone. Fields that the token may not read are undefined.
 */
export interface LoginProtectionSpec {
  /** Bot Fight Mode is on. */
  readonly fightsBots?: boolean;
  /** Expressions of the rules that execute managed rules. */
  readonly managed?: readonly string[];
  /** Expressions of the custom rules that exempt requests from managed rules. */
  readonly skips?: readonly string[];
}

const kind = 'cloudflare/login-protection';

/** The phase of managed rules. */
export const managedPhase = 'http_request_firewall_managed';

export const loginProtection: Reconciler<LoginProtectionSpec> = {
  kind,
  title: 'protection of the login host',
  traits: { unmarked: true },

  async observe(world) {
    const { loginZone } = world.scope;
    if (loginZone === undefined) return [];
    const found = (await world.read(zone)).filter(({ address }) => address.key === loginZone);
    return Promise.all(
      found.map(async ({ address: { key }, id }) => ({
        address: { kind, key },
        id,
        owner: undefined,
        spec: await protectionOf(world.cloudflare, id),
        attributes: {},
        uses: [],
      })),
    );
  },
};

/** Reads the protection of a zone. It reads the exemptions only if managed rules run. */
export async function protectionOf(wire: Pick<Wire, 'get'>, zoneId: string): Promise<LoginProtectionSpec> {
  const answerOf = (path: string) => unlessForbidden(wire.get(`/zones/${zoneId}/${path}`));
  const [bots, running] = await Promise.all([answerOf('bot_management'), answerOf(phasePath(managedPhase))]);
  const managed =
    running &&
    rulesIn(running.answer).flatMap(({ action, expression }) => (action === 'execute' ? [expression] : []));
  const custom = managed?.length ? await answerOf(phasePath('http_request_firewall_custom')) : undefined;
  return {
    ...(bots !== undefined && { fightsBots: Object(bots.answer).fight_mode === true }),
    ...(managed !== undefined && { managed }),
    ...(custom !== undefined && {
      skips: rulesIn(custom.answer).flatMap(({ action, action_parameters: parameters, expression }) =>
        action === 'skip' && parameters?.phases?.includes(managedPhase) === true ? [expression] : [],
      ),
    }),
  };
}

function phasePath(phase: string): string {
  return `rulesets/phases/${phase}/entrypoint`;
}

/** The rules of a phase. A phase that never had a rule has no ruleset. */
function rulesIn(reply: unknown): readonly RulesetRule[] {
  const { rules } = Object(reply) as { readonly rules?: readonly RulesetRule[] | null };
  return (rules ?? []).filter(({ enabled = true }) => enabled);
}

/** The answer; undefined if the token lacks the permission. */
async function unlessForbidden(reading: Promise<unknown>): Promise<{ readonly answer: unknown } | undefined> {
  try {
    return { answer: await reading };
  } catch (error) {
    if (error instanceof RejectedError && error.facts.status === 403) return undefined;
    throw error;
  }
}
