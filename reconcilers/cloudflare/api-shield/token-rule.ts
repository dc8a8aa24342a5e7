import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { idsIn } from '../rules/ruleset.ts';
import { shields } from './api-shield.ts';

/** The handling of requests to the saved operations of a host by API Shield. Keyed by the host, after our marker. */
export interface TokenRuleSpec {
  readonly zone: string;
  readonly zoneId: string;
  readonly title: string;
  readonly action: 'block' | 'log';
  readonly enabled: boolean;
  /** Id of the token configuration whose tokens are admitted; for a rule that says anything else, its expression. */
  readonly configuration: string;
  /** The hosts with the operations that it concerns; none: all. */
  readonly hosts: readonly string[];
  /** Ids of the operations that it excludes. */
  readonly excluded: readonly string[];
  /** A foreign rule for the host comes before it: only the first one counts. */
  readonly shadowed: boolean;
}

interface RuleReply {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly action: 'block' | 'log';
  readonly enabled: boolean;
  readonly expression: string;
  readonly selector?: {
    readonly include?: readonly { readonly host?: readonly string[] }[] | null;
    readonly exclude?: readonly { readonly operation_ids?: readonly string[] }[] | null;
  } | null;
  readonly created_at?: string;
}

const kind = 'cloudflare/token-rule';

export const tokenRule: Reconciler<TokenRuleSpec> = {
  kind,
  title: 'token rule',

  async observe(world) {
    const found = await Promise.all(
      (await shields(world)).map(async ({ zone, zoneId }) => {
        const replies = await world.roster.list(world.cloudflare, pathOf(zoneId), { per_page: 50 });
        const rules = replies as readonly RuleReply[];
        return rules.map((reply, index) => observed(reply, rules.slice(0, index), { zone, zoneId }));
      }),
    );
    return found.flat();
  },

  doors(want, have, { key: host }) {
    const closed = have !== undefined && blocks(have.spec);
    if (want === undefined) return closed ? [{ host, step: 'unguard', first: true }] : [];
    const closes = blocks(want);
    // A rule that only logs keeps nobody out.
    if (!closed) return closes ? [{ host, step: 'guard' }] : [];
    return [{ host, step: closes ? 'change' : 'unguard' }];
  },

  write: (changes, world) =>
    carryOut(changes, async ({ verb, address: { key: host }, want, have }) => {
      const { owner: us } = world.scope;
      const path = pathOf(want?.zoneId ?? have?.spec.zoneId ?? '');
      if (verb === 'prune' && have !== undefined) await world.cloudflare.delete(`${path}/${have.id}`);
      if (want === undefined) return undefined;
      const body = {
        title: want.title,
        description: markName(us, host),
        action: want.action,
        enabled: want.enabled,
        expression: expressionFor(want.configuration),
        selector: { include: [{ host: want.hosts }], exclude: null },
      };
      const there = have === undefined ? await readAgain(world) : [];
      const standing = have ?? there.find((rule) => rule.owner === us && rule.address.key === host);
      if (standing === undefined) {
        const made = (await world.cloudflare.post(path, body)) as RuleReply;
        // A new rule comes last, and only the first one counts.
        const before = there.find((rule) => rule.spec.zoneId === want.zoneId && stands(rule, want.hosts, us));
        if (before !== undefined)
          await world.cloudflare.patch(`${path}/${made.id}`, { position: { before: before.id } });
        return { id: made.id };
      }
      const { before } = standing.raw as Raw;
      const position = standing.spec.shadowed && before !== undefined ? { position: { before } } : {};
      await world.cloudflare.patch(`${path}/${standing.id}`, { ...body, ...position });
      return { id: standing.id };
    }),
};

/** The rules, read again: titles are not unique, so a repeated POST would make a second one. */
async function readAgain(world: World): Promise<readonly Observed<TokenRuleSpec>[]> {
  world.forget(tokenRule);
  return world.read(tokenRule);
}

/** True if a foreign rule counts for one of the hosts. */
function stands({ owner, spec }: Observed<TokenRuleSpec>, hosts: readonly string[], us: string): boolean {
  return spec.enabled && owner !== us && meet(hosts, spec.hosts);
}

interface Raw {
  /** Id of the first rule before it that counts instead. */
  readonly before: string | undefined;
}

function observed(
  reply: RuleReply,
  earlier: readonly RuleReply[],
  place: Pick<TokenRuleSpec, 'zone' | 'zoneId'>,
): Observed<TokenRuleSpec> {
  const { id, title, description = '', action, enabled, selector, created_at: createdAt } = reply;
  const { owner, key } = readName(description);
  const configuration = configurationIn(reply.expression);
  const hosts = hostsOf(reply);
  const before = earlier.find(
    (other) =>
      other.enabled && readName(other.description ?? '').owner !== owner && meet(hosts, hostsOf(other)),
  );
  const raw: Raw = { before: before?.id };
  return {
    address: { kind, key: owner === undefined ? `${title} (${id})` : key },
    id,
    owner,
    spec: {
      ...{ ...place, title, action, enabled, hosts },
      configuration: configuration ?? reply.expression,
      excluded: (selector?.exclude ?? []).flatMap(({ operation_ids: ids = [] }) => ids),
      shadowed: owner !== undefined && before !== undefined,
    },
    attributes: { id },
    uses: idsIn(reply.expression),
    ...(createdAt !== undefined && { createdAt }),
    raw,
  };
}

function hostsOf({ selector }: RuleReply): readonly string[] {
  return (selector?.include ?? []).flatMap(({ host = [] }) => host);
}

/** True if two rules concern the same host. A rule without hosts concerns all. */
function meet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === 0 || right.length === 0 || left.some((host) => right.includes(host));
}

function blocks(spec: Linked<TokenRuleSpec> | TokenRuleSpec): boolean {
  const { action, enabled, shadowed, excluded, configuration } = spec as TokenRuleSpec;
  const says = typeof configuration !== 'string' || !configuration.includes('(');
  return action === 'block' && enabled && !shadowed && excluded.length === 0 && says;
}

/** A request without a token counts as invalid too. */
function expressionFor(configuration: string): string {
  return `is_jwt_valid("${configuration}")`;
}

/** The API may put parentheses around it. */
function configurationIn(expression: string): string | undefined {
  return /^\s*\(*\s*is_jwt_valid\("([^"]+)"\)\s*\)*\s*$/.exec(expression)?.[1];
}

function pathOf(zoneId: string): string {
  return `/zones/${zoneId}/token_validation/rules`;
}
