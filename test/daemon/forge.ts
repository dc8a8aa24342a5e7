import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  createObjectStore,
  initBare,
  type ObjectNames,
  type ObjectStore,
  type TreeFile,
} from './object-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A bare repository on disk, to which somebody pushes; `serveForge` puts it behind git's own HTTP server. */
export interface Forge {
  readonly bare: string;
  /** The repository's objects, for commits that nobody pushes. */
  readonly objects: ObjectStore;
  /** Commits the files (undefined removes one), pushes, and returns the commit. */
  push(files: Readonly<Record<string, string | undefined>>, message?: string, branch?: string): string;
  /** Commits a symbolic link and pushes. */
  pushLink(name: string, target: string): string;
  /** The commit that was pushed last. */
  head(): string | undefined;
  /** Makes another commit the head of the branch, and the parent of the next push. */
  setHead(commit: string, branch?: string): void;
}

export function createForge(root = temporaryDirectory(), names: ObjectNames = 'sha1'): Forge {
  const bare = path.join(root, 'gates.git');
  initBare(bare, names);
  const objects = createObjectStore(bare, names);
  const tree = new Map<string, TreeFile>();
  let head: string | undefined;
  const setHead = (commit: string, branch = 'main') => {
    objects.restore();
    objects.setBranch(branch, commit);
    head = commit;
  };
  const commit = (message: string, branch: string) => {
    const lines = [
      `tree ${objects.writeTree(tree)}`,
      ...(head === undefined ? [] : [`parent ${head}`]),
      ...['author', 'committer'].map((by) => `${by} ${ADA} ${Math.floor(Date.now() / 1000)} +0000`),
    ];
    const made = objects.write('commit', Buffer.from(`${lines.join('\n')}\n\n${message.trim()}\n`));
    setHead(made, branch);
    return made;
  };
  return {
    bare,
    objects,
    push(files, message = 'Open the gates', branch = 'main') {
      for (const [name, text] of Object.entries(files)) {
        if (text === undefined) tree.delete(name);
        else tree.set(name, { mode: '100644', content: Buffer.from(text) });
      }
      return commit(message, branch);
    },
    pushLink(name, target) {
      tree.set(name, { mode: '120000', content: Buffer.from(target) });
      return commit('Link', 'main');
    },
    head: () => head,
    setHead,
  };
}

const ADA = 'Ada <ada@example.dev>';

const AUTHOR = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.dev',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.dev',
};

export interface GitServer {
  readonly url: string;
  /** The authorization headers that arrived. */
  readonly authorizations: (string | undefined)[];
}

/** Serves the forge by `git http-backend`, which requires the header `authorization`. */
export async function serveForge(forge: Forge, authorization?: string): Promise<GitServer> {
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    answer(forge, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gates.git`, authorizations };
}

/** Answers one request through the CGI program. */
function answer(forge: Forge, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://forge');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...AUTHOR,
      GIT_PROJECT_ROOT: path.dirname(forge.bare),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  const output: Buffer[] = [];
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.on('close', () => {
    const whole = Buffer.concat(output);
    const end = whole.indexOf('\r\n\r\n');
    const headers = whole
      .subarray(0, end)
      .toString('utf8')
      .split('\r\n')
      .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers));
    response.end(whole.subarray(end + 4));
  });
}
