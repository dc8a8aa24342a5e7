import { createHmac, randomUUID } from 'node:crypto';

/** A forge's announcement of a push, in its own headers and body. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
/** Builds a delivery. The secret has the form `whsec_` and base64, which a signing token of GitLab needs. */
type Tell = (revision: string, secret: string) => Delivery;

const before = '0e8300f3a1b2c3d4e5f60718293a4b5c6d7e8f90';
const person = { name: 'Ada', email: 'ada@example.dev', username: 'ada' };

const hmac = (body: string, secret: string, hash = 'sha256') =>
  createHmac(hash, secret).update(body).digest('hex');
const commit = (id: string) => ({
  id,
  message: 'Open the gates\n',
  timestamp: '2026-03-01T13:00:00+01:00',
  url: `https://forge.example/you/home/commit/${id}`,
  author: person,
  committer: person,
  added: [],
  removed: [],
  modified: ['gates.yaml'],
});

const github = (after: string) =>
  JSON.stringify({
    ref: 'refs/heads/main',
    before,
    after,
    repository: { id: 7, name: 'home', full_name: 'you/home', private: true, default_branch: 'main' },
    pusher: { name: 'ada', email: person.email },
    sender: { login: 'ada', id: 1, type: 'User' },
    created: false,
    deleted: false,
    forced: false,
    base_ref: null,
    compare: 'https://github.com/you/home/compare/0e8300f3a1b2...1a2b3c4d5e6f',
    commits: [commit(after)],
    head_commit: commit(after),
  });
const gitea = (after: string) =>
  JSON.stringify({
    ref: 'refs/heads/main',
    before,
    after,
    compare_url: `https://forge.example/you/home/compare/${before}...${after}`,
    commits: [commit(after)],
    total_commits: 1,
    head_commit: commit(after),
    repository: { id: 7, name: 'home', full_name: 'you/home', private: true, default_branch: 'main' },
    pusher: { id: 1, login: 'ada', email: person.email },
    sender: { id: 1, login: 'ada', email: person.email },
  });
const gitlab = (after: string) =>
  JSON.stringify({
    object_kind: 'push',
    event_name: 'push',
    before,
    after,
    ref: 'refs/heads/main',
    ref_protected: true,
    checkout_sha: after,
    user_id: 4,
    user_username: 'ada',
    project_id: 15,
    project: { id: 15, path_with_namespace: 'you/home', default_branch: 'main' },
    commits: [commit(after)],
    total_commits_count: 1,
    repository: { name: 'home', visibility_level: 0 },
  });

const json = { 'content-type': 'application/json' };
const fromGithub = (body: string, secret: string) => ({
  'user-agent': 'GitHub-Hookshot/044aadd',
  'x-github-delivery': randomUUID(),
  'x-github-event': 'push',
  'x-github-hook-id': '292430182',
  'x-hub-signature': `sha1=${hmac(body, secret, 'sha1')}`,
  'x-hub-signature-256': `sha256=${hmac(body, secret)}`,
});
/** The headers of Gitea and Forgejo, which also send those of their ancestors. */
const fromGitea = (body: string, secret: string, names: readonly string[]) => {
  const delivery = randomUUID();
  const own = names.flatMap((name) => [
    [`x-${name}-delivery`, delivery],
    [`x-${name}-event`, 'push'],
    [`x-${name}-event-type`, 'push'],
    ...(name === 'github' ? [] : [[`x-${name}-signature`, hmac(body, secret)]]),
  ]);
  return {
    ...Object.fromEntries(own),
    'x-hub-signature': `sha1=${hmac(body, secret, 'sha1')}`,
    'x-hub-signature-256': `sha256=${hmac(body, secret)}`,
  };
};
const fromGitlab = () => ({
  'user-agent': 'GitLab/18.2.0',
  'x-gitlab-event': 'Push Hook',
  'x-gitlab-instance': 'https://gitlab.example',
  'x-gitlab-webhook-uuid': randomUUID(),
  'x-gitlab-event-uuid': randomUUID(),
  'idempotency-key': randomUUID(),
});
const signedMessage = (body: string, secret: string, at = Date.now()) => {
  const [id, time] = [`msg_${randomUUID()}`, String(Math.floor(at / 1000))];
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${digest}` };
};

/** Every forge, in each of its ways of signing. `stale`: a valid signature from an hour ago. */
export const forges: readonly { readonly forge: string; readonly tell: Tell; readonly stale?: Tell }[] = [
  {
    forge: 'GitHub',
    tell: (revision, secret) => {
      const body = github(revision);
      return { body, headers: { ...json, ...fromGithub(body, secret) } };
    },
  },
  {
    forge: 'GitHub, as a form',
    tell: (revision, secret) => {
      const body = new URLSearchParams({ payload: github(revision) }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return { body, headers: { ...headers, ...fromGithub(body, secret) } };
    },
  },
  {
    forge: 'Gitea',
    tell: (revision, secret) => {
      const body = gitea(revision);
      return { body, headers: { ...json, ...fromGitea(body, secret, ['github', 'gogs', 'gitea']) } };
    },
  },
  {
    forge: 'Forgejo',
    tell: (revision, secret) => {
      const body = gitea(revision);
      const names = ['github', 'gogs', 'gitea', 'forgejo'];
      return { body, headers: { ...json, ...fromGitea(body, secret, names) } };
    },
  },
  {
    forge: 'GitLab with a secret token',
    tell: (revision, secret) => ({
      body: gitlab(revision),
      headers: { ...json, ...fromGitlab(), 'x-gitlab-token': secret },
    }),
  },
  {
    forge: 'GitLab with a signing token',
    tell: (revision, secret) => {
      const body = gitlab(revision);
      return { body, headers: { ...json, ...fromGitlab(), ...signedMessage(body, secret) } };
    },
    stale: (revision, secret) => {
      const body = gitlab(revision);
      const signed = signedMessage(body, secret, Date.now() - 3_600_000);
      return { body, headers: { ...json, ...fromGitlab(), ...signed } };
    },
  },
];
