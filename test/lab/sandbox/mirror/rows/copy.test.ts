import { expect, it } from 'vitest';
import {
  AUTHENTIK_PRERELEASES,
  AUTHENTIK_VERSIONS,
  mirrorSandbox,
} from '../../../../../src/lab/sandbox/index.ts';
import { ask, recorded } from '../recorded.ts';
import { richSandbox } from '../rich-world.ts';

it.each([...AUTHENTIK_VERSIONS, ...AUTHENTIK_PRERELEASES])(
  'a copy gives the same replies to the same questions, with Authentik %s',
  async (version) => {
    const replies = await recorded(await richSandbox(version));
    expect(replies.filter(({ status }) => status !== 200)).toEqual([]);
    const { sandbox: copy, unplayed } = await mirrorSandbox(replies);
    for (const { system, path, body } of replies) {
      const have = await ask(copy, system, 'GET', path);
      expect(withoutConnectors(have.body), `${system} ${path}`).toEqual(withoutConnectors(body));
      expect(have.status).toBe(200);
    }
    expect(unplayed).toEqual([
      'provider "network" is a Radius Provider, which is not played: it is only shown where others name it',
      'policy "strong password" is a Password Policy: here it is what its binding says of a failure',
    ]);
  },
);

/** The reply without connectors, which a copy invents. */
function withoutConnectors(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (name, value) =>
    ['connections', 'conns_active_at'].includes(name) ? undefined : value,
  );
}
