import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { type Seen, visit } from './scene.ts';

/** The person of a browser, and their choices where Access offers some. */
export interface Habits {
  /** The username at Authentik. */
  username?: string;
  /** Shows a second factor at Authentik. */
  mfa?: true;
  /** The email address for a form that asks for one. */
  email?: string;
  /** The reason for a page that asks for one. */
  reason?: string;
  /** The id of an identity provider of Access. */
  chooses?: string;
}

/** The end of a chain of redirects, with every address on the way. */
export interface Landing extends Seen {
  url: string;
  way: readonly string[];
}

export interface Browser {
  /** Follows redirects, logs in and chooses; stops before it calls the path `until`, and after twenty redirects. */
  follow(url: string, options?: { until?: string }): Promise<Landing>;
  /** The number of forms that were filled in. */
  logins(): number;
}

const MOST_REDIRECTS = 20;

/** A new browser, which keeps the cookies of each host apart, but for those of a domain. */
export function browserOf(world: World, habits: Habits): Browser {
  const jar = new Map<string, Map<string, string>>();
  let forms = 0;

  async function go(address: string, body = ''): Promise<Seen> {
    const { host } = new URL(address);
    const held = [...jar].flatMap(([domain, cookies]) =>
      host === domain || (domain.startsWith('.') && host.endsWith(domain)) ? [...cookies] : [],
    );
    const cookie = held.map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      ...(cookie === '' ? {} : { cookie }),
      ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    if (body !== '') forms += 1;
    const seen = await visit(world, address, headers, body === '' ? 'GET' : 'POST', body);
    const line = seen.headers.get('set-cookie') ?? '';
    const [, name, value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const [, domain] = /; Domain=([^;]+)/.exec(line) ?? [];
    const place = domain === undefined ? host : `.${domain}`;
    const kept = jar.get(place) ?? new Map<string, string>();
    if (name !== undefined) jar.set(place, kept.set(name, value));
    return seen;
  }

  /** The person's entries for the form on this page; empty without a form. */
  function formOn(page: Seen): string {
    const { username, email, mfa, reason } = habits;
    if (reason !== undefined && page.text.includes('name="justification"'))
      return new URLSearchParams({ justification: reason }).toString();
    if (username !== undefined && page.text.includes('name="uid_field"'))
      return `uid_field=${username}${mfa ? '&mfa=on' : ''}`;
    if (email === undefined || !page.text.includes('name="email"')) return '';
    return new URLSearchParams({ email }).toString();
  }

  /** The address of the person's choice. */
  function chosen(url: URL): URL {
    if (!url.pathname.startsWith('/cdn-cgi/access/login/') || habits.chooses === undefined) return url;
    const next = new URL(url);
    next.searchParams.set('idp', habits.chooses);
    return next;
  }

  return {
    logins: () => forms,
    async follow(url, { until } = {}) {
      const way: string[] = [];
      for (let next = chosen(new URL(url)); ; ) {
        way.push(next.href);
        const page = await go(next.href);
        const form = formOn(page);
        const [, action] = /action="([^"]+)"/.exec(page.text) ?? [];
        const target = action === undefined ? next : new URL(action.replaceAll('&amp;', '&'), next);
        const seen = form === '' ? page : await go(target.href, form);
        const location = seen.headers.get('location');
        const landing = { ...seen, url: next.href, way };
        if (location === null || way.length > MOST_REDIRECTS) return landing;
        next = chosen(new URL(location, next));
        if (next.pathname === until) return { ...landing, url: next.href };
      }
    },
  };
}
