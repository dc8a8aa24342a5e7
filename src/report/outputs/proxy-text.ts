import { type ForwardedHost, type ProxyAsked, servedFace, type VerifiedHost } from './proxied-hosts.ts';

export type Lines = readonly string[];

/** The blocks of a configuration in the syntax of one proxy. */
interface ProxyBlocks {
  /** Blocks in front of all hosts. */
  readonly head: readonly Lines[];
  /** The block of a host about which the proxy asks the outpost. */
  readonly forwarded: (host: ForwardedHost) => Lines;
  /** The block of the host of Authentik's login page. */
  readonly loginHost: (face: ForwardedHost) => Lines;
  /** The block of a host about which the proxy asks the daemon. */
  readonly judged: (host: VerifiedHost) => Lines;
}

/** The configuration of a proxy: a block for each host of the file, with an empty line between them. */
export function proxyText(asked: ProxyAsked, { head, forwarded, loginHost, judged }: ProxyBlocks): string {
  const { hosts, verified } = asked;
  if (hosts.length + verified.length === 0) return '# No host of this file is asked about by its origin.\n';
  const face = servedFace(asked);
  const blocks = [
    ...head,
    ...hosts.map(forwarded),
    ...(face === undefined ? [] : [loginHost(face)]),
    ...verified.map(judged),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
