import type {
  BindingPart,
  ProviderLinkPart,
  ProxyProviderPart,
} from '../../core/objects/parts/authentik-parts.ts';
import {
  type Admission,
  type Alternative,
  allOf,
  alternatives,
  anyOf,
  everybody,
  negated,
  unknown,
} from '../admission/admission.ts';
import { domainKey, entryKey, externalHostKey, hostOfUrl, linkedKey, skipKey } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { expressionOf } from './expression.ts';
import { mayMatchBeyond } from './expression-head.ts';
import { groupsWithin } from './group-hierarchy.ts';
import { decodedReadingsOf, readingsOf } from './path-reading.ts';

/** True if gates knows the providers that each outpost is to have. */
export function areOutpostsRead(view: View): boolean {
  return !view.unread('proxy-provider') && !view.unread('outpost-entry');
}

/** True if gates knows the application of each provider. */
export function areLinksRead(view: View): boolean {
  return !view.unread('provider-link') && !view.unread('application');
}

/** The prefix of paths that an outpost handles itself, whatever the host: logins, callbacks, `ping`. */
export const outpostPath = '/outpost.goauthentik.io';

/**
 * The provider that answers for a host (outpost, `lookupApp`): by the exact host of `externalHost`, its port included,
 * in any mode, else the longest cookie domain that is a plain suffix. Of several equal ones, the one loaded last.
 */
export function providerFor(
  view: View,
  outpost: string,
  host: string,
): readonly Alternative<ProxyProviderPart | 'none'>[] {
  const serves = (provider: ProxyProviderPart) => mayServe(view, outpost, provider.id);
  const exact = view.parts('proxy-provider', externalHostKey(host)).filter(serves);
  const suffixes = view.parts('proxy-provider', domainKey, (each) => mayAnswer(each, host)).filter(serves);
  const lengths = suffixes.map(({ cookieDomain }) => withoutDot(cookieDomain).length);
  const domains = [...new Set(lengths)]
    .sort((one, other) => other - one)
    .map((length) => suffixes.filter((_, index) => lengths[index] === length));
  return firstServed(view, `outpost ${outpost}, ${host}`, exact.length > 0 ? [exact, ...domains] : domains);
}

/** The first of these lists of equal providers that the outpost has: the first one of all, if gates knows their applications. */
function firstServed(
  view: View,
  about: string,
  [first, ...rest]: readonly (readonly ProxyProviderPart[])[],
): readonly Alternative<ProxyProviderPart | 'none'>[] {
  if (first === undefined) return [{ when: everybody, item: 'none' }];
  const ids = first.map(({ id }) => id).join(', ');
  const named = first.map((provider) => [provider.id, provider] as const);
  const found = alternatives('equal providers', `${about} among ${ids}`, named);
  if (areLinksRead(view)) return found;
  const served = unknown('not read', `whether ${ids} have applications`);
  const under = <T>(fact: Admission, each: readonly Alternative<T>[]) =>
    each.map(({ when, item }) => ({ when: allOf(fact, when), item }));
  return [...under(served, found), ...under(negated(served), firstServed(view, about, rest))];
}

/** The provider of an outpost that serves only one. */
export function onlyProvider(view: View, outpost: string): ProxyProviderPart | undefined {
  let only: string | undefined;
  for (const { provider } of view.parts('outpost-entry', outpost)) {
    if (provider === only || !mayServe(view, outpost, provider)) continue;
    if (only !== undefined) return undefined;
    only = provider;
  }
  return only === undefined ? undefined : view.parts('proxy-provider', only)[0];
}

/** The visitors whom one of an outpost's providers admits without a login, for a host and a path that they name to it. */
export function skippedSomewhere(view: View, outpost: string): Admission {
  const skipping = view
    .parts('proxy-provider', skipKey)
    .filter(({ id, skipPaths }) => mayServe(view, outpost, id) && expressionsIn(skipPaths).length > 0);
  if (skipping.some(({ mode }) => mode !== 'proxy')) return everybody;
  return anyOf(
    ...skipping.filter(maySkipQuestion).map((each) => answerTo(each, hostOfUrl(each.externalHost))),
  );
}

/**
 * The visitors whom a provider of mode `proxy` admits if a proxy asks it by forward auth. It has no answer of its own: it
 * forwards the question to its application, for visitors who may log in, and for everybody if it skips the question's path.
 * The answer of the application counts (`configureProxy`).
 */
export function admittedByQuestion(view: View, provider: ProxyProviderPart, host: string): Admission {
  const forwarded = maySkipQuestion(provider)
    ? everybody
    : admittedToLogin(view, provider.id, provider.trusts);
  return allOf(answerTo(provider, host), forwarded);
}

function answerTo({ id }: ProxyProviderPart, host: string): Admission {
  return unknown('provider of mode proxy', `${id}, ${host}`);
}

/** True if an expression may match the path of a question: `/outpost.goauthentik.io/auth/traefik`. */
function maySkipQuestion({ skipPaths }: ProxyProviderPart): boolean {
  return expressionsIn(skipPaths).some((line) => mayMatchBeyond(line, `${outpostPath}/auth`));
}

/** An outpost does not get providers without an application, but gates may not know that of one. */
function mayServe(view: View, outpost: string, provider: string): boolean {
  const isListed = view.parts('outpost-entry', entryKey(outpost, provider)).length > 0;
  return isListed && (!areLinksRead(view) || linksOf(view, provider).length > 0);
}

/** Its links to applications that exist: a removed application takes its link along. */
function linksOf(view: View, provider: string): readonly ProviderLinkPart[] {
  return view
    .parts('provider-link', provider)
    .filter(({ application }) => view.parts('application', application).length > 0);
}

/** True if a provider may answer for a host, maybe one of several. An empty cookie domain never matches. */
export function mayAnswer({ mode, externalHost, cookieDomain }: ProxyProviderPart, host: string): boolean {
  const domain = withoutDot(cookieDomain);
  if (hostOfUrl(externalHost) === host) return true;
  return mode === 'forward_domain' && domain !== '' && host.endsWith(domain);
}

/** The visitors whom a provider admits to a path: everybody if it skips the path, else those who may log in at it. */
export function admittedByProvider(
  view: View,
  provider: ProxyProviderPart,
  { host, path }: { readonly host: string; readonly path: string },
): Admission {
  const spellings = provider.mode === 'forward_domain' ? readingsOf(path) : decodedReadingsOf(path);
  const readings = spellings.map((reading) => [reading, skips(provider, host, reading)] as const);
  const about = `outpost, ${host}${path}`;
  const skipped = anyOf(
    ...alternatives('path spelling', about, readings).map(({ when, item }) => {
      if (item === true) return when;
      return allOf(when, anyOf(...item.map((line) => unknown('query', `${line}, ${host}${path}`))));
    }),
  );
  view.weigh?.({ layer: 'Authentik', part: provider, admits: skipped });
  return anyOf(admittedToLogin(view, provider.id, provider.trusts), skipped);
}

/**
 * Modes `forward_single` and `proxy` match the decoded path. `forward_domain` matches the complete URL as sent
 * (`IsAllowlisted`, `u.String()`), to which a visitor can add any query. Returns true if it skips the path; otherwise
 * the expressions that some query may match. An expression that Go does not compile is logged and left out.
 */
function skips({ mode, skipPaths }: ProxyProviderPart, host: string, path: string): true | readonly string[] {
  const text = mode === 'forward_domain' ? `https://${host}${path}` : path;
  const lines = expressionsIn(skipPaths);
  if (lines.some((line) => expressionOf(line)?.matches(text))) return true;
  return mode === 'forward_domain' ? lines.filter((line) => mayMatchBeyond(line, `${text}?`)) : [];
}

function expressionsIn(skipPaths: string): readonly string[] {
  if (skipPaths === '') return [];
  return skipPaths.split('\n').filter((line) => expressionOf(line) !== undefined);
}

/** The visitors who may log in at the client of an application, whatever protocol it speaks. */
export function admittedToClient(view: View, application: string): Admission {
  if (!areLinksRead(view) || view.unread('client') || view.unread('other-client'))
    return unknown('not read', `Authentik for ${application}`);
  const providers = view
    .parts('provider-link', linkedKey(application))
    .flatMap(({ provider }) => [
      ...view.parts('client', provider),
      ...view.parts('other-client', provider).map(({ id }) => ({ id, trusts: [] })),
    ]);
  return anyOf(...providers.map(({ id, trusts }) => admittedToLogin(view, id, trusts)));
}

/** Visitors who may log in at a provider, or bring a token of one that it trusts. Without an application: nobody. */
function admittedToLogin(view: View, provider: string, trusts: readonly string[]): Admission {
  return anyOf(
    ...[provider, ...trusts].flatMap((id) =>
      areLinksRead(view)
        ? linksOf(view, id).map(({ application }) =>
            allOf(passedFlow(view, id), admittedByBindings(view, application)),
          )
        : [unknown('not read', `login at ${id}`)],
    ),
  );
}

/** The visitors who pass the authorization flow of a provider. That of all providers asks for nothing but the login. */
function passedFlow(view: View, provider: string): Admission {
  const [{ flow } = {}] = [
    ...view.parts('proxy-provider', provider),
    ...view.parts('client', provider),
    ...view.parts('other-client', provider),
  ];
  if (flow !== undefined) return { has: 'authentik-rule', id: flow };
  return view.unread('client') ? unknown('not read', `flow of ${provider}`) : everybody;
}

/**
 * The visitors whom the bindings of an application admit (`policies/engine.py`): without an enabled one, everybody with
 * an account. Those of groups and users have one verdict together, which until February 2026
 * (goauthentik/authentik#20430) the engine `all` evaluated as `any`; policies have one each.
 */
function admittedByBindings(view: View, application: string): Admission {
  const account: Admission = { has: 'account' };
  if (view.unread('binding') || view.unread('group-parent'))
    return allOf(account, unknown('not read', `bindings of ${application}`));
  const bindings = view.parts('binding', application, ({ enabled }) => enabled);
  if (bindings.length === 0) return account;
  const others = bindings.filter(({ group, user }) => group === undefined && user === undefined);
  const judged = bindings.map((binding) => {
    const admits = verdictOf(view, binding, others.indexOf(binding));
    view.weigh?.({ layer: 'Authentik', part: binding, admits });
    return { admits, isPolicy: others.includes(binding) };
  });
  const verdicts = judged.map(({ admits }) => admits);
  const engine = view.parts('application', application)[0]?.engine ?? 'any';
  if (engine === 'any') return allOf(account, anyOf(...verdicts));
  const named = judged.flatMap(({ admits, isPolicy }) => (isPolicy ? [] : [admits]));
  const policies = judged.flatMap(({ admits, isPolicy }) => (isPolicy ? [admits] : []));
  if (named.length < 2) return allOf(account, ...verdicts);
  const early = allOf(unknown('release of Authentik', 'the server'), anyOf(...named));
  return allOf(account, ...policies, anyOf(allOf(...named), early));
}

function verdictOf(view: View, binding: BindingPart, place: number): Admission {
  const agrees = agreementOf(view, binding, place);
  return binding.negated ? negated(agrees) : agrees;
}

function agreementOf(
  view: View,
  { group, user, policy, application, id }: BindingPart,
  place: number,
): Admission {
  if (group !== undefined)
    return anyOf(...groupsWithin(view, group, 'id').map((each): Admission => ({ has: 'group', id: each })));
  if (user !== undefined) return { has: 'user', id: user };
  if (policy !== undefined) return { has: 'authentik-rule', id: policy };
  return unknown('binding of a policy', `${id ?? place + 1} of ${application}`);
}

/** The outpost removes one dot (`TrimPrefix`). */
function withoutDot(cookieDomain: string): string {
  return cookieDomain.startsWith('.') ? cookieDomain.slice(1) : cookieDomain;
}
