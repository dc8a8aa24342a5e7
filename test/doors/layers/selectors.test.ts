import { describe, expect, it } from 'vitest';
import type { AccessPolicyPart, Selector } from '../../../src/core/objects/parts/access-parts.ts';
import {
  isContinuous,
  isLookedAtAgain,
  isOfIdentity,
  isOfToken,
  looksAtPlace,
} from '../../../src/doors/layers/selectors.ts';
import { policy } from '../parts.ts';

const of = (name: string): Selector => ({ [name]: {} });
const withEach = (
  include: string,
  require: readonly string[] = [],
  exclude: readonly string[] = [],
): AccessPolicyPart =>
  policy('p', 'allow', [of(include)], { require: require.map(of), exclude: exclude.map(of) });

/** Cloudflare's documents, "Selectors": those of places, devices and tokens, which Access checks with each request. */
const places = ['ip', 'ip_list', 'geo', 'certificate', 'common_name', 'device_posture', 'linked_app_token'];
const tokens = ['service_token', 'any_valid_service_token'];
/** Those of the person, which it checks only at the login. */
const people = [
  ...['email', 'email_domain', 'email_list', 'login_method', 'oidc', 'saml', 'okta', 'azureAD', 'gsuite'],
  ...[
    'github-organization',
    'auth_method',
    'auth_context',
    'external_evaluation',
    'cloudflare_account_member',
  ],
];

describe('a selector of a policy', () => {
  it.each(places)('is one of a place, which counts with each request: %s', (name) => {
    expect([isContinuous(of(name)), isOfIdentity(of(name)), isOfToken(of(name))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(looksAtPlace(withEach(name))).toBe(true);
  });

  it.each(tokens)('is one of a token, which counts with each request: %s', (name) => {
    expect([isContinuous(of(name)), isOfIdentity(of(name)), isOfToken(of(name))]).toEqual([
      true,
      false,
      true,
    ]);
    expect(looksAtPlace(withEach(name))).toBe(false);
  });

  it.each(people)('is one of the person, which counts at the login: %s', (name) => {
    expect([isContinuous(of(name)), isOfIdentity(of(name)), isOfToken(of(name))]).toEqual([
      false,
      true,
      false,
    ]);
    expect(looksAtPlace(withEach(name))).toBe(false);
  });

  it('is one of the person and counts with each request, if it is a risk score', () => {
    const score = of('user_risk_score');
    expect([isContinuous(score), isOfIdentity(score), isOfToken(score)]).toEqual([true, true, false]);
  });

  it('counts at the login if it is everybody, and may count with each request if nobody knows it', () => {
    expect([isContinuous(of('everyone')), isOfIdentity(of('everyone'))]).toEqual([false, false]);
    for (const strange of [of('group'), {}])
      expect([isContinuous(strange), isOfIdentity(strange)]).toEqual([true, false]);
  });
});

describe('a policy', () => {
  it('counts with each request only if each of its selectors does', () => {
    expect(isLookedAtAgain(withEach('ip', ['geo'], ['service_token']))).toBe(true);
    const mixed = [withEach('email'), withEach('ip', ['email']), withEach('ip', [], ['email'])];
    expect(mixed.map(isLookedAtAgain)).toEqual([false, false, false]);
  });

  it('looks at a place if one of its selectors does', () => {
    const mixed = [
      withEach('email', ['geo']),
      withEach('email', ['email', 'geo']),
      withEach('email', [], ['geo']),
    ];
    expect(mixed.map(looksAtPlace)).toEqual([true, true, true]);
    expect(looksAtPlace(withEach('email', ['everyone'], ['service_token']))).toBe(false);
  });
});
