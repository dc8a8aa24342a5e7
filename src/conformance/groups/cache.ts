import { cacheRule } from '../../../reconcilers/cloudflare/cache/cache-rule.ts';
import { type Answer, held, notAsked } from '../belief.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';
import { cacheRuleOf } from '../objects.ts';
import { described, type Seen } from '../seen.ts';

const beliefs = named('cache', {
  extension: {
    says: 'The edge keeps the answer to a path that ends in .css, with nothing switched on, and gives it to others',
    where: 'src/desired/terms/cache.ts',
  },
  page: {
    says: 'The edge does not keep the answer to a path without an extension',
    where: 'reconcilers/edge/reading/cached.ts',
  },
  purge: {
    says: 'A purge of the host takes its copies away',
    where: 'reconcilers/cloudflare/cache/purge.ts',
    needs: ['cache/extension'],
  },
  rule: {
    says: 'With a cache rule of gates, the edge keeps no answer of the host',
    where: 'reconcilers/cloudflare/cache/cache-rule.ts',
    needs: ['names/cache-ref'],
  },
});

const isKept = ({ answer: { headers } }: Seen) =>
  headers['cf-cache-status'] === 'HIT' || headers.age !== undefined;

/** A copy is served before the tunnel, and so before every gate of the origin. */
export const cache: Group = {
  name: 'cache',
  set: 'quick',
  seconds: 40,
  makes: ['1 cache rule for the scratch host alone', 'copies of its pages in the cache, which are purged'],
  needs: ['host/reached'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await lab.open();
    await lab.visitUntil('/', {}, ({ by }) => by.by === 'application');
    await answers.ask(beliefs.extension, () => keeps(lab, '/gates-a.css', true));
    await answers.ask(beliefs.page, () => keeps(lab, '/gates-page', false));
    await answers.ask(beliefs.purge, async () => {
      await purge(lab);
      const { done, value, after: ms } = await lab.visitUntil('/gates-a.css', {}, (seen) => !isKept(seen));
      return held(done, statusOf(value), { ms });
    });
    await answers.ask(beliefs.rule, async () => {
      const since = lab.now();
      await lab.make(cacheRule, lab.host, cacheRuleOf(lab));
      const asked = () => keeps(lab, `/gates-${lab.now()}.css`, false);
      const isSo = ({ state }: Answer) => state === 'as believed';
      const { value, after: ms } = await lab.until(asked, isSo, { since });
      return { ...value, measured: { ms } };
    });
    if (answers.holds(beliefs.extension.id)) await purge(lab);
  },
};

/** Asks twice, and returns whether the second answer is a copy of the first. */
async function keeps(lab: Lab, path: string, expected: boolean) {
  const first = await lab.visit(path);
  if (first.by.by !== 'application' && first.by.by !== 'cache')
    return notAsked(`${path}: ${described(first)}`);
  const { value } = expected
    ? await lab.visitUntil(path, {}, isKept, { most: fewPolls })
    : { value: await lab.visit(path) };
  return held(isKept(value) === expected, statusOf(value), {
    status: value.answer.headers['cf-cache-status'] ?? 'none',
  });
}

/** Milliseconds: several machines of one place store a copy each. */
const fewPolls = 5_000;

function statusOf(seen: Seen): string {
  return `cf-cache-status ${seen.answer.headers['cf-cache-status'] ?? 'none'}; ${described(seen)}`;
}

async function purge(lab: Lab): Promise<void> {
  await lab.world.cloudflare.post(lab.zone('purge_cache'), { hosts: [lab.host] });
}
