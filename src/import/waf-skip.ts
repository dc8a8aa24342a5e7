import { entriesIn } from '../../reconcilers/cloudflare/waf/expression.ts';
import type { WafRuleSpec } from '../../reconcilers/cloudflare/waf/rule-spec.ts';
import type * as file from '../../schema/generated/config.ts';
import { grouped } from '../core/objects/grouped.ts';
import type { Observed } from '../core/objects/object.ts';
import type { LeftOut } from './terms/draft.ts';
import type { LiveObjects } from './terms/live-objects.ts';

/** The rules by which requests to some hosts skip checks, as the file has them. */
export interface ImportedSkip {
  readonly waf: file.GatesFile['waf'];
  readonly leftovers: readonly LeftOut[];
}

/**
 * The hosts of our skip rules. All hosts of a file skip the same, so others are left out. A rule without our mark stays the rule of
 * somebody else: gates writes one rule for all hosts of a zone, and would put its own beside it.
 */
export function importedSkip(live: LiveObjects): ImportedSkip {
  const rules = live.of('cloudflare/waf-rule').filter(({ spec }) => spec.action === 'skip' && spec.enabled);
  const own = rules.filter(
    ({ owner, spec }) =>
      owner === live.scope.owner && spec.purpose === 'skip' && spec.intact && spec.host !== '',
  );
  const [most = [], ...others] = [...grouped(own, skippedIn).values()].sort(
    (left, right) => right.length - left.length,
  );
  const [first] = most;
  const foreign = rules.flatMap((rule) => (rule.spec.purpose === 'other' ? foreignSkip(rule) : []));
  return {
    waf: first && {
      skip: skipOf(
        first.spec,
        most.map(({ spec }) => spec.host),
      ),
    },
    leftovers: [
      ...others
        .flat()
        .map(({ spec }) =>
          leftover(
            spec,
            [spec.host],
            'it skips other checks than most hosts, and all hosts of a file skip the same',
          ),
        ),
      ...foreign,
    ],
  };
}

/** The rule of somebody else that says exactly what the file could say; none for every other rule. */
function foreignSkip({ spec, raw }: Observed<WafRuleSpec>): readonly LeftOut[] {
  const { expression = '' } = raw as { readonly expression?: string };
  const { entries, intact } = entriesIn('skip', expression);
  if (!intact || entries.length === 0) return [];
  const hosts = entries.map(({ host }) => host);
  return [
    leftover(spec, hosts, 'the rule has no mark of gates: write this entry, apply it, and remove the rule'),
  ];
}

function leftover(spec: WafRuleSpec, hosts: readonly string[], reason: string): LeftOut {
  const what = `WAF rule of ${spec.zone} for ${hosts.join(', ')}`;
  return { section: 'waf', what, reason, entry: { skip: skipOf(spec, hosts) } };
}

function skipOf({ products = [], phases = [] }: WafRuleSpec, hosts: readonly string[]): file.WafSkip {
  return {
    hosts: [...hosts].sort(),
    ...(products.length > 0 && { products: [...products] }),
    ...(phases.length > 0 && { phases: [...phases] }),
  } as file.WafSkip;
}

/** One text for rules that skip the same. */
function skippedIn({ spec: { products = [], phases = [] } }: Observed<WafRuleSpec>): string {
  return JSON.stringify([products, phases]);
}
