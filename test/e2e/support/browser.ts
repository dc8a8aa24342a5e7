import type { SandboxProcess } from './processes.ts';

/** The end of a chain of redirects, with every address on the way. */
export interface Landing {
  readonly status: number;
  readonly url: string;
  readonly body: string;
  readonly way: readonly string[];
}

export interface Browser {
  /** Follows redirects, and fills in forms with what it knows. */
  follow(url: string): Promise<Landing>;
  /** The number of forms that were filled in. */
  logins(): number;
}

const mostRedirects = 20;

/**
 * A browser of a person with this account and address. It keeps the cookies of each host apart, except those of a
 * complete domain.
 */
export function browserOf(
  sandbox: SandboxProcess,
  { username, email }: { readonly username?: string; readonly email?: string },
): Browser {
  const jar = new Map<string, Map<string, string>>();
  let forms = 0;

  async function go(address: string, form?: string): Promise<Response> {
    const { host } = new URL(address);
    const kept = [...jar].filter(([of]) => of === host || (of.startsWith('.') && `.${host}`.endsWith(of)));
    const cookie = kept
      .flatMap(([, cookies]) => [...cookies])
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const reply = await sandbox.fetch(address, {
      headers: {
        ...(cookie !== '' && { cookie }),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form !== undefined && { method: 'POST', body: form }),
    });
    const line = reply.headers.get('set-cookie') ?? '';
    const [, name, value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const [, domain] = /; *Domain=\.?([^;]+)/i.exec(line) ?? [];
    const of = domain === undefined ? host : `.${domain}`;
    if (name !== undefined) jar.set(of, new Map([...(jar.get(of) ?? []), [name, value]]));
    return reply;
  }

  /** The person's entries for the form on the page; undefined if there is none. */
  function formOn(page: string): string | undefined {
    if (username !== undefined && page.includes('name="uid_field"')) return `uid_field=${username}`;
    if (email === undefined || !page.includes('name="email"')) return undefined;
    return new URLSearchParams({ email }).toString();
  }

  return {
    logins: () => forms,
    async follow(url) {
      const way: string[] = [];
      let next = new URL(url);
      for (;;) {
        way.push(next.href);
        let reply = await go(next.href);
        let body = await reply.text();
        const form = formOn(body);
        if (form !== undefined) {
          forms += 1;
          reply = await go(next.href, form);
          body = await reply.text();
        }
        const location = reply.headers.get('location');
        if (location === null || way.length > mostRedirects) {
          return { status: reply.status, url: next.href, body, way };
        }
        next = new URL(location, next);
      }
    },
  };
}
