import { createHmac, randomUUID } from 'node:crypto';

/** Announces a push to a daemon, signed as GitHub signs it. Returns the status of the reply. */
export async function announcePush(
  hooksUrl: string,
  secret: string,
  push: { readonly before: string; readonly after: string },
): Promise<number> {
  const body = JSON.stringify({ ref: 'refs/heads/main', ...push });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const reply = await fetch(new URL('/hooks/git', hooksUrl), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
  await reply.arrayBuffer();
  return reply.status;
}
