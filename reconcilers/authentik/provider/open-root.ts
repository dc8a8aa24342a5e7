import { RE2JS } from 're2js';
import type { ProxyProviderSpec } from './proxy-form.ts';

/**
 * True if an outpost asks nobody at the root of some host of the provider, since an expression for open paths matches it. Mode
 * `forward_domain` compares the complete URL as sent (`IsAllowlisted`, `u.String()`).
 */
export function opensRoot({
  mode,
  hosts,
  skipPathRegex,
}: Pick<ProxyProviderSpec, 'mode' | 'hosts' | 'skipPathRegex'>): boolean {
  const roots = mode === 'forward_domain' ? hosts.map((host) => `https://${host}/`) : ['/'];
  const lines = skipPathRegex.split('\n').filter((line) => line !== '');
  return lines.some((line) => {
    try {
      const expression = RE2JS.compile(line);
      return roots.some((root) => expression.matcher(root).find());
    } catch {
      // The outpost leaves out an expression that does not compile.
      return false;
    }
  });
}
