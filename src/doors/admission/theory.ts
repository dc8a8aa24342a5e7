import ipaddr from 'ipaddr.js';
import type { Credential } from './admission.ts';

/**
 * The consequence of holding one credential for another, for one visitor at one moment: it is held too, it cannot be
 * held, or undefined. Two logins do not exclude each other: a visitor may log in twice.
 */
export function entailed(held: Credential, other: Credential): boolean | undefined {
  switch (held.has) {
    case 'email':
      if (other.has === 'email') return same(held.address, other.address);
      if (other.has === 'email-domain') return same(domainOf(held.address), other.domain);
      return holds(other.has === 'identity');
    case 'email-domain':
      if (other.has === 'email-domain') return same(held.domain, other.domain);
      if (other.has === 'email') return excluded(!same(domainOf(other.address), held.domain));
      return holds(other.has === 'identity');
    case 'login':
    case 'authentication-method':
    case 'approval':
      return holds(other.has === 'identity');
    case 'claim':
      if (other.has === 'login') return holds(other.provider === held.provider);
      return holds(other.has === 'identity');
    case 'certificate':
      return holds(
        other.has === 'certificate' && other.commonName === undefined && other.authority === held.authority,
      );
    case 'service-token':
      return holds(other.has === 'any-service-token');
    case 'user':
      // A visitor has one account.
      return other.has === 'user' ? held.id === other.id : holds(other.has === 'account');
    case 'group':
    case 'authentik-rule':
      return holds(other.has === 'account');
    case 'audience':
      return holds(other.has === 'bearer' && other.configuration === held.configuration);
    case 'country':
      return other.has === 'country' ? same(held.code, other.code) : undefined;
    case 'network':
      return other.has === 'network' ? within(held.range, other.range) : undefined;
    default:
      return undefined;
  }
}

function holds(follows: boolean): true | undefined {
  return follows ? true : undefined;
}

function excluded(contradicts: boolean): false | undefined {
  return contradicts ? false : undefined;
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** True if every address in `inner` lies in `outer`, false if none does, else undefined. A request has one address. */
function within(inner: string, outer: string): boolean | undefined {
  const [small, large] = [networkOf(inner), networkOf(outer)];
  if (small === undefined || large === undefined) return undefined;
  if (small.address.kind() !== large.address.kind()) return false;
  if (contains(large, small)) return true;
  return contains(small, large) ? undefined : false;
}

interface Network {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

function networkOf(range: string): Network | undefined {
  const [text = ''] = range.split('/');
  if (!ipaddr.isValid(text)) return undefined;
  const whole = ipaddr.parse(text).kind() === 'ipv6' ? 128 : 32;
  if (!range.includes('/')) return { address: ipaddr.parse(text), bits: whole };
  if (!ipaddr.isValidCIDR(range)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(range);
  return { address, bits };
}

function contains(outer: Network, inner: Network): boolean {
  return outer.bits <= inner.bits && inner.address.match(outer.address, outer.bits);
}
