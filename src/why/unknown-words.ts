import type { Unknown } from '../doors/admission/admission.ts';
import { withShortNames } from './names.ts';

/**
 * The unknown facts, by the reasons of decision 34, in words that follow *gates does not know*. A reason that is
 * missing here is one of a choice.
 */
export const unknownWords: Readonly<Record<string, string>> = {
  'not read': 'what the list says that it could not read',
  'too many choices': "which of many changes Cloudflare's edge already has",
  'delegated name': 'where the name servers elsewhere lead the name',
  'foreign rule': 'what a rule that gates did not write does with the request',
  'overlapping operations': 'which of several saved operations the request belongs to',
  'path spelling': 'how every layer reads this path',
  'path pattern': 'whether a destination with * covers what lies below it',
  'overlapping destinations': 'which of several applications guards the path',
  'unknown policy': 'what a policy says that it could not find',
  selector: 'whom a selector means that gates does not read',
  'selector before the login':
    'what Access makes of a selector about people in a Bypass or Service Auth policy',
  'token without Service Auth': 'whether a service token counts in an Allow or Block policy',
  'device login': 'whether WARP knows the device',
  'place of the login': 'from where, and with what device, somebody logged in',
  'login past a bypass': 'whether somebody may log in at an application that lets them past without a login',
  'way around': 'what a setting of the application does that gates does not know',
  'session without a policy': 'whether a session lasts at an application that lets nobody log in',
  'session of a token': 'whether a session lasts without its service token',
  'policies of a session': 'whether a session obeys policies that are newer than it',
  'foreign Worker': 'what a Worker answers that gates does not know',
  'request to a Worker': 'whether the Worker passes the request on',
  copies: 'whether Cloudflare has a copy of the answer',
  'rules of a tunnel': 'the rules of the tunnel',
  origin: 'whether the origin asks anybody, and whom it admits',
  'forwarding headers': "whether the origin believes a visitor's forwarding headers",
  'login elsewhere': 'whether somebody can log in at another application of the outpost',
  'host that the origin names': 'for which host the origin asks the outpost',
  'path of the outpost': 'what the origin does with the paths of the outpost',
  query: 'whether a query can make a skipped URL of another one',
  'equal providers': 'which of several providers for the same host the outpost uses',
  'outpost with one provider': 'whether the outpost is the embedded one',
  'provider of mode proxy': 'what the application answers to the question of forward auth',
  'binding of a policy': 'the verdict of a binding of a policy',
  'release of Authentik': 'which release of Authentik this is',
  'not yet at the edge': "whether Cloudflare's edge already has a change",
};

/** Reasons with a fact about an object that a person can look up. */
const named: ReadonlySet<string> = new Set([
  ...[
    'not read',
    'foreign rule',
    'foreign Worker',
    'unknown policy',
    'selector',
    'way around',
    'equal providers',
  ],
  ...['overlapping destinations', 'binding of a policy', 'origin', 'not yet at the edge'],
]);

/** An unstated fact about a visitor: `is in group admins`. */
function visitorWords(about: string): string {
  return withShortNames(
    about
      .replace('authentik/group:', 'group ')
      .replace('authentik/flow:', 'the flow ')
      .replace('authentik/policy:', 'the policy ')
      .replace('cloudflare/service-token:', 'service token '),
  );
}

/** The unknown facts in words: `whether the visitor is in group admins`. */
export function unknownText({ reason, about }: Unknown): string {
  if (reason === 'visitor') return `whether the visitor ${visitorWords(about)}`;
  const words = unknownWords[reason] ?? reason;
  return named.has(reason) && about !== '' ? `${words} (${withShortNames(about)})` : words;
}

/** Several facts in one text, equal ones once. */
export function unknownTexts(facts: readonly Unknown[]): string {
  const texts = facts.filter(({ reason }) => reason === 'visitor').map(({ about }) => visitorWords(about));
  // A member of a group has an account.
  const isGrouped = texts.some((about) => about.startsWith('is in group '));
  const ofVisitor = texts.filter((about) => !(isGrouped && about.startsWith('has an account ')));
  const others = facts.filter(({ reason }) => reason !== 'visitor').map(unknownText);
  const visitor = ofVisitor.length === 0 ? [] : [`whether the visitor ${ofVisitor.join(', or ')}`];
  return [...new Set([...visitor, ...others])].join('; ');
}
