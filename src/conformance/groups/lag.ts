import { accessApplication } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { markName } from '../../core/objects/marker.ts';
import { type Answer, held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';
import { applicationOf } from '../objects.ts';
import { isUnknown, type Seen } from '../seen.ts';

const within = (what: string) => `${what} is at the edge within 30 seconds, each of ten times`;

const beliefs = named('lag', {
  access: { says: within('A new application'), where: 'src/core/longest-lag.ts' },
  policy: { says: within('A changed policy'), where: 'src/core/longest-lag.ts' },
  record: { says: within('A new DNS record'), where: 'src/core/longest-lag.ts' },
  rule: { says: within('A new custom rule'), where: 'src/core/longest-lag.ts', needs: ['names/ref'] },
});

const times = 10;

/** The time until the edge applies a write. Gates waits that long if nothing shows the effect. */
export const lag: Group = {
  name: 'lag',
  set: 'full',
  seconds: 900,
  makes: [
    '1 tag, 1 policy, 1 service token and 10 applications of Access, one after the other, at the scratch host',
    '10 times the CNAME record of the scratch host',
    '10 custom rules for the scratch host alone, one after the other',
  ],
  needs: ['host/reached', 'names/application', 'names/policy', 'names/token'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { policy, headers } = await lab.probePolicy();
    await lab.tag();
    await lab.open();
    const isOpen = ({ by }: Seen) => by.by === 'application';
    const isRefused = ({ by }: Seen) => by.by === 'access-refusal';
    await lab.visitUntil('/', {}, isOpen);
    await answers.ask(beliefs.access, () =>
      measured(lab, async () => {
        const since = lab.now();
        const application = await lab.make(accessApplication, lab.host, applicationOf(lab.host, [policy.id]));
        const { aud } = application.attributes;
        const isAsked = ({ by }: Seen) => by.by === 'access-refusal' && by.audience === aud;
        const { after } = await lab.visitUntil('/', {}, isAsked, { since });
        await lab.remove(accessApplication, application);
        await lab.visitUntil('/', {}, isOpen);
        return after;
      }),
    );
    await lab.application('', [policy.id]);
    await lab.visitUntil('/', {}, isRefused);
    await lab.visitUntil('/', headers, isOpen);
    await answers.ask(beliefs.policy, () => {
      let admits = true;
      return measured(lab, async () => {
        admits = !admits;
        const since = lab.now();
        await lab.world.cloudflare.put(lab.account(`access/policies/${policy.id}`), {
          name: markName(lab.owner, lab.host),
          decision: 'non_identity',
          // A network reserved for documentation: no visitor has such an address.
          include: admits ? policy.spec.include : [{ ip: { ip: '192.0.2.1/32' } }],
        });
        return (await lab.visitUntil('/', headers, admits ? isOpen : isRefused, { since })).after;
      });
    });
    await lab.tidy();
    await lab.open();
    await answers.ask(beliefs.record, () =>
      measured(lab, async () => {
        await lab.unpublish();
        await lab.visitUntil('/', {}, isUnknown);
        const since = lab.now();
        await lab.publish();
        return (await lab.visitUntil('/', {}, (seen) => !isUnknown(seen), { since })).after;
      }),
    );
    await answers.ask(beliefs.rule, () => measured(lab, () => untilBlocked(lab)));
  },
};

async function measured(lab: Lab, once: () => Promise<number>): Promise<Answer> {
  const all: number[] = [];
  for (let time = 0; time < times; time += 1) all.push(await once());
  all.sort((left, right) => left - right);
  const [shortest = 0, median = 0, longest = 0] = [all[0], all[times / 2], all.at(-1)];
  const { longestLag } = lab.world;
  return held(longest <= longestLag, `the longest took ${longest / 1_000} s`, { shortest, median, longest });
}

interface Ruleset {
  readonly id: string;
  readonly rules?: readonly { readonly id: string; readonly ref?: string }[];
}

async function untilBlocked(lab: Lab): Promise<number> {
  const { cloudflare } = lab.world;
  const entrypoint = lab.zone('rulesets/phases/http_request_firewall_custom/entrypoint');
  const ref = `gates_${lab.owner}_lag`;
  const ruleset = (await cloudflare.get(entrypoint)) as Ruleset | undefined;
  const body = {
    ...{ ref, action: 'block', description: 'gates conformance', enabled: true },
    expression: `(http.host eq "${lab.host}")`,
  };
  const since = lab.now();
  const written = (await (ruleset === undefined
    ? cloudflare.put(entrypoint, { rules: [body] })
    : cloudflare.post(lab.zone(`rulesets/${ruleset.id}/rules`), body))) as Ruleset;
  const { after } = await lab.visitUntil('/', {}, ({ by }) => by.by === 'block', { since });
  const rule = written.rules?.find((one) => one.ref === ref);
  await cloudflare.delete(lab.zone(`rulesets/${written.id}/rules/${rule?.id}`));
  await lab.visitUntil('/', {}, ({ by }) => by.by !== 'block');
  return after;
}
