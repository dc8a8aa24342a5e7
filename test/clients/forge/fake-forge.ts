import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ForgeName } from '../../../src/clients/forge/forge.ts';

/** A comment in the fake's own form; each forge shows it in another one. */
export interface KeptComment {
  readonly id: number;
  body: string;
  readonly author: number;
}

/** A commit status in the fake's own form. */
export interface KeptStatus {
  readonly revision: string;
  readonly state: string;
  readonly description: string;
  readonly context: string;
  /** The branch, for GitLab. */
  readonly ref?: string;
}

/** A failure that some calls get. */
export interface Trouble {
  readonly method: string;
  /** The paths that fail. Default: every call of the method. */
  readonly path?: RegExp;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** `before`: the forge does nothing and sends no answer; `after`: it does the work, and sends no answer. */
  readonly drop?: 'before' | 'after';
  readonly times?: number;
}

export interface FakeForge {
  /** The API address, as in `ForgePlace.api` and in a job's variable. */
  readonly api: string;
  readonly comments: KeptComment[];
  readonly statuses: KeptStatus[];
  /** The address from which the repository is cloned. */
  readonly url: string;
  readonly calls: { readonly method: string; readonly path: string }[];
  readonly troubles: Trouble[];
  add(author: number, body: string): KeptComment;
  stop(): Promise<void>;
}

export const token = 'forge-token-5f0c';
export const me = 41898282;
export const repository = 'you/home';
export const pull = 3;

const prefixes = { github: '/api/v3', gitlab: '/api/v4', gitea: '/api/v1' } as const;

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: Readonly<Partial<Record<string, string>>>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A forge with one repository, one pull request and one account, built from the reference of its API. */
export async function startForge(name: ForgeName): Promise<FakeForge> {
  const comments: KeptComment[] = [];
  const statuses: KeptStatus[] = [];
  const calls: { method: string; path: string }[] = [];
  const troubles: (Trouble & { left?: number })[] = [];
  const add = (author: number, body: string) => {
    const comment = { id: 100 + comments.length, author, body };
    comments.push(comment);
    return comment;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '/', 'http://forge.invalid');
    calls.push({ method, path: `${url.pathname}${url.search}` });
    let text = '';
    for await (const chunk of request) text += chunk;
    const trouble = troubles.find((it) => it.method === method && (it.path?.test(url.pathname) ?? true));
    if (trouble?.times !== undefined) {
      trouble.left = (trouble.left ?? trouble.times) - 1;
      if (trouble.left === 0) troubles.splice(troubles.indexOf(trouble), 1);
    }
    if (trouble?.drop === 'before') return void request.socket.destroy();
    if (trouble?.status !== undefined) {
      const { status, headers = {}, body = { message: 'trouble' } } = trouble;
      return send(response, { status, body, headers });
    }
    const body = text === '' ? {} : JSON.parse(text);
    const reply = allowed(name, request)
      ? (statusReply(name, { method, url, body }, statuses) ??
        replies[name]({ method, url, body }, comments, add))
      : { status: 401, body: { message: 'Bad credentials' } };
    if (trouble?.drop === 'after') return void request.socket.destroy();
    send(response, reply);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) =>
      send(response, { status: 599, body: { message: `${error}` } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    api: `http://127.0.0.1:${port}${prefixes[name]}`,
    comments,
    statuses,
    url: `http://127.0.0.1:${port}/${repository}.git`,
    calls,
    troubles,
    add,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function allowed(name: ForgeName, { headers }: IncomingMessage): boolean {
  if (name === 'gitlab') return headers['private-token'] === token;
  return headers.authorization === `${name === 'github' ? 'Bearer' : 'token'} ${token}`;
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

type Answer = (asked: Asked, comments: KeptComment[], add: FakeForge['add']) => Reply;

const nowhere: Reply = { status: 404, body: { message: 'Not Found' } };

/** The states of each forge, and its maximum length of a description; Gitea and Forgejo have none. */
const statusForms = {
  github: { states: ['error', 'failure', 'pending', 'success'], most: 140 },
  gitlab: { states: ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'], most: 255 },
  gitea: { states: ['pending', 'success', 'error', 'failure', 'warning'], most: Number.POSITIVE_INFINITY },
} as const;

/** The answer to setting a commit status; undefined for any other call. */
function statusReply(name: ForgeName, asked: Asked, statuses: KeptStatus[]): Reply | undefined {
  const { method, url, body } = asked;
  const project = name === 'gitlab' ? `projects/${encodeURIComponent(repository)}` : `repos/${repository}`;
  const path = new RegExp(`^${prefixes[name]}/${project}/statuses/([^/]+)$`);
  const revision = path.exec(url.pathname)?.[1];
  if (revision === undefined || method !== 'POST') return undefined;
  const { state = '', description = '', context = 'default', ref } = body;
  const { states, most } = statusForms[name];
  const invalid = (message: unknown) => ({ status: name === 'gitlab' ? 400 : 422, body: { message } });
  if (!/^[0-9a-f]{40}$/.test(revision)) return invalid(`No commit found for SHA: ${revision}`);
  if (!states.some((known) => known === state)) return invalid('state does not have a valid value');
  if ([...description].length > most)
    return invalid(`description is too long (maximum is ${most} characters)`);
  const before = statuses.findLast((it) => it.revision === revision && it.context === context);
  if (name === 'gitlab' && state === 'pending' && before?.state === 'pending') {
    const reason = 'Status cannot transition via "enqueue"';
    return invalid(`Cannot transition status via :enqueue from :pending (Reason(s): ${reason})`);
  }
  const status = { revision, state, description, context, ...(ref !== undefined && { ref }) };
  statuses.push(status);
  return { status: 201, body: { id: statuses.length, ...status } };
}

/** The endpoints for comments under an issue, which GitHub and Gitea share, with the fields that gates reads. */
function issueComments(prefix: string, asked: Asked, comments: KeptComment[], add: FakeForge['add']): Reply {
  const { method, url, body } = asked;
  const issues = `${prefix}/repos/${repository}/issues`;
  const shown = ({ id, author, body: text }: KeptComment) => ({
    id,
    body: text,
    html_url: `https://forge.example/${repository}/pull/${pull}#issuecomment-${id}`,
    user: { id: author },
  });
  if (url.pathname === `${issues}/${pull}/comments`) {
    if (method === 'POST') return { status: 201, body: shown(add(me, body.body ?? '')) };
    return { status: 200, body: comments.map(shown) };
  }
  const [, id] = new RegExp(`^${issues}/comments/(\\d+)$`).exec(url.pathname) ?? [];
  const comment = comments.find((it) => `${it.id}` === id);
  if (comment === undefined || method !== 'PATCH') return nowhere;
  comment.body = body.body ?? '';
  return { status: 200, body: shown(comment) };
}

const replies: Readonly<Record<ForgeName, Answer>> = {
  github(asked, comments, add) {
    const { method, url } = asked;
    if (url.pathname === '/api/graphql' && method === 'POST')
      return { status: 200, body: { data: { viewer: { id: me } } } };
    const reply = issueComments('/api/v3', asked, comments, add);
    if (method !== 'GET' || !Array.isArray(reply.body)) return reply;
    const size = Math.min(Number(url.searchParams.get('per_page') ?? 30), 100);
    const page = Number(url.searchParams.get('page') ?? 1);
    const more = page * size < comments.length;
    const next = `<http://elsewhere.invalid/?page=${page + 1}>; rel="next", <http://elsewhere.invalid/>; rel="last"`;
    return {
      ...reply,
      body: reply.body.slice((page - 1) * size, page * size),
      headers: more ? { link: next } : {},
    };
  },
  gitlab({ method, url, body }, comments, add) {
    const notes = `/api/v4/projects/${encodeURIComponent(repository)}/merge_requests/${pull}/notes`;
    const shown = ({ id, author, body: text }: KeptComment) => ({
      id,
      body: text,
      author: { id: author },
      system: false,
    });
    if (url.pathname === '/api/v4/user') return { status: 200, body: { id: me, username: 'bot' } };
    if (url.pathname === notes) {
      if (method === 'POST') return { status: 201, body: shown(add(me, body.body ?? '')) };
      const size = Math.min(Number(url.searchParams.get('per_page') ?? 20), 100);
      const page = Number(url.searchParams.get('page') ?? 1);
      // The newest come first by default.
      const all = url.searchParams.get('sort') === 'asc' ? comments : comments.toReversed();
      const more = page * size < all.length;
      const rows = all.slice((page - 1) * size, page * size).map(shown);
      return { status: 200, body: rows, headers: { 'x-next-page': more ? `${page + 1}` : '' } };
    }
    const comment = comments.find(({ id }) => url.pathname === `${notes}/${id}`);
    if (comment === undefined || method !== 'PUT') return nowhere;
    comment.body = body.body ?? '';
    return { status: 200, body: shown(comment) };
  },
  gitea(asked, comments, add) {
    if (asked.url.pathname === '/api/v1/user') return { status: 200, body: { id: me, login: 'bot' } };
    // Gitea ignores the page, and returns all comments at once.
    const reply = issueComments('/api/v1', asked, comments, add);
    return asked.method === 'GET' ? { ...reply, headers: { 'x-total-count': `${comments.length}` } } : reply;
  },
};
