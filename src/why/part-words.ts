import type { Part } from '../core/objects/part.ts';
import type { Selector } from '../core/objects/parts/access-parts.ts';
import type { BindingPart } from '../core/objects/parts/authentik-parts.ts';
import { shortName, withShortNames } from './names.ts';

/** An object by which a layer decides, in words. `because`: the entry of the file that asks for it. */
export function partWords(part: Part, because?: string): string {
  switch (part.part) {
    case 'record':
      return `${part.type} ${part.name} → ${targetOf(part.content)}${part.proxied ? ', proxied' : ', not proxied'}`;
    case 'edge-rule':
      return edgeRuleWords(part.rule);
    case 'operation':
      return `operation ${part.method} ${part.endpoint}`;
    case 'token-rule':
      if (part.action === 'log') return 'a rule of API Shield that only logs bad tokens';
      if (part.configuration === undefined) return 'a rule of API Shield that gates does not know';
      return `API Shield asks for a token that ${shortName(part.configuration)} accepts`;
    case 'access-application':
      return `application ${shortName(part.id)}${because === undefined ? ` (${part.destinations.join(', ')})` : ''}`;
    case 'access-policy':
      return `policy ${shortName(part.id)} (${decisions[part.decision]})`;
    case 'worker-route':
      return `${part.pattern} → ${part.script === '' ? 'no Worker' : `Worker ${part.script}`}`;
    case 'cache-rule':
      return part.keepsOut ? 'a rule keeps the answers out of the cache' : 'a rule of others about the cache';
    case 'tunnel-rule':
      return tunnelRuleWords(part, because);
    case 'origin':
      return `${part.service} ${asks[part.asks.who]}`;
    case 'proxy-provider':
      return `provider ${shortName(part.id)} for ${part.externalHost}`;
    case 'binding':
      return `binding: ${part.negated ? 'not ' : ''}${boundWords(part)}`;
    default:
      return part.part;
  }
}

const decisions = {
  allow: 'Allow',
  deny: 'Block',
  bypass: 'Bypass',
  non_identity: 'Service Auth',
} as const;

const asks = {
  nobody: '(what the service asks by itself, gates does not see)',
  outpost: 'asks the outpost of Authentik about each request',
  authentik: 'is Authentik, whose outpost passes requests on',
  itself: 'decides by itself',
} as const;

function targetOf(content = ''): string {
  const [, tunnel] = /^(.*)\.cfargotunnel\.com$/.exec(content) ?? [];
  return tunnel === undefined ? content : `tunnel ${shortName(tunnel)}`;
}

function edgeRuleWords(rule: Extract<Part, { part: 'edge-rule' }>['rule']): string {
  switch (rule.blocks) {
    case 'other-operations':
      return 'a custom rule blocks what is no saved operation';
    case 'other-audiences':
      return `a custom rule blocks requests without a token for ${shortName(rule.audience)}`;
    case 'nothing':
      return "a custom rule skips Cloudflare's own products";
    case 'unknown':
      return `a custom rule (${rule.action}) that gates does not know`;
  }
}

function tunnelRuleWords(
  { tunnel, hostname, path, service, audiences }: Extract<Part, { part: 'tunnel-rule' }>,
  because: string | undefined,
): string {
  // The entry of the file names the path better than the expression that gates makes of it.
  const shownPath = path && !because?.includes('.paths.') ? ` ${path}` : '';
  const at = `${hostname === '' ? '*' : hostname}${shownPath}`;
  const asked =
    audiences === undefined ? '' : `, with a token of Access for ${audiences.map(shortName).join(' or ')}`;
  return `${shortName(tunnel)}: ${at} → ${service}${asked}`;
}

/** A selector of Access in words: `email me@example.dev`. */
export function selectorWords(selector: Selector): string {
  const [[name, fields] = ['', {}]] = Object.entries(selector);
  const values = Object.entries(fields).filter(
    ([field]) => !/^(identity_provider_id|claim_name)$/.test(field),
  );
  const text = values.map(([, value]) => withShortNames(value)).join(' ');
  const { claim_name: claim } = fields;
  return [selectorNames[name] ?? claim ?? name, text].filter((part) => part !== '').join(' ');
}

const selectorNames: Readonly<Record<string, string>> = {
  everyone: 'everyone',
  email: 'email',
  email_domain: 'addresses at',
  ip: 'network',
  geo: 'country',
  login_method: 'login by',
  service_token: 'service token',
  any_valid_service_token: 'any service token',
  approval: 'the approval of',
};

function boundWords({ group, user, policy }: BindingPart): string {
  if (group !== undefined) return `group ${shortName(group)}`;
  if (policy !== undefined) return `policy ${shortName(policy)}`;
  return user === undefined ? 'a policy' : `user ${shortName(user)}`;
}
