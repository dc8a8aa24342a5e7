import type { AskedFor } from '../../core/verify-challenge.ts';
import { decodePath, isPlain } from '../../desired/terms/paths.ts';
import type { Operation } from '../../gates/shared/gate-row.ts';

/**
 * True if a request is one of the operations. A path that another program may read differently, because of an encoded
 * slash, dots, an empty segment, or overlong UTF-8, is never one.
 */
export function isOperation(operations: readonly Operation[], { method, uri }: AskedFor): boolean {
  const raw = uri.split(/[?#]/, 1)[0] ?? '';
  const path = isUtf8(raw) ? decodePath(raw) : undefined;
  if (path === undefined || !raw.startsWith('/') || !isPlain(path) || /%2f/i.test(raw)) return false;
  const segments = path.split('/');
  return operations.some((operation) => operation.method === method && matches(operation.path, segments));
}

/** True if the escapes of a path are UTF-8 in the shortest form: some servers read `%c0%af` as a slash. */
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** `{name}` stands for one segment. */
function matches(path: string, segments: readonly string[]): boolean {
  const wanted = path.split('/');
  return (
    wanted.length === segments.length &&
    wanted.every((part, index) =>
      /^\{[^/]*\}$/.test(part) ? segments[index] !== '' : part === segments[index],
    )
  );
}
