import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { type Seen, visit } from './scene.ts';

/** Whom a browser logs in as, and what it clicks on where Access lets it choose. */
export interface Habits {
  /** At Authentik. */
  username?: string;
  /** Where an address is asked for. */
  email?: string;
  /** Id of an identity provider of Access. */
  chooses?: string;
}

/** Where following redirects ended, and every address on the way. */
export interface Landing extends Seen {
  url: string;
  way: readonly string[];
}

export interface Browser {
  /** Follows redirects, logs in and chooses; stops before it calls the path `until`, and after twenty redirects. */
  follow(url: string, options?: { until?: string }): Promise<Landing>;
  /** How often a form was filled in. */
  logins(): number;
}

const MOST_REDIRECTS = 20;

/** A browser of its own, which keeps the cookies of each host apart. */
export function browserOf(world: World, habits: Habits): Browser {
  const jar = new Map<string, Map<string, string>>();
  let forms = 0;

  async function go(address: string, body = ''): Promise<Seen> {
    const { host } = new URL(address);
    const kept = jar.get(host) ?? new Map<string, string>();
    const cookie = [...kept].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      ...(cookie === '' ? {} : { cookie }),
      ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    if (body !== '') forms += 1;
    const seen = await visit(world, address, headers, body === '' ? 'GET' : 'POST', body);
    const [, name, value = ''] = /^([^=]+)=([^;]*)/.exec(seen.headers.get('set-cookie') ?? '') ?? [];
    if (name !== undefined) jar.set(host, kept.set(name, value));
    return seen;
  }

  /** What a person fills in on this page; empty where there is nothing to. */
  function formOn(page: Seen): string {
    const { username, email } = habits;
    if (username !== undefined && page.text.includes('name="uid_field"')) return `uid_field=${username}`;
    if (email === undefined || !page.text.includes('name="email"')) return '';
    return new URLSearchParams({ email }).toString();
  }

  /** The address with the choice in it, where a person has one. */
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
        const seen = form === '' ? page : await go(next.href, form);
        const location = seen.headers.get('location');
        const landing = { ...seen, url: next.href, way };
        if (location === null || way.length > MOST_REDIRECTS) return landing;
        next = chosen(new URL(location, next));
        if (next.pathname === until) return { ...landing, url: next.href };
      }
    },
  };
}
