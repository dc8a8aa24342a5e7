import { UnreachableError } from '../../src/core/errors.ts';
import type { Edge } from '../../src/core/world.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';

/** The edge of a sandbox in this process. `Request` resolves the dots of a path on the way. */
export function sandboxEdge(sandbox: Pick<Sandbox, 'edge'>, alive: () => void = () => {}): Edge {
  return {
    async get({ host, path, method = 'GET', headers = {} }) {
      alive();
      const request = new Request(`http://${host}${path}`, { method, headers });
      const response = await sandbox.edge(request).catch((error: Error) => {
        const { cause } = error;
        if (!(cause instanceof Error)) throw error;
        const detail = `${host}: ${cause.message}`;
        throw new UnreachableError('The edge does not answer', { facts: { detail, applied: 'no' }, cause });
      });
      const body = await response.text();
      return { status: response.status, headers: Object.fromEntries(response.headers), body };
    },
  };
}
