import type * as file from '../../schema/generated/config.ts';

/** The origin of a server that a person names, and a remark if its certificate is not checked. */
export function originAt(
  url: string,
  tunnel: string,
): { readonly origin: file.Origin; readonly remark?: string } {
  const bare = url.replace(/\/$/, '');
  if (!/^https:\/\//i.test(bare) || !URL.canParse(bare)) return { origin: { tunnel, url: bare } };
  const { hostname } = new URL(bare);
  if (!isPrivateName(hostname)) return { origin: { tunnel, url: bare } };
  return {
    origin: { tunnel, url: bare, noTLSVerify: true },
    remark: `The file has noTLSVerify for ${hostname}: public authorities sign no certificate for such a name`,
  };
}

/** True for IP addresses, for names without a dot, and for endings that exist only in private networks. */
function isPrivateName(hostname: string): boolean {
  return (
    /^[\d.]+$|^\[/.test(hostname) ||
    !hostname.includes('.') ||
    /\.(?:lan|local|internal|home|home\.arpa|localdomain|test)$/i.test(hostname)
  );
}
