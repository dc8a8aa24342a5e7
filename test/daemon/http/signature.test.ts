import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isProven, proofIn } from '../../../src/daemon/http/signature.ts';

const SECRET = "It's a Secret to Everybody";
const BODY = 'Hello, World!';
/** The digest that GitHub publishes for the two above; Gitea and Forgejo send it without a prefix. */
const DIGEST = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

/** The example that Standard Webhooks publishes. */
const MESSAGE = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  now: new Date(1_614_265_330_000),
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
} as const;

type Headers = Readonly<Record<string, string>>;

function proven(
  headers: Headers,
  body: string | Uint8Array = BODY,
  secret = SECRET,
  now = MESSAGE.now,
): boolean | undefined {
  const proof = proofIn((name) => headers[name]);
  return proof && isProven(proof, Buffer.from(body), secret, now);
}

function hex(body: string | Uint8Array, secret = SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

describe('a delivery is authentic', () => {
  it.each([
    { headers: { 'x-hub-signature-256': `sha256=${DIGEST}` }, because: "it is GitHub's published vector" },
    { headers: { 'x-gitea-signature': DIGEST }, because: 'Gitea sends the digest bare' },
    { headers: { 'x-forgejo-signature': DIGEST }, because: 'Forgejo sends the digest bare' },
    {
      headers: { 'x-forgejo-signature': DIGEST, 'x-gitea-signature': 'x', 'x-hub-signature-256': 'x' },
      because: "of Forgejo's three headers its own decides",
    },
    { headers: { 'x-gitlab-token': SECRET }, because: 'GitLab sends the secret token itself' },
  ])('$because', ({ headers }) => {
    expect(proven(headers as unknown as Headers)).toBe(true);
  });

  const { headers, body, secret } = MESSAGE;
  const signature = headers['webhook-signature'];
  it.each([
    { more: {}, because: 'it is the published vector of Standard Webhooks' },
    { more: { 'webhook-signature': `v1,${'A'.repeat(43)}= ${signature}` }, because: 'one of two is right' },
    { more: { 'x-gitlab-token': 'wrong' }, because: 'beside a signature the token is not asked' },
  ])('$because', ({ more }) => {
    expect(proven({ ...headers, ...more }, body, secret)).toBe(true);
  });

  it.each([299, -299])('its time is %i s off', (seconds) => {
    expect(proven(headers, body, secret, new Date(MESSAGE.now.getTime() + seconds * 1000))).toBe(true);
  });

  it('the secret of signed messages is no base64 of whsec_: then the secret itself is the key', () => {
    const given = createHmac('sha256', 'plain').update(`a.1614265330.${BODY}`).digest('base64');
    const plain = { ...headers, 'webhook-id': 'a', 'webhook-signature': `v1,${given}` };
    expect(proven(plain, BODY, 'plain')).toBe(true);
  });
});

describe('a delivery is not authentic', () => {
  const sha = (value: string) => ({ 'x-hub-signature-256': value });
  it.each([
    { headers: sha(`sha256=${hex('Hello, World')}`), because: 'it is signed for another body' },
    { headers: sha(`sha256=${hex(BODY, 'other')}`), because: 'it is signed with another secret' },
    { headers: sha(`sha256=${DIGEST.slice(0, -1)}`), because: 'the signature is cut' },
    { headers: sha(`sha1=${DIGEST}`), because: 'it names another algorithm' },
    { headers: sha(`sha256=${DIGEST}, sha256=${DIGEST}`), because: 'the signature was sent twice' },
    { headers: sha(''), because: 'the signature is empty' },
    { headers: { 'x-gitea-signature': `sha256=${DIGEST}` }, because: 'Gitea names no algorithm' },
    { headers: { 'x-gitlab-token': `${SECRET} ` }, because: 'the token is another' },
    { headers: { 'x-gitlab-token': '' }, because: 'the token is empty' },
    {
      headers: { 'x-forgejo-signature': hex('x'), 'x-gitea-signature': DIGEST },
      because: 'the header that decides is wrong, and another is not asked',
    },
    {
      headers: { 'webhook-signature': 'v1,x', 'x-gitlab-token': SECRET },
      because: 'a wrong signature is not made good by a right token',
    },
  ])('$because', ({ headers }) => {
    expect(proven(headers as unknown as Headers)).toBe(false);
  });

  const { headers, body, secret } = MESSAGE;
  it.each([
    { more: { 'webhook-id': 'msg_other' }, because: 'the id is part of what is signed' },
    { more: { 'webhook-timestamp': '1614265331' }, because: 'the time is part of what is signed' },
    { more: { 'webhook-timestamp': 'now' }, because: 'the time is none' },
    { more: { 'webhook-id': '' }, because: 'the id is empty' },
    {
      more: { 'webhook-signature': headers['webhook-signature'].replace('v1', 'v1a') },
      because: 'it is signed in another way',
    },
    { more: { 'webhook-signature': '' }, because: 'no signature is in the header' },
  ])('$because', ({ more }) => {
    expect(proven({ ...headers, ...more }, body, secret)).toBe(false);
  });

  it('the body of a signed message was changed', () => {
    expect(proven(headers, `${body} `, secret)).toBe(false);
  });

  it.each([301, -301])(
    'its time is %i s off: it is an old one sent again, or a clock is wrong',
    (seconds) => {
      expect(proven(headers, body, secret, new Date(MESSAGE.now.getTime() + seconds * 1000))).toBe(false);
    },
  );

  it.each([{ 'x-hub-signature-256': `sha256=${hex(BODY, '')}` }, { 'x-gitlab-token': '' }])(
    'an empty secret counts as none: %o',
    (made) => {
      expect(proven(made as unknown as Headers, BODY, '')).toBe(false);
    },
  );

  it('it has no signature and no token at all', () => {
    expect(proven({ 'x-hub-signature': `sha1=${DIGEST.slice(0, 40)}` })).toBeUndefined();
  });
});

it('a signature covers the bytes, not the decoded text', () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  expect(proven({ 'x-gitea-signature': hex(bytes) }, bytes)).toBe(true);
  expect(proven({ 'x-gitea-signature': hex(bytes.toString('utf8')) }, bytes)).toBe(false);
});
