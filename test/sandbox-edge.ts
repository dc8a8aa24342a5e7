import type { Edge } from '../src/core/world.ts';
import type { Sandbox } from '../src/sandbox/index.ts';

/** The edge of a sandbox in this process. Dots in a path are resolved on the way, as `Request` does it. */
export function sandboxEdge(sandbox: Pick<Sandbox, 'edge'>, alive: () => void = () => {}): Edge {
  return {
    async get({ host, path, method = 'GET', headers = {} }) {
      alive();
      const response = await sandbox.edge(new Request(`http://${host}${path}`, { method, headers }));
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    },
  };
}
