import { host, type Moves } from '../moves/moves.ts';

/** An object of somebody else, beside which gates refuses the host. */
export interface Obstacle {
  readonly name: string;
  /** Returns a function that removes it. */
  readonly place: (moves: Moves) => Promise<() => Promise<unknown>>;
}

interface Rule {
  readonly service: string;
}

const theirs = { hostname: host, path: '^/theirs', service: 'http://theirs.lan:80' };

/** gates refuses a host at which it has nothing yet. At another one, such a rule passes for one of gates, and is removed. */
const rule: Obstacle = {
  name: 'a tunnel rule of others',
  place: async (moves) => {
    const tunnels = `/accounts/${moves.sandbox.accountId}/cfd_tunnel`;
    const { result } = (await moves.byHand('GET', tunnels, undefined)) as { result: { id: string }[] };
    const path = `${tunnels}/${result[0]?.id}/configurations`;
    const change = async (changed: (rules: readonly Rule[]) => readonly Rule[]) => {
      const { result: live } = (await moves.byHand('GET', path, undefined)) as {
        result: { config: { ingress: readonly Rule[] } };
      };
      await moves.byHand('PUT', path, { config: { ...live.config, ingress: changed(live.config.ingress) } });
    };
    await change((rules) => [theirs, ...rules]);
    return () => change((rules) => rules.filter(({ service }) => service !== theirs.service));
  },
};

const application: Obstacle = {
  name: 'an application of others',
  place: async (moves) => {
    const path = `/accounts/${moves.sandbox.accountId}/access/apps`;
    const include = [{ email: { email: 'them@example.dev' } }];
    const policies = [{ name: 'theirs', decision: 'allow', include }];
    const body = { type: 'self_hosted', name: 'theirs', domain: `${host}/theirs`, policies };
    const { result } = (await moves.byHand('POST', path, body)) as { result: { id: string } };
    return () => moves.byHand('DELETE', `${path}/${result.id}`, undefined);
  },
};

export const obstacles = [application, rule] as const;
