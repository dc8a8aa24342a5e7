import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { discord } from '../../../src/clients/notify/discord.ts';
import { ntfy } from '../../../src/clients/notify/ntfy.ts';
import type { Post } from '../../../src/clients/notify/post.ts';
import type { Receiver } from '../../../src/clients/notify/receiver.ts';
import { slack } from '../../../src/clients/notify/slack.ts';
import { telegram } from '../../../src/clients/notify/telegram.ts';
import { webhook } from '../../../src/clients/notify/webhook.ts';
import { ConfigError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { Notice } from '../../../src/core/record/notice.ts';
import { type Answer, fakeReceiver, hastyPost, never, notice } from './fake-receiver.ts';

const clock = { now: () => new Date('2026-03-01T12:00:00.000Z'), sleep: async () => {} };

type MakeReceiver = (url: string, post: Post) => Receiver;

const ofNtfy: MakeReceiver = (url, post) => ntfy({ url: `${url}/my-topic`, token: async () => 'tk_1', post });
const ofSlack: MakeReceiver = (url, post) => slack({ url: async () => `${url}/services/T0/B0/x`, post });
const ofDiscord: MakeReceiver = (url, post) =>
  discord({ url: async () => `${url}/api/webhooks/1/x?thread_id=7`, post });
const ofTelegram: MakeReceiver = (url, post) =>
  telegram({ token: async () => '1:x', chat: '-100', post, api: url });
const ofWebhook: MakeReceiver = (url, post) =>
  webhook({ url: `${url}/hook`, secret: async () => 'shared', post, clock });

/** Each receiver with its answers for success, for too many calls, and for a permanent refusal. */
const receivers: readonly {
  readonly name: string;
  readonly make: MakeReceiver;
  readonly ok: Answer;
  readonly later: Answer;
  readonly pause: number;
  readonly no: Answer;
}[] = [
  {
    name: 'ntfy',
    make: ofNtfy,
    ok: { status: 200, body: '{"id":"x","event":"message"}' },
    later: { status: 429, body: '{"code":42901,"http":429,"error":"limit reached: too many requests"}' },
    pause: 1_000,
    no: { status: 403, body: '{"code":40301,"http":403,"error":"forbidden"}' },
  },
  {
    name: 'slack',
    make: ofSlack,
    ok: { status: 200, body: 'ok' },
    later: { status: 429, headers: { 'retry-after': '30' } },
    pause: 30_000,
    no: { status: 404, body: 'no_service' },
  },
  {
    name: 'discord',
    make: ofDiscord,
    ok: { status: 200, body: '{"id":"1"}' },
    later: {
      status: 429,
      headers: { 'retry-after': '1' },
      body: '{"message":"You are being rate limited.","retry_after":0.65,"global":false}',
    },
    pause: 650,
    no: { status: 404, body: '{"message":"Unknown Webhook","code":10015}' },
  },
  {
    name: 'telegram',
    make: ofTelegram,
    ok: { status: 200, body: '{"ok":true,"result":{}}' },
    later: {
      status: 429,
      body: '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}',
    },
    pause: 5_000,
    no: { status: 400, body: '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}' },
  },
  {
    name: 'webhook',
    make: ofWebhook,
    ok: { status: 204 },
    later: { status: 503, headers: { 'retry-after': '2' } },
    pause: 2_000,
    no: { status: 401, body: 'who are you' },
  },
];

async function send(make: MakeReceiver, what: Notice, ...answers: readonly Answer[]) {
  const { post, pauses } = hastyPost();
  const server = await fakeReceiver(...answers);
  const receiver = make(server.url, post);
  const error = await receiver.send(what, never).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { calls: server.calls, call: server.calls[0], pauses, error, name: receiver.name };
}

describe.each(receivers)('$name', ({ name, make, ok, later, pause, no }) => {
  it('gets a notice in one call', async () => {
    const sent = await send(make, notice, ok);
    expect(sent).toMatchObject({ name, error: undefined, pauses: [] });
    expect(sent.calls).toHaveLength(1);
    expect(sent.call?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'gates' });
  });

  it('is called again after the pause that it asks for', async () => {
    const sent = await send(make, notice, later, ok);
    expect(sent).toMatchObject({ error: undefined, pauses: [pause] });
    expect(sent.calls).toHaveLength(2);
  });

  it('is left alone after some failed tries', async () => {
    const sent = await send(make, notice, { status: 500, body: 'oh' });
    expect(sent.error).toBeInstanceOf(UnreachableError);
    expect(sent.error).toMatchObject({ facts: { status: 500, detail: '500 oh' } });
    expect(sent.pauses).toEqual([1_000, 4_000, 16_000]);
    expect(sent.calls).toHaveLength(4);
  });

  it('is not called again after a permanent refusal', async () => {
    const sent = await send(make, notice, no);
    expect(sent.error).toBeInstanceOf(RejectedError);
    expect(sent.error).toMatchObject({ facts: { detail: `${no.status} ${no.body}` } });
    expect(sent.calls).toHaveLength(1);
  });

  it('never gets more than it accepts, and still gets what to do', async () => {
    const long = { ...notice, details: Array.from({ length: 60 }, () => `<b>*_& ${'ü🚪'.repeat(2_000)}`) };
    const { call } = await send(make, long, ok);
    const text = String(call?.body.message ?? call?.body.text ?? call?.body.content);
    const most = { ntfy: 4_096, slack: 4_000, discord: 2_000, telegram: 4_096, webhook: 8_192 }[name] ?? 0;
    expect(name === 'ntfy' ? Buffer.byteLength(text) : text.length).toBeLessThanOrEqual(most);
    expect(text).toContain('Push a commit that fixes it');
    expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(Buffer.byteLength(call?.text ?? '')).toBeLessThan(256 * 1024);
  });

  it('gets foreign text as one line of plain text', async () => {
    const { call } = await send(make, { ...notice, details: ['a\r\n\u001b[31m# b\u202E'] }, ok);
    const text = String(call?.body.message ?? call?.body.text ?? call?.body.content);
    expect(text.split('\n')).toHaveLength(name === 'ntfy' ? 3 : 4);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('a message', () => {
  it('to ntfy goes to the server, with topic, title, priority and token', async () => {
    const { call } = await send(ofNtfy, { ...notice, tone: 'alarm' });
    expect(call).toMatchObject({
      path: '/',
      headers: { authorization: 'Bearer tk_1' },
      body: { topic: 'my-topic', title: notice.title, priority: 5, tags: ['rotating_light'] },
    });
    expect(call?.body.message).toBe(
      [notice.details[0], 'Since 2026-03-01 13:00 Europe/Paris.', notice.advice].join('\n'),
    );
    const { post } = hastyPost();
    const open = ntfy({ url: 'https://ntfy.sh/', token: undefined, post });
    await expect(open.send(notice, never)).rejects.toBeInstanceOf(ConfigError);
    const plain = await send((url) => ntfy({ url: `${url}/sub/t%20x`, token: undefined, post }), notice);
    expect(plain.call).toMatchObject({ path: '/sub/', body: { topic: 't x' } });
    expect(plain.call?.headers.authorization).toBeUndefined();
  });

  it('to Slack mentions nobody', async () => {
    const { call } = await send(ofSlack, { ...notice, details: ['<!channel> & <https://x|y>'] });
    expect(call?.path).toBe('/services/T0/B0/x');
    expect(call?.body).toMatchObject({ mrkdwn: false, unfurl_links: false });
    expect(call?.body.text).toContain('&lt;!channel&gt; &amp; &lt;https://x|y&gt;');
    expect(call?.body.text).toMatch(/^⚠️ Mistake/);
  });

  it('to Discord mentions nobody, and goes to the thread of the address', async () => {
    const { call } = await send(ofDiscord, { ...notice, details: ['@everyone **x** <@1> [a](b) `c` # d'] });
    expect(call?.path).toBe('/api/webhooks/1/x?thread_id=7&wait=true');
    expect(call?.body).toMatchObject({ allowed_mentions: { parse: [] }, flags: 4 });
    expect(call?.body.content).toContain('\\@everyone \\*\\*x\\*\\* \\<\\@1\\> \\[a\\]\\(b\\) \\`c\\` \\# d');
    expect(call?.body.content).toMatch(/^⚠️ \*\*Mistake in gates\.yaml: gates applies nothing .*\*\*\n/);
  });

  it('to Telegram is plain text, and silent when all is good', async () => {
    const loud = await send(ofTelegram, notice);
    expect(loud.call).toMatchObject({
      path: '/bot1:x/sendMessage',
      body: { chat_id: '-100', disable_notification: false, link_preview_options: { is_disabled: true } },
    });
    expect(loud.call?.body).not.toHaveProperty('parse_mode');
    const quiet = await send(ofTelegram, { ...notice, tone: 'good' });
    expect(quiet.call?.body.disable_notification).toBe(true);
  });

  it('to a webhook is the notice as data, signed', async () => {
    const { call } = await send(ofWebhook, { ...notice, more: 'And 3 more' });
    expect(call?.body).toMatchObject({ version: 1, ...notice, more: 'And 3 more' });
    expect(call?.body.text.split('\n').at(-1)).toBe('And 3 more');
    const at = Date.parse('2026-03-01T12:00:00.000Z') / 1_000;
    const mac = createHmac('sha256', 'shared').update(`${at}.${call?.text}`).digest('hex');
    expect(call?.headers).toMatchObject({
      'x-gates-delivery': notice.id,
      'x-gates-signature': `t=${at},v1=${mac}`,
    });
    const bare = await send((url, post) => webhook({ url, secret: undefined, post, clock }), notice);
    expect(bare.call?.headers).not.toHaveProperty('x-gates-signature');
  });
});
