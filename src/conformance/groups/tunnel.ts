import { awaitPickUp } from '../../../reconcilers/cloudflare/ingress/configuration.ts';
import { describeError, UnreachableError } from '../../core/errors.ts';
import { asBelieved, held, otherwise } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { helloWorld, type Lab } from '../lab.ts';
import { described, isUnknown, type Seen } from '../seen.ts';

const beliefs = named('tunnel', {
  connected: {
    says: 'A connector runs the tunnel, and the API lists its connections',
    where: 'reconcilers/cloudflare/ingress/configuration.ts',
    needs: ['token/tunnels'],
  },
  hello: {
    says: 'The API takes cloudflared’s own page as the service of a rule',
    where: 'src/conformance/lab.ts',
    needs: ['tunnel/connected'],
  },
  version: {
    says: 'Each write makes the version of the configuration one higher',
    where: 'reconcilers/cloudflare/ingress/configuration.ts',
    needs: ['tunnel/hello'],
  },
  others: {
    says: 'Rules of others, and what else is in the configuration, stay as they were',
    where: 'reconcilers/cloudflare/ingress/merge.ts',
    needs: ['tunnel/hello'],
  },
  'pick-up': {
    says: 'Every connector says which version it runs, and runs the newest within 90 seconds',
    where: 'reconcilers/cloudflare/ingress/configuration.ts',
    needs: ['tunnel/hello'],
  },
  name: {
    says: 'A new name is known to the zone’s own name servers within 30 seconds',
    where: 'src/clients/edge.ts',
    needs: ['tunnel/connected', 'names/comment'],
  },
});

interface Configuration {
  readonly version?: number;
  readonly config?: { readonly ingress?: readonly { readonly hostname?: string }[] } | null;
}

interface Connector {
  readonly conns?: readonly unknown[];
  readonly config_version?: number;
}

/** The tunnel's rules are one document, which is always written completely. */
export const tunnelBeliefs: Group = {
  name: 'tunnel',
  set: 'quick',
  seconds: 20,
  makes: ['1 ingress rule for the scratch host, above the catch-all', '1 CNAME record, the scratch host'],
  needs: ['token/tunnels', 'token/access', 'token/records'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await answers.ask(beliefs.connected, async () => {
      const listed = await connectors(lab);
      const running = listed.filter(({ conns = [] }) => conns.length > 0);
      return held(running.length > 0, `${listed.length} connectors, none of them with a connection`);
    });
    const before = await configuration(lab);
    await answers.ask(beliefs.hello, async () => {
      await lab.route(helloWorld, {});
      return asBelieved();
    });
    const after = await configuration(lab);
    await answers.ask(beliefs.version, async () =>
      held(
        after.version === (before.version ?? 0) + 1,
        `version ${before.version ?? 0} became ${after.version}`,
      ),
    );
    await answers.ask(beliefs.others, async () =>
      // The first rules of a tunnel add a catch-all rule.
      held(
        (before.config ?? null) === null || othersIn(before, lab.host) === othersIn(after, lab.host),
        'they differ after a write',
      ),
    );
    await answers.ask(beliefs['pick-up'], () => pickUp(lab));
    await answers.ask(beliefs.name, async () => {
      const since = lab.now();
      await lab.publish();
      const isKnown = (seen: Seen) => !isUnknown(seen);
      const within = { since, most: lab.world.longestLag };
      const { done, after: ms, value } = await lab.visitUntil('/', {}, isKnown, within);
      return held(done, `after ${ms / 1_000} s: ${described(value)}`, { ms });
    });
  },
};

async function configuration(lab: Lab): Promise<Configuration> {
  const { tunnel: own } = lab.ground;
  return ((await lab.world.cloudflare.get(lab.account(`cfd_tunnel/${own.id}/configurations`))) ??
    {}) as Configuration;
}

async function connectors(lab: Lab): Promise<readonly Connector[]> {
  const { tunnel: own } = lab.ground;
  return ((await lab.world.cloudflare.get(lab.account(`cfd_tunnel/${own.id}/connections`))) ??
    []) as readonly Connector[];
}

function othersIn({ config }: Configuration, host: string): string {
  const { ingress = [], ...rest } = config ?? {};
  return JSON.stringify([rest, ingress.filter(({ hostname }) => hostname !== host)]);
}

async function pickUp(lab: Lab) {
  const begun = lab.now();
  try {
    await awaitPickUp(lab.world, lab.ground.tunnel);
  } catch (error) {
    if (error instanceof UnreachableError) return otherwise(describeError(error));
    throw error;
  }
  const known = (await connectors(lab)).every(({ config_version: version }) => version !== undefined);
  const ms = lab.since(begun);
  return held(known, 'a connector does not say which version it runs', { ms });
}
