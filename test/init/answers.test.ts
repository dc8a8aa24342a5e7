import { describe, expect, it } from 'vitest';
import { admissionIn, wantedVisitors } from '../../src/init/admission-answer.ts';
import { knownName, knownNames } from '../../src/init/names.ts';
import { promptOf } from '../../src/init/question.ts';
import { originAt } from '../../src/init/server-answer.ts';

describe('the answer who may pass', () => {
  it.each([
    {
      answer: 'me@example.dev, you@example.dev',
      value: { emails: ['me@example.dev', 'you@example.dev'] },
      words: 'me@example.dev, you@example.dev, after a login at Cloudflare Access',
    },
    {
      answer: 'group:admins group:family',
      value: { groups: ['admins', 'family'] },
      words: 'group admins, family, after a login at Authentik',
    },
    { answer: 'Public', value: { everybody: true as const }, words: 'everybody, without a login' },
  ])('is $answer', ({ answer, value, words }) => {
    expect(admissionIn(answer)).toEqual({ value });
    expect(wantedVisitors(value)).toBe(words);
  });

  it.each([
    { answer: ',', wrong: 'Give email addresses' },
    { answer: 'admins', wrong: '"admins" is none of these' },
    { answer: 'public me@example.dev', wrong: '"public" is none of these' },
    { answer: 'me@example.dev group:admins', wrong: 'A host has one gate' },
  ])('is wrong: $answer', ({ answer, wrong }) => {
    expect(admissionIn(answer)).toEqual({ wrong: expect.stringContaining(wrong) });
  });
});

describe('an answer that the API knows', () => {
  const zones = ['example.dev', 'example.org'];

  it('is found whatever its case', () => {
    expect(knownName('Example.DEV', zones, 'zone')).toEqual({ value: 'example.dev' });
  });

  it('may be several names, each once', () => {
    expect(knownNames('example.org, example.dev example.org', zones, 'zone')).toEqual({
      value: ['example.org', 'example.dev'],
    });
  });

  it('lists the names if there is no such name', () => {
    const wrong = 'There is no zone "example.net". There is: example.dev, example.org';
    expect(knownNames('example.dev example.net', zones, 'zone')).toEqual({ wrong });
  });
});

describe('the server of a host', () => {
  it.each([
    { url: 'http://app.lan:80/', origin: { tunnel: 't', url: 'http://app.lan:80' } },
    { url: 'https://app.example.net', origin: { tunnel: 't', url: 'https://app.example.net' } },
  ])('keeps the check of its certificate: $url', ({ url, origin }) => {
    expect(originAt(url, 't')).toEqual({ origin });
  });

  it.each(['https://192.168.1.51:8006', 'https://[fd00::1]:8006', 'https://nas', 'https://nas.home.arpa'])(
    'has no certificate that a public authority signs: %s',
    (url) => {
      expect(originAt(url, 't')).toEqual({
        origin: { tunnel: 't', url, noTLSVerify: true },
        remark: expect.stringContaining('noTLSVerify'),
      });
    },
  );
});

describe('a prompt', () => {
  it('says what an empty answer means, and that a secret is not shown', () => {
    expect(promptOf({ text: 'Next host', preset: { words: 'no more', answer: '' } })).toBe(
      'Next host (Enter: no more): ',
    );
    expect(promptOf({ text: 'Token', secret: true })).toBe('Token (not shown): ');
    expect(promptOf({ text: 'Host' })).toBe('Host: ');
  });
});
